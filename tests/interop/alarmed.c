/* A client whose alarm comes while it waits in rill_recv: the handler calls exit(3), as programs
 * do. What was sent is acknowledged first, and the peer is told. */
#include <arpa/inet.h>
#include <err.h>
#include <rill/host.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void give_up(int number)
{
    (void)number;
    exit(7);
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(&options, &argc, argv, "alarmed", "");
    if (!rill_host_open(&options, &diagnostic))
        errx(1, "%s", diagnostic.text);
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(options.port)};
    inet_pton(AF_INET, "192.0.2.1", &peer.sin_addr);
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    if (rill_connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0)
        err(1, "cannot connect");
    if (rill_send(fd, "last words\n", 11, 0) != 11)
        err(1, "cannot send");
    signal(SIGALRM, give_up);
    alarm(1);
    char byte;
    rill_recv(fd, &byte, 1, 0);
    errx(1, "nobody came");
}
