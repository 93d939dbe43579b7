/* SEND and RECEIVE on a stream socket (RFC 9293 3.10.2, 3.10.3; tcp(7)). */
#include "socket/call.h"
#include "socket/control.h"
#include "socket/fastopen.h"
#include "socket/message.h"
#include "socket/options.h"
#include "socket/try.h"
#include "tcp/progress.h"
#include "tcp/record.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define MEMORY_AGAIN RILL_MILLISECONDS(10)

/* ------------------------------------------------------------------- send */

/* Hands over one buffer after another. 0: everything was taken; else the error that stopped it. A
 * pending error comes before EPIPE, because a connection may survive one (IP_RECVERR). As in Linux,
 * MSG_MORE holds back nothing if the call ends early for want of room. */
static int64_t send_some(struct rill *r, struct socket *s, struct call *c, size_t length)
{
    if (s->conn->error)
        return c->progress ? -EPIPE : -tcp_take_error(s->conn);
    if (length == 0 && tcp_send_closed(s->conn))
        return -EPIPE;
    while (c->progress < length) {
        bool last;
        struct iovec part = message_at(c->send, c->progress, &last);
        bool more = c->flags & MSG_MORE || !last;
        struct rill_span bytes =
            span_first(span_of(part.iov_base, part.iov_len), length - c->progress);
        int64_t n = c->flags & MSG_OOB && last ? tcp_send_urgent(&r->net.tcp, s->conn, bytes)
                                               : tcp_send(&r->net.tcp, s->conn, bytes, more);
        if (n < 0) {
            if (c->progress)
                tcp_send_cut_short(&r->net.tcp, s->conn);
            return n;
        }
        c->progress += (size_t)n;
    }
    if (c->flags & MSG_EOR && length)
        record_end(s->conn);
    return 0;
}

/* There is no memory for any byte, and none of our bytes is queued whose release would make room,
 * so no event will come. A call that may wait tries again, as in Linux (sk_stream_wait_memory). */
static bool waits_for_memory(const struct rill *r, struct call *c, int64_t stopped)
{
    if (stopped != -ENOBUFS || (!c->tried && c->deadline <= r->net.now))
        return false;
    c->again = r->net.now + MEMORY_AGAIN;
    return true;
}

static bool sends_zerocopy(const struct socket *s, const struct call *c)
{
    return c->flags & MSG_ZEROCOPY && socket_flag(s, FLAG_ZEROCOPY);
}

enum call_state stream_send_end(struct rill *r, struct socket *s, struct call *c)
{
    if (s && socket_has_conn(s)) /* the socket may have been closed while the call waited */
        progress_mark(&r->net.tcp, s->conn, sends_zerocopy(s, c));
    return call_end(c, (int64_t)c->progress);
}

/* After a wait, a send goes on only if there is much room, or an error to return. */
static bool worth_sending(const struct rill *r, const struct tcp_conn *conn)
{
    return conn->error || tcp_send_closed(conn) || tcp_write_is_worthwhile(&r->net.tcp, conn);
}

/* Fast Open (tcp(7)): as much text as the SYN may carry is sent with it. The rest, or a blocking
 * call, goes on once the connection is established. */
static int64_t send_with_syn(struct rill *r, struct socket *s, struct call *c, size_t length)
{
    int64_t room = fast_open_send(r, s, c);
    bool watched = room > 0 && progress_reserve(&r->net.tcp, s->conn, sends_zerocopy(s, c));
    if (room > 0 && (watched || !sends_zerocopy(s, c)))
        send_some(r, s, c, min_of(length, (size_t)room)); /* without memory the SYN goes alone */
    return min_of(room, 0);
}

enum call_state stream_send_try(struct rill *r, struct socket *s, struct call *c)
{
    struct control_wishes none;
    int64_t failed = 0;
    ssize_t length = message_length(c->send);
    if (length >= 0 && control_read(c->send, s, &none))
        length = -EINVAL;
    if (length < 0)
        return call_end(c, length);
    if (!c->tried && (c->flags & MSG_FASTOPEN || fast_open_waits(s)))
        failed = send_with_syn(r, s, c, (size_t)length);
    if (failed)
        return call_end(c, failed);
    if (!socket_has_conn(s))
        return call_end(c, -EPIPE); /* as in Linux; POSIX requires ENOTCONN */
    if (socket_connecting(s))
        return CALL_WAITS;
    if (c->too_late) /* the call opens the connection as well */
        failed = stream_open_outcome(r, s);
    if (failed)
        return call_end(c, failed);
    c->too_late = 0;
    if (c->tried && !worth_sending(r, s->conn))
        return CALL_WAITS;
    bool watched = length == 0 || progress_reserve(&r->net.tcp, s->conn, sends_zerocopy(s, c));
    if (!watched && sends_zerocopy(s, c) && !c->progress)
        return call_end(c, -ENOBUFS);
    int64_t stopped = send_some(r, s, c, (size_t)length);
    s->was_full |= stopped == -EAGAIN;
    if (stopped == -EAGAIN || waits_for_memory(r, c, stopped))
        return CALL_WAITS;
    return c->progress ? stream_send_end(r, s, c) : call_end(c, stopped);
}

