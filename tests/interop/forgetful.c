/* A server that never closes what it has accepted, whatever its peers do: how connections come to
 * stay in CLOSE_WAIT. */
#include <err.h>
#include <netinet/in.h>
#include <rill/host.h>

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(&options, &argc, argv, "forgetful", "");
    struct rill_host *host = rill_host_open(&options, &diagnostic);
    if (!host)
        errx(1, "%s", diagnostic.text);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(options.port)};
    int listener = rill_socket(AF_INET, SOCK_STREAM, 0);
    if (rill_bind(listener, (struct sockaddr *)&any, sizeof any) != 0 ||
        rill_listen(listener, 5) != 0)
        err(1, "cannot listen");
    while (rill_accept(listener, NULL, NULL) >= 0)
        ;
    rill_host_close(host);
    return 0;
}
