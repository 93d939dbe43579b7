/* Readiness, as tcp_poll and datagram_poll of Linux have it. */
#include "socket/readiness.h"
#include "socket/sockets.h"
#include "tcp/progress.h"

#include <poll.h>

#define READABLE (POLLIN | POLLRDNORM)
#define WRITABLE (POLLOUT | POLLWRNORM)

/* Writing is worth while from a third of the buffer on, so that an application is not called for
 * every acknowledgement. */
static bool conn_writable(const struct rill *r, const struct tcp_conn *conn)
{
    return tcp_writable(&r->net.tcp, conn) >= tcp_send_buffer(&r->net.tcp, conn) / 3;
}

static bool conn_readable(const struct rill *r, const struct socket *s)
{
    return tcp_readable(s->conn) >= (size_t)socket_value(r, s, VALUE_LOW_WATER);
}

static int conn_ready(const struct rill *r, const struct socket *s)
{
    const struct tcp_conn *conn = s->conn;
    if (socket_connecting(s))
        return 0;
    bool read_closed = conn->dead || conn->read_closed || conn->fin_received;
    bool write_closed = tcp_send_closed(conn);
    int ready = conn->error || progress_report(conn) ? POLLERR : 0;
    if (read_closed && write_closed)
        ready |= POLLHUP;
    if (read_closed)
        ready |= READABLE | POLLRDHUP;
    if (urgent_pending(conn))
        ready |= POLLPRI;
    if (conn_readable(r, s))
        ready |= READABLE;
    if (write_closed || conn_writable(r, conn))
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

short socket_ready(const struct rill *r, const struct socket *s)
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
        return (short)conn_ready(r, s);
    }
    return 0;
}
