/* connect(2) and accept(2). */
#include "socket/call.h"
#include "socket/fastopen.h"
#include "socket/object.h"
#include "socket/options.h"
#include "socket/sockets.h"
#include "socket/try.h"

#include <errno.h>

/* ----------------------------------------------------------------- connect */

static int stream_connect(struct rill *r, struct socket *s, const struct call *c)
{
    struct endpoint to;
    int error = sockaddr_get(socket_family(s), c->to.address, c->to.length, &to);
    if (!error)
        error = stream_open(r, s, &to);
    if (!error && socket_flag(s, FLAG_FAST_OPEN_CONNECT))
        fast_open_connect(r, s);
    return error;
}

static enum call_state stream_connect_try(struct rill *r, struct socket *s, struct call *c)
{
    if (s->phase == SOCKET_LISTENING || s->phase == SOCKET_CONNECTED)
        return call_end(c, -EISCONN); /* EV-50, EV-51 */
    if (fast_open_waits(s))
        return call_end(c, -EISCONN); /* as far as the application knows */
    if (!c->tried)
        c->too_late = s->phase == SOCKET_IDLE ? EINPROGRESS : EALREADY;
    int error = s->phase == SOCKET_IDLE ? stream_connect(r, s, c) : 0;
    if (error || fast_open_waits(s))
        return call_end(c, error);
    return socket_connecting(s) ? CALL_WAITS : call_end(c, stream_open_outcome(r, s));
}

enum call_state connect_try(struct rill *r, struct socket *s, struct call *c)
{
    if (c->to.length < sizeof(sa_family_t) || c->to.length > sizeof(struct sockaddr_storage))
        return call_end(c, -EINVAL); /* whatever the state is */
    if (!c->to.address)
        return call_end(c, -EFAULT);
    if (!s->is_stream)
        return call_end(c, datagram_connect(r, s, c->to.address, c->to.length));
    if (!sockaddr_is(AF_UNSPEC, c->to.address, c->to.length))
        return stream_connect_try(r, s, c);
    socket_disconnect(r, s, true); /* as in Linux: the stream is aborted, not finished */
    return call_end(c, 0);
}

/* ------------------------------------------------------------------ accept */

/* The descriptor is allocated first: without one the connection stays in the queue. */
static int accept_next(struct rill *r, const struct socket *listener, int flags)
{
    int fd;
    struct socket *s = socket_new(r, &fd);
    if (!s)
        return fd;
    s->is_stream = true;
    s->is_ip6 = listener->is_ip6;
    s->nonblocking = flags & SOCK_NONBLOCK;
    s->close_on_exec = flags & SOCK_CLOEXEC;
    int error = socket_inherit(r, s, listener);
    if (error) {
        socket_free(r, fd);
        return error;
    }
    s->conn = tcp_accept(&r->net.tcp, listener->listener, &s->owner.tcp);
    assert(s->conn);
    s->phase = SOCKET_CONNECTED;
    return fd;
}

static int peer_put(const struct rill *r, int fd, struct call *c)
{
    const struct socket *s = socket_find(r, fd);
    const struct flow *flow = &s->conn->sender.head.flow;
    struct endpoint peer = {flow->remote, flow->remote_port};
    return sockaddr_put(socket_family(s), &peer, c->from.address, c->from.length);
}

enum call_state accept_try(struct rill *r, struct socket *s, struct call *c)
{
    if (c->flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
        return call_end(c, -EINVAL);
    if (!s->is_stream)
        return call_end(c, -EOPNOTSUPP);
    if (s->phase != SOCKET_LISTENING)
        return call_end(c, -EINVAL);
    if (!s->listener->queued)
        return CALL_WAITS;
    int fd = accept_next(r, s, c->flags);
    int error = fd >= 0 && c->from.address ? peer_put(r, fd, c) : 0;
    if (error)
        socket_close(r, fd);
    return call_end(c, error ? error : fd);
}
