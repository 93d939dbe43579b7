/* rill-echo - an echo server (RFC 862), over TCP and UDP
 *
 *     rill-echo [--port N] [shared options]
 *
 * Each connection has a coroutine with simple sequential code: it sends all that it has received
 * before it reads more, so that TCP's window stops a client that sends without reading. A client
 * that shuts its sending side down gets the rest and then our FIN.
 *
 * Ctrl-C ends it. Exit status: 0, 1 if something failed, 2 for a bad option. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <rill/cores.h>
#include <rill/coroutine.h>
#include <stdint.h>
#include <string.h>

#define BUFFER_SIZE 16384
#define BREATH RILL_MILLISECONDS(10) /* pause if there is no room for another connection */

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
    rill_close(fd); /* the data sent still arrives, then our FIN */
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

/* One datagram, or several that arrived together, and how to return them. */
struct burst {
    struct sockaddr_in from;
    struct iovec text;
    struct msghdr message;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
};

/* False: the coroutine must end, or there is nothing to return. */
static bool receive_burst(int fd, struct burst *b)
{
    static char text[65536]; /* only one coroutine uses it */
    b->text = (struct iovec){text, sizeof text};
    b->message = (struct msghdr){.msg_name = &b->from,
                                 .msg_namelen = sizeof b->from,
                                 .msg_iov = &b->text,
                                 .msg_iovlen = 1,
                                 .msg_control = &b->control,
                                 .msg_controllen = sizeof b->control};
    ssize_t n = rill_recvmsg(fd, &b->message, 0);
    b->text.iov_len = n < 0 ? 0 : (size_t)n;
    return n >= 0;
}

/* The segment length that UDP_GRO gave (an int) becomes UDP_SEGMENT (a uint16_t). */
static void send_burst(int fd, struct burst *b)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(&b->message);
    if (c) {
        int segment;
        memcpy(&segment, CMSG_DATA(c), sizeof segment);
        *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(uint16_t)),
                              .cmsg_level = IPPROTO_UDP,
                              .cmsg_type = UDP_SEGMENT};
        memcpy(CMSG_DATA(c), &(uint16_t){(uint16_t)segment}, sizeof(uint16_t));
        b->message.msg_controllen = CMSG_SPACE(sizeof(uint16_t));
    }
    rill_sendmsg(fd, &b->message, MSG_NOSIGNAL);
}

static void *echo_datagrams(void *socket)
{
    int fd = descriptor(socket);
    struct burst burst;
    struct sockaddr_in ours;
    socklen_t length = sizeof ours;
    rill_getsockname(fd, (struct sockaddr *)&ours, &length);
    rill_setsockopt(fd, IPPROTO_UDP, UDP_GRO, &(int){1}, sizeof(int));
    for (;;) {
        bool received = receive_burst(fd, &burst);
        if (!received && errno == ECANCELED)
            return NULL;
        /* A datagram with a forged source could make two echo servers answer each other forever. */
        if (received && burst.from.sin_port != ours.sin_port)
            send_burst(fd, &burst);
    }
}

/* Serves on one core until Ctrl-C. */
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
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(&options, &argc, argv, "rill-echo - an echo server, over TCP and UDP",
                            "rill-echo [OPTIONS]\n"
                            "The port is 7 unless --port names another. Ctrl-C ends it.\n"
                            "Exit status: 0, 1 if something failed, 2 for a bad option.\n");
    static const struct option own[] = {{0}};
    opterr = 0;
    int option = getopt_long(argc, argv, ":", own, NULL);
    if (option != -1)
        return rill_host_options_refuse(option, argv);
    if (optind < argc)
        errx(2, "%s: rill-echo takes options only", argv[optind]);

    uint16_t port = options.port ? options.port : 7;
    if (rill_cores_run(&options, serve, &port, &diagnostic) != 0)
        errx(1, "%s", diagnostic.text);
    return 0;
}
