/* getsockname(2), getpeername(2), fcntl(2), ioctl(2). */
#include "socket/object.h"
#include "socket/try.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <sys/ioctl.h>

/* ------------------------------------------------------------------- names */

static struct endpoint socket_name(const struct socket *s)
{
    if (!s->is_stream)
        return (struct endpoint){s->datagram->local, s->datagram->local_port};
    bool bound_anew = socket_has_conn(s) && s->conn->dead && s->binding && s->binding->port;
    if (socket_has_conn(s) && !bound_anew)
        return (struct endpoint){s->conn->sender.head.flow.local,
                                 s->conn->sender.head.flow.local_port};
    if (s->binding)
        return (struct endpoint){s->binding->local, s->binding->port};
    return (struct endpoint){{{0}}, 0};
}

/* -ENOTCONN if there is no peer, or the peer has gone. */
static int socket_peer(const struct socket *s, struct endpoint *peer)
{
    bool conversing = socket_has_conn(s) && !s->conn->dead && !socket_connecting(s);
    if (s->is_stream ? !conversing : !s->datagram->remote_port)
        return -ENOTCONN;
    if (s->is_stream)
        *peer = (struct endpoint){s->conn->sender.head.flow.remote,
                                  s->conn->sender.head.flow.remote_port};
    else
        *peer = (struct endpoint){s->datagram->remote, s->datagram->remote_port};
    return 0;
}

int64_t local_name_now(const struct socket *s, const struct call *c)
{
    struct endpoint name = socket_name(s);
    return sockaddr_put(socket_family(s), &name, c->from.address, c->from.length);
}

int64_t peer_name_now(const struct socket *s, const struct call *c)
{
    struct endpoint peer;
    int error = socket_peer(s, &peer);
    if (error)
        return error;
    return sockaddr_put(socket_family(s), &peer, c->from.address, c->from.length);
}

/* ----------------------------------------------------------- fcntl, ioctl */

static int socket_fcntl(struct socket *s, int command, int argument)
{
    switch (command) {
    case F_GETFL:
        return O_RDWR | (s->nonblocking ? O_NONBLOCK : 0);
    case F_SETFL:
        s->nonblocking = argument & O_NONBLOCK;
        return 0;
    case F_GETFD:
        return s->close_on_exec ? FD_CLOEXEC : 0;
    case F_SETFD:
        s->close_on_exec = argument & FD_CLOEXEC;
        return 0;
    default:
        return -EINVAL;
    }
}

/* For descriptors that are not sockets. */
static int object_fcntl(const struct rill *r, int fd, int command, int argument)
{
    bool *close_on_exec = object_close_on_exec(r, fd);
    if (!close_on_exec)
        return -EBADF;
    switch (command) {
    case F_GETFD:
        return *close_on_exec ? FD_CLOEXEC : 0;
    case F_SETFD:
        *close_on_exec = argument & FD_CLOEXEC;
        return 0;
    case F_GETFL:
        return O_RDWR;
    case F_SETFL:
        return 0;
    default:
        return -EINVAL;
    }
}

int64_t fcntl_now(struct rill *r, const struct call *c)
{
    struct socket *s = socket_find(r, c->fd);
    return s ? socket_fcntl(s, c->flags, c->argument)
             : object_fcntl(r, c->fd, c->flags, c->argument);
}

/* Bytes that could be read now: for a datagram socket, those of the first datagram (udp(7)). */
static int socket_readable(const struct socket *s)
{
    if (s->phase == SOCKET_LISTENING)
        return -EINVAL;
    if (s->is_stream)
        return socket_has_conn(s) ? (int)tcp_readable(s->conn) : 0;
    const struct udp_datagram *d = udp_first(s->datagram);
    return d ? (int)udp_data(d).length : 0;
}

static int socket_send_queue(const struct socket *s)
{
    if (s->phase == SOCKET_LISTENING)
        return -EINVAL;
    if (s->is_stream)
        return socket_has_conn(s) ? (int)tcp_unacknowledged(s->conn) : 0;
    return (int)s->datagram->unsent_bytes;
}

static int stream_unsent(const struct socket *s)
{
    if (!s->is_stream)
        return -ENOTTY;
    if (s->phase == SOCKET_LISTENING)
        return -EINVAL;
    return socket_has_conn(s) ? (int)conn_unsent(s->conn) : 0;
}

/* The result of a request that only asks, or a negative errno value. */
static int ioctl_answer(const struct socket *s, unsigned long request)
{
    switch (request) {
    case FIONREAD:
        return socket_readable(s);
    case SIOCOUTQ:
        return socket_send_queue(s);
    case SIOCOUTQNSD:
        return stream_unsent(s);
    case SIOCATMARK:
        if (!s->is_stream)
            return -ENOTTY;
        return socket_has_conn(s) && urgent_mark(s->conn) == s->conn->rcv.read;
    default:
        return -ENOTTY;
    }
}

int64_t ioctl_now(struct socket *s, const struct call *c)
{
    int *value = c->ioctl.value;
    if (c->ioctl.request == FIONBIO && value) {
        s->nonblocking = *value;
        return 0;
    }
    int answer = ioctl_answer(s, c->ioctl.request);
    if (answer < 0)
        return answer;
    if (!value)
        return -EFAULT;
    *value = answer;
    return 0;
}
