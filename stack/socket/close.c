/* shutdown(2) and close(2). */
#include "socket/close.h"

#include "socket/adopt.h"
#include "socket/epoll.h"
#include "socket/events.h"
#include "socket/object.h"
#include "socket/options.h"
#include "socket/parked.h"
#include "socket/sockets.h"
#include "socket/try.h"

#include <errno.h>

/* ---------------------------------------------------------------- shutdown */

/* As in Linux, a listener whose receiving side is shut down, and an attempt that has not succeeded,
 * end here. */
static int stream_shutdown(struct rill *r, struct socket *s, bool receive, bool send)
{
    if (s->phase == SOCKET_LISTENING && !receive)
        return 0;
    if (s->phase == SOCKET_LISTENING || socket_connecting(s)) {
        socket_disconnect(r, s, false);
        return 0;
    }
    s->read_closed |= receive; /* as in Linux, whatever the result is */
    if (!socket_has_conn(s) || s->conn->dead)
        return -ENOTCONN;
    if (receive)
        tcp_shutdown_receive(&r->net.tcp, s->conn);
    return send ? tcp_shutdown_send(&r->net.tcp, s->conn) : 0;
}

/* Linux shuts down both halves of an unconnected socket too, but still returns ENOTCONN. */
static int datagram_shutdown(struct udp_socket *u, bool receive, bool send)
{
    u->read_closed |= receive;
    u->write_closed |= send;
    return udp_connected(u) ? 0 : -ENOTCONN;
}

int64_t shutdown_now(struct rill *r, struct socket *s, const struct call *c)
{
    int how = c->flags;
    if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
        return -EINVAL;
    bool receive = how != SHUT_WR, send = how != SHUT_RD;
    int error = s->is_stream ? stream_shutdown(r, s, receive, send)
                             : datagram_shutdown(s->datagram, receive, send);
    socket_wake(r, s, EVENT_STATE); /* Linux reports the event whatever the result is */
    return error;
}

/* ------------------------------------------------------------------- close */

void object_close(struct rill *r, int fd)
{
    struct socket *s = socket_find(r, fd);
    watches_drop(r, s ? &s->watches : object_watches(r, fd));
    if (s) {
        socket_close(r, fd);
        return;
    }
    parked_close(r, object_waiters(r, fd));
    if (object_set(r, fd))
        set_free(r, fd);
    else
        adopted_free(r, fd);
}

void objects_close_all(struct rill *r)
{
    for (int fd = 0; (fd = descriptor_next(&r->descriptors, fd)) >= 0;)
        object_close(r, fd);
}

/* Something that we sent, perhaps the FIN, has not been acknowledged. */
static bool unacknowledged(const struct tcp_conn *conn)
{
    switch (conn->dead ? RILL_TCP_CLOSED : conn->sender.head.state) {
    case RILL_TCP_SYN_RECEIVED: /* Fast Open */
    case RILL_TCP_ESTABLISHED:
    case RILL_TCP_CLOSE_WAIT:
    case RILL_TCP_FIN_WAIT_1:
    case RILL_TCP_CLOSING:
    case RILL_TCP_LAST_ACK:
        return true;
    default:
        return false;
    }
}

/* socket(7): with SO_LINGER close waits until the sent data is acknowledged. Unread data causes a
 * reset at once (RFC 2525 2.17); then there is nothing to wait for. */
static bool close_lingers(const struct rill *r, const struct socket *s)
{
    return socket_has_conn(s) && socket_flag(s, FLAG_LINGER) &&
           socket_value(r, s, VALUE_LINGER) > 0 && unacknowledged(s->conn) &&
           tcp_readable(s->conn) == 0;
}

enum call_state close_try(struct rill *r, struct socket *s, struct call *c)
{
    if (close_lingers(r, s)) {
        if (!tcp_send_closed(s->conn))
            tcp_shutdown_send(&r->net.tcp, s->conn);
        return CALL_WAITS;
    }
    object_close(r, c->fd);
    return call_end(c, 0);
}