/* ---------------------------------------------------------------- receive */

/* Copies the readable bytes, or discards them (MSG_TRUNC), and returns how many. A peek starts
 * again each time. */
static size_t receive_some(struct rill *r, struct socket *s, struct call *c, size_t length)
{
    struct rill_span part[2];
    unsigned parts = tcp_peek(s->conn, part);
    size_t taken = 0;
    for (unsigned i = 0; i < parts; i++) {
        struct rill_span piece = span_first(part[i], length - c->progress - taken);
        if (!(c->flags & MSG_TRUNC))
            message_put(c->receive, c->progress + taken, piece);
        taken += piece.length;
    }
    if (taken && !(c->flags & MSG_PEEK))
        tcp_consume(&r->net.tcp, s->conn, taken);
    return taken;
}

/* The number of bytes at which the call returns: all (MSG_WAITALL), or SO_RCVLOWAT. */
static size_t receive_target(const struct rill *r, const struct socket *s, const struct call *c,
                             size_t length)
{
    if (c->flags & MSG_WAITALL)
        return length;
    return min_of((size_t)socket_value(r, s, VALUE_LOW_WATER), length);
}

/* A read ends before the urgent mark (tcp(7)). */
static bool at_mark(const struct socket *s)
{
    return urgent_mark(s->conn) == s->conn->rcv.read;
}

/* A peek that fills the window would wait forever. */
static bool nothing_follows(const struct socket *s, const struct call *c)
{
    return c->flags & MSG_PEEK && tcp_read_is_worthwhile(s->conn, SIZE_MAX);
}

/* recv(2) with MSG_OOB: the one urgent byte; it never waits. */
static int64_t receive_urgent(struct socket *s, struct call *c, size_t length)
{
    uint8_t byte;
    int failed = urgent_read(s->conn, &byte, c->flags & MSG_PEEK);
    if (failed)
        return failed;
    c->receive->msg_flags = MSG_OOB;
    if (length == 0)
        return 0;
    message_put(c->receive, 0, span_of(&byte, 1));
    return 1;
}

/* TCP_INQ: the bytes that can be read now; the peer's FIN counts as one, so that the application
 * reads it. */
static void report_inq(const struct socket *s, struct msghdr *m)
{
    struct control c = control_begin(m);
    int readable = (int)min_of(s->conn->rcv.nxt - s->conn->rcv.read, (position)INT_MAX);
    if (socket_flag(s, FLAG_INQ))
        control_put(&c, IPPROTO_TCP, TCP_CM_INQ, span_of(&readable, sizeof readable));
}

/* The address of a connected peer is not returned: as recvfrom in Linux. */
static enum call_state receive_end(const struct socket *s, struct call *c, int64_t result)
{
    c->receive->msg_namelen = 0;
    if (result >= 0)
        report_inq(s, c->receive);
    return call_end(c, result);
}

/* After all readable bytes were read: the pending error, or 0 at the peer's FIN. */
static bool receive_over(const struct tcp_conn *conn)
{
    return tcp_at_end(conn) || conn->error;
}

/* As in Linux, a read of no bytes waits for text like any other. */
static bool text_waits(const struct socket *s)
{
    return conn_read_limit(s->conn) > s->conn->rcv.read;
}

/* Linux looks for the urgent byte first, and then whether the socket was shut down. */
static int64_t receive_unconnected(const struct socket *s, const struct call *c)
{
    if (c->flags & MSG_OOB && s->phase == SOCKET_IDLE)
        return -EINVAL;
    return s->read_closed && s->phase == SOCKET_IDLE ? 0 : -ENOTCONN;
}

enum call_state stream_receive_try(struct rill *r, struct socket *s, struct call *c)
{
    ssize_t length = call_discards(c) ? message_extent(c->receive) : message_length(c->receive);
    if (length < 0)
        return call_end(c, length);
    if (!socket_has_conn(s))
        return call_end(c, receive_unconnected(s, c));
    c->receive->msg_flags = 0;
    if (c->flags & MSG_OOB)
        return receive_end(s, c, receive_urgent(s, c, (size_t)length));
    if (c->flags & MSG_PEEK)
        c->progress = 0;
    if (length)
        c->progress += receive_some(r, s, c, (size_t)length);
    if ((c->progress >= receive_target(r, s, c, (size_t)length) && (length || text_waits(s))) ||
        (c->progress && (at_mark(s) || nothing_follows(s, c))))
        return receive_end(s, c, (int64_t)c->progress);
    if (!receive_over(s->conn))
        return CALL_WAITS;
    return receive_end(s, c, c->progress ? (int64_t)c->progress : -tcp_take_error(s->conn));
}
