/* rill-client - a minimal client: sends a greeting, and prints the answer
 *
 * docs/calls.md shows the segments that each call causes. */
#include <arpa/inet.h>
#include <err.h>
#include <rill/host.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    char text[1024];
    rill_host_options_parse(&options, &argc, argv, "rill-client - says hello to a server, once",
                            "rill-client [OPTIONS] ADDRESS\n  --port N [7]\n"
                            "Exit status: 0, 1 if something failed, 2 for a bad option.\n");
    if (argc > 1 && argv[1][0] == '-')
        errx(2, "%s: no such option (--help lists them)", argv[1]);
    struct sockaddr_in there = {.sin_family = AF_INET,
                                .sin_port = htons(options.port ? options.port : 7)};
    if (argc != 2 || inet_pton(AF_INET, argv[1], &there.sin_addr) != 1)
        errx(2, "wanted: the IPv4 address of a server, and no more");
    struct rill_host *host = rill_host_open(&options, &diagnostic);
    if (!host)
        errx(1, "%s", diagnostic.text);

    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    if (rill_connect(fd, (struct sockaddr *)&there, sizeof there) != 0)
        err(1, "connect");
    if (rill_send(fd, "hello\n", 6, 0) != 6)
        err(1, "send");
    ssize_t n = rill_recv(fd, text, sizeof text, 0);
    if (n < 0)
        err(1, "recv");
    fwrite(text, 1, (size_t)n, stdout);
    rill_close(fd);
    rill_host_close(host);
    if (fflush(stdout) != 0 || ferror(stdout))
        err(1, "standard output");
    return 0;
}
