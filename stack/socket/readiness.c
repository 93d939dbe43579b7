/* Readiness, as in Linux's tcp_poll and datagram_poll. */
#include "socket/readiness.h"

#include "socket/object.h"
#include "socket/options.h"
#include "tcp/progress.h"

#include <poll.h>

#define READABLE (POLLIN | POLLRDNORM)
#define WRITABLE (POLLOUT | POLLWRNORM)

static int conn_ready(const struct rill *r, const struct socket *s, int asked)
{
    const struct tcp_conn *conn = s->conn;
    if (socket_connecting(s))
        return fast_open_waits(s) ? WRITABLE : 0;
    bool read_closed = conn->dead || conn->read_closed || conn->fin_received;
    bool write_closed = tcp_send_closed(conn);
    int ready = conn->error || progress_report(conn) ? POLLERR : 0;
    if (read_closed && write_closed)
        ready |= POLLHUP;
    if (urgent_pending(conn))
        ready |= POLLPRI;
    if (read_closed)
        ready |= READABLE | POLLRDHUP;
    else if (asked & READABLE &&
             tcp_read_is_worthwhile(conn, (size_t)socket_value(r, s, VALUE_LOW_WATER)))
        ready |= READABLE;
    if (asked & WRITABLE && (write_closed || tcp_write_is_worthwhile(&r->net.tcp, conn)))
        ready |= WRITABLE; /* a call that fails with EPIPE does not wait either */
    return ready;
}

static int datagram_ready(const struct udp_socket *u)
{
    int ready = u->error || errors_first(&u->errors) ? POLLERR : 0;
    if (u->read_closed && u->write_closed)
        ready |= POLLHUP;
    if (u->read_closed)
        ready |= READABLE | POLLRDHUP;
    if (udp_first(u))
        ready |= READABLE;
    if (u->unsent_bytes < u->send_buffer / 2)
        ready |= WRITABLE | POLLWRBAND;
    return ready;
}

short socket_ready(const struct rill *r, const struct socket *s, int asked)
{
    if (!s->is_stream)
        return (short)datagram_ready(s->datagram);
    switch (s->phase) {
    case SOCKET_IDLE:
        return WRITABLE | POLLHUP;
    case SOCKET_LISTENING:
        return s->listener->queued ? READABLE : 0;
    case SOCKET_CONNECTING:
    case SOCKET_CONNECTED:
        return (short)conn_ready(r, s, asked);
    }
    return 0;
}

/* As in Linux, after a look at a full socket somebody waits for room: then room is an event. */
static uint32_t socket_look(const struct rill *r, struct socket *s)
{
    uint32_t ready = (uint16_t)socket_ready(r, s, READABLE | WRITABLE);
    s->was_full |= !(ready & WRITABLE);
    return ready;
}

static uint32_t adopted_look(const struct rill *r, int fd)
{
    const struct rill_adoption *by = &r->adoption;
    return by->look ? (uint16_t)by->look(by->context, fd, object_adopted(r, fd)->host_fd) : 0;
}

/* The readiness of a socket or an adopted descriptor. */
static uint32_t plain_ready(struct rill *r, int fd)
{
    struct socket *s = socket_find(r, fd);
    return s ? socket_look(r, s) : adopted_look(r, fd);
}

/* A watched set is ready if something in it is. Without recursion; sets never form a cycle. */
bool set_ready(struct rill *r, struct watch_set *set)
{
    struct watch_set *at[WATCH_NESTS_MAX + 1] = {set};
    for (unsigned depth = 0;;) {
        struct watch *w = watch_first_ready(at[depth]);
        if (!w && depth == 0)
            return false;
        struct watch_set *nested = w ? object_set(r, w->fd) : NULL;
        if (w && nested && w->events & (EPOLLIN | EPOLLRDNORM) && !list_empty(&nested->ready)) {
            at[++depth] = nested;
            continue;
        }
        if (w && !nested && plain_ready(r, w->fd) & w->events)
            return true;
        if (w)
            list_remove(&w->ready);
        else
            depth--; /* the outer set then finds an empty set and removes it from `ready` */
    }
}

uint32_t descriptor_ready(struct rill *r, int fd)
{
    struct socket *s = socket_find(r, fd); /* most watches are of sockets */
    struct watch_set *set = s ? NULL : object_set(r, fd);
    if (set)
        return set_ready(r, set) ? READABLE : 0;
    return s ? socket_look(r, s) : plain_ready(r, fd);
}
