/* rill-server - a minimal server: sends back what the client has sent, once
 *
 * docs/calls.md shows the segments that each call causes. */
#include <arpa/inet.h>
#include <err.h>
#include <rill/host.h>

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    char text[1024];
    rill_host_options_parse(&options, &argc, argv, "rill-server - serves one client, once",
                            "rill-server [OPTIONS]\n  --port N [7]\n"
                            "Exit status: 0, 1 if something failed, 2 for a bad option.\n");
    if (argc > 1)
        errx(2, "%s: no such option (--help lists them)", argv[1]);
    struct rill_host *host = rill_host_open(&options, &diagnostic);
    if (!host)
        errx(1, "%s", diagnostic.text);

    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_port = htons(options.port ? options.port : 7)};
    int listener = rill_socket(AF_INET, SOCK_STREAM, 0);
    if (rill_bind(listener, (struct sockaddr *)&here, sizeof here) != 0)
        err(1, "bind");
    if (rill_listen(listener, 1) != 0)
        err(1, "listen");
    int fd = rill_accept(listener, NULL, NULL);
    if (fd < 0)
        err(1, "accept");
    ssize_t n = rill_recv(fd, text, sizeof text, 0);
    if (n < 0 || rill_send(fd, text, (size_t)n, 0) != n)
        err(1, "recv, send");
    rill_close(fd);
    rill_close(listener);
    rill_host_close(host);
    return 0;
}
