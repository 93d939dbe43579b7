/* rill-echo - sends back what comes (RFC 862), over TCP and UDP
 *
 *     rill-echo [--port N] [shared options]
 *
 * One loop serves everybody. What a TCP client has sent and not yet taken back waits in a buffer of
 * its own; while that is full nothing more is read, so that TCP's window stops a client who only
 * talks. A client who shuts its sending side down gets the rest and then our end.
 *
 * Ctrl-C ends it. Exit status: 0, 1 if something failed, 2 for a bad option. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <rill/host.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS_MAX 1000
#define BUFFER_SIZE 16384

struct client {
    int fd;
    bool ended;    /* it will send no more */
    size_t length; /* bytes that it has not got back yet */
    char buffer[BUFFER_SIZE];
};

struct server {
    int tcp;
    int udp;
    unsigned count;
    struct client *client[CLIENTS_MAX];
};

static int open_socket(int type, uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = rill_socket(AF_INET, type | SOCK_NONBLOCK, 0);
    if (fd < 0)
        err(1, "cannot make a socket");
    if (rill_bind(fd, (struct sockaddr *)&any, sizeof any) != 0)
        err(1, "cannot bind to port %u", port);
    if (type == SOCK_STREAM && rill_listen(fd, SOMAXCONN) != 0)
        err(1, "cannot listen on port %u", port);
    return fd;
}

static void accept_client(struct server *s)
{
    int fd = rill_accept4(s->tcp, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0)
        return; /* it has gone again */
    struct client *c = calloc(1, sizeof *c);
    if (!c) {
        rill_close(fd);
        return;
    }
    c->fd = fd;
    rill_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* echo at once */
    s->client[s->count++] = c;
}

/* Reads what there is room for; false if the connection is lost. */
static bool client_receive(struct client *c)
{
    ssize_t n = rill_recv(c->fd, c->buffer + c->length, BUFFER_SIZE - c->length, 0);
    if (n < 0)
        return errno == EAGAIN;
    c->ended = n == 0;
    c->length += (size_t)n;
    return true;
}

/* Sends what the connection takes; false if it is lost. */
static bool client_send(struct client *c)
{
    ssize_t n = rill_send(c->fd, c->buffer, c->length, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN;
    c->length -= (size_t)n;
    memmove(c->buffer, c->buffer + n, c->length);
    return true;
}

static short client_wants(const struct client *c)
{
    bool may_read = !c->ended && c->length < BUFFER_SIZE;
    return (short)((may_read ? POLLIN : 0) | (c->length > 0 ? POLLOUT : 0));
}

/* Returns whether the client stays. */
static bool client_serve(struct client *c, short ready)
{
    bool alive = !(ready & POLLERR);
    if (alive && client_wants(c) & POLLIN && ready & (POLLIN | POLLHUP))
        alive = client_receive(c);
    if (alive && c->length > 0)
        alive = client_send(c);
    if (alive && !(c->ended && c->length == 0))
        return true;
    rill_close(c->fd); /* what was sent still arrives, and our FIN behind it */
    free(c);
    return false;
}

static void echo_datagram(const struct server *s)
{
    static char datagram[65536];
    struct sockaddr_in from, ours;
    socklen_t length = sizeof from, ours_length = sizeof ours;
    ssize_t n =
        rill_recvfrom(s->udp, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &length);
    if (n < 0)
        return;
    /* Two echo servers whom somebody introduced with a forged source would never stop talking. */
    rill_getsockname(s->udp, (struct sockaddr *)&ours, &ours_length);
    if (from.sin_port != ours.sin_port)
        rill_sendto(s->udp, datagram, (size_t)n, MSG_NOSIGNAL, (struct sockaddr *)&from, length);
}

/* Waits until something can be done, and does it. Returns false on Ctrl-C. */
static bool server_turn(struct server *s)
{
    static struct pollfd set[2 + CLIENTS_MAX];
    unsigned polled = s->count;
    set[0] = (struct pollfd){s->tcp, s->count < CLIENTS_MAX ? POLLIN : 0, 0};
    set[1] = (struct pollfd){s->udp, POLLIN, 0};
    for (unsigned i = 0; i < polled; i++)
        set[2 + i] = (struct pollfd){s->client[i]->fd, client_wants(s->client[i]), 0};

    if (rill_poll(set, 2 + polled, -1) < 0) {
        if (errno == EINTR)
            return false;
        err(1, "cannot wait");
    }

    s->count = 0; /* those who stay move up */
    for (unsigned i = 0; i < polled; i++) {
        struct client *c = s->client[i];
        if (set[2 + i].revents == 0 || client_serve(c, set[2 + i].revents))
            s->client[s->count++] = c;
    }
    if (set[0].revents)
        accept_client(s);
    if (set[1].revents)
        echo_datagram(s);
    return true;
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

    struct rill_host *host = rill_host_open(&options, &complaint);
    if (!host)
        errx(1, "%s", complaint.text);
    uint16_t port = options.port ? options.port : 7;
    struct server server = {.tcp = open_socket(SOCK_STREAM, port),
                            .udp = open_socket(SOCK_DGRAM, port)};
    while (server_turn(&server))
        ;
    while (server.count > 0)
        free(server.client[--server.count]);
    rill_host_close(host);
    return 0;
}
