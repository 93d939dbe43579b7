#include "httpd/server.h"

#include "httpd/blocking.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

#define SEND_SIZE 65536
#define SENDS_A_TURN 8                /* then other clients have their turn */
#define BREATH RILL_MILLISECONDS(100) /* pause after a lack of descriptors or memory */

void server_listen(struct server *s, uint16_t port, int flags)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    s->listener = rill_socket(AF_INET, SOCK_STREAM | flags, 0);
    if (s->listener < 0)
        err(1, "cannot make a socket");
    if (rill_bind(s->listener, (struct sockaddr *)&any, sizeof any) != 0)
        err(1, "cannot bind to port %u", port);
    if (rill_listen(s->listener, SOMAXCONN) != 0)
        err(1, "cannot listen on port %u", port);
}

bool server_accepts(const struct server *s, rill_time now)
{
    return s->count < s->limit + REFUSED_MAX && s->resume <= now;
}

void server_accept_failed(struct server *s, rill_time now)
{
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        s->resume = now + BREATH;
}

/* Allocates first: without memory the connection stays in the backlog. */
struct client *server_accept(struct server *s, int flags)
{
    char text[INET_ADDRSTRLEN];
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    struct client *c = malloc(sizeof *c);
    int fd = c ? rill_accept4(s->listener, (struct sockaddr *)&from, &length, flags) : -1;
    rill_time now = flags & SOCK_NONBLOCK ? rill_host_now(s->host)
                                          : monotonic_now(); /* after a blocking accept */
    if (fd < 0) {
        server_accept_failed(s, now);
        free(c);
        return NULL;
    }
    *c = (struct client){.server = s, .fd = fd};
    /* answers are written whole: Nagle's algorithm would only delay them */
    rill_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    inet_ntop(AF_INET, &from.sin_addr, text, sizeof text);
    connection_open(&c->connection, &s->site, text, now);
    if (s->count++ >= s->limit)
        connection_refuse(&c->connection, 503, now);
    return c;
}

void server_is_full(struct client *last, const char *model, const char *lacks, rill_time now)
{
    struct server *s = last->server;
    s->limit = s->count > REFUSED_MAX ? s->count - REFUSED_MAX : 1;
    printf("rill-httpd: %s serves %u at once: the machine gives no more %s\n", model, s->limit,
           lacks);
    fflush(stdout);
    if (connection_wants(&last->connection) == POLLIN) /* else it has its 503 already */
        connection_refuse(&last->connection, 503, now);
}

int server_timeout(const struct server *s, rill_time first, rill_time now)
{
    if (s->resume > now && s->resume < first)
        first = s->resume;
    if (first == RILL_NEVER)
        return -1;
    return first <= now ? 0 : (int)((first - now) / RILL_MILLISECONDS(1)) + 1;
}

void server_stopped(void)
{
    if (errno != EINTR)
        err(1, "cannot wait");
}

/* Sends what the socket takes, with a limit; false if the connection is lost. */
static bool client_send(struct client *c, rill_time now)
{
    char bytes[SEND_SIZE];
    for (unsigned i = 0; i < SENDS_A_TURN && connection_wants(&c->connection) & POLLOUT; i++) {
        ssize_t n = connection_peek(&c->connection, bytes, sizeof bytes);
        if (n < 0)
            return false;
        ssize_t sent = rill_send(c->fd, bytes, (size_t)n, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN;
        connection_sent(&c->connection, (size_t)sent, now);
    }
    return true;
}

static bool client_receive(struct client *c, rill_time now)
{
    char bytes[HEAD_MAX];
    size_t room = connection_room(&c->connection);
    ssize_t n = rill_recv(c->fd, bytes, room < sizeof bytes ? room : sizeof bytes, 0);
    if (n < 0)
        return errno == EAGAIN;
    connection_received(&c->connection, bytes, (size_t)n, now);
    return true;
}

bool client_serve(struct client *c, short ready, rill_time now)
{
    bool alive = !(ready & POLLERR);
    if (alive && ready && connection_wants(&c->connection) & POLLIN)
        alive = client_receive(c, now);
    if (alive && connection_wants(&c->connection) & POLLOUT)
        alive = client_send(c, now);
    if (alive && connection_deadline(&c->connection) <= now)
        connection_expire(&c->connection, now);
    if (alive && connection_is_closing(&c->connection) && !c->shut) {
        c->shut = true; /* RFC 9112 9.6: unread data would cause a reset, which destroys the answer
                           in flight */
        rill_shutdown(c->fd, SHUT_WR);
    }
    if (alive && connection_wants(&c->connection) != 0)
        return true;
    client_end(c);
    return false;
}

void client_end(struct client *c)
{
    static const struct linger reset = {1, 0};
    connection_close(&c->connection);
    if (connection_was_cut(&c->connection))
        rill_setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    rill_close(c->fd);
    c->server->count--;
    free(c);
}
