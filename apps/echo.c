/* rill-echo - sends back what comes (RFC 862), over TCP and UDP
 *
 *     rill-echo [--port N] [shared options]
 *
 * A coroutine for each connection, written as if it were alone: it sends all that it has received
 * before it reads on, so that TCP's window stops a client who only talks. A client who shuts its
 * sending side down gets the rest and then our end.
 *
 * Ctrl-C ends it. Exit status: 0, 1 if something failed, 2 for a bad option. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <rill/cores.h>
#include <rill/coroutine.h>
#include <stdint.h>

#define BUFFER_SIZE 16384
#define BREATH RILL_MILLISECONDS(10) /* where there is no room for another connection */

static int open_socket(int type, uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = rill_socket(AF_INET, type, 0);
    if (fd < 0)
        err(1, "cannot make a socket");
    if (rill_bind(fd, (struct sockaddr *)&any, sizeof any) != 0)
        err(1, "cannot bind to port %u", port);
    if (type == SOCK_STREAM && rill_listen(fd, SOMAXCONN) != 0)
        err(1, "cannot listen on port %u", port);
    return fd;
}

static int descriptor(void *handed)
{
    return (int)(intptr_t)handed;
}

static void *handed(int fd)
{
    return (void *)(intptr_t)fd;
}

static void *echo_stream(void *connection)
{
    char buffer[BUFFER_SIZE];
    int fd = descriptor(connection);
    rill_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* echo at once */
    for (ssize_t n; (n = rill_recv(fd, buffer, sizeof buffer, 0)) > 0;)
        if (rill_send(fd, buffer, (size_t)n, MSG_NOSIGNAL) != n)
            break;
    rill_close(fd); /* what was sent still arrives, and our FIN behind it */
    return NULL;
}

static void begin_client(int fd)
{
    struct rill_coroutine *client = rill_go(echo_stream, handed(fd));
    if (client)
        rill_detach(client);
    else
        rill_close(fd);
}

static void *accept_clients(void *listener)
{
    for (;;) {
        int fd = rill_accept(descriptor(listener), NULL, NULL);
        if (fd >= 0)
            begin_client(fd);
        else if (errno == ECANCELED || rill_sleep(BREATH) != 0)
            return NULL;
    }
}

static void *echo_datagrams(void *socket)
{
    static char datagram[65536]; /* one coroutine alone uses it */
    int fd = descriptor(socket);
    struct sockaddr_in from, ours;
    socklen_t length = sizeof ours;
    rill_getsockname(fd, (struct sockaddr *)&ours, &length);
    for (;;) {
        length = sizeof from;
        ssize_t n =
            rill_recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &length);
        if (n < 0 && errno == ECANCELED)
            return NULL;
        /* Two echo servers whom somebody introduced with a forged source would never stop talking.
         */
        if (n >= 0 && from.sin_port != ours.sin_port)
            rill_sendto(fd, datagram, (size_t)n, MSG_NOSIGNAL, (struct sockaddr *)&from, length);
    }
}

/* One core's life, until Ctrl-C. */
static void serve(struct rill_host *host, unsigned core, void *context)
{
    (void)core;
    uint16_t port = *(const uint16_t *)context;
    struct rill_scheduler *scheduler = rill_scheduler_new(rill_host_stack(host), NULL);
    if (!scheduler || !rill_go(accept_clients, handed(open_socket(SOCK_STREAM, port))) ||
        !rill_go(echo_datagrams, handed(open_socket(SOCK_DGRAM, port))))
        err(1, "cannot make coroutines");
    int stopped = rill_scheduler_run(scheduler) != 0 ? errno : 0;
    rill_scheduler_free(scheduler);
    if (stopped && stopped != EINTR) {
        errno = stopped;
        err(1, "cannot wait");
    }
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_complaint complaint;
    rill_host_options_parse(&options, &argc, argv,
                            "rill-echo - sends back what comes, over TCP and UDP",
                            "rill-echo [OPTIONS]\n"
                            "The port is 7 unless --port names another. Ctrl-C ends it.\n"
                            "Exit status: 0, 1 if something failed, 2 for a bad option.\n");
    static const struct option own[] = {{0}};
    if (getopt_long(argc, argv, "", own, NULL) != -1)
        return 2;
    if (optind < argc)
        errx(2, "%s: rill-echo takes options only", argv[optind]);

    uint16_t port = options.port ? options.port : 7;
    if (rill_cores_run(&options, serve, &port, &complaint) != 0)
        errx(1, "%s", complaint.text);
    return 0;
}
