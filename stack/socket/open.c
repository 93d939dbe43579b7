/* socket(2), bind(2), listen(2). */
#include "socket/options.h"
#include "socket/sockets.h"
#include "socket/try.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* ----------------------------------------------------------------- socket */

/* What no family could have is invalid; the rest is not supported. */
#define TYPE_MAX SOCK_PACKET
#define PROTOCOL_MAX IPPROTO_MPTCP

static int protocol_check(int type, int protocol)
{
    if (protocol < 0 || protocol > PROTOCOL_MAX)
        return -EINVAL;
    if (type == SOCK_STREAM)
        return protocol == 0 || protocol == IPPROTO_TCP ? 0 : -EPROTONOSUPPORT;
    if (type == SOCK_DGRAM)
        return protocol == 0 || protocol == IPPROTO_UDP ? 0 : -EPROTONOSUPPORT;
    return -ESOCKTNOSUPPORT;
}

static int socket_open(struct rill *r, int domain, int type, int flags)
{
    int fd;
    struct socket *s = socket_new(r, &fd);
    if (!s)
        return fd;
    s->is_stream = type == SOCK_STREAM;
    s->is_ip6 = domain == AF_INET6;
    s->nonblocking = flags & SOCK_NONBLOCK;
    s->close_on_exec = flags & SOCK_CLOEXEC;
    if (s->is_stream)
        return fd;
    s->datagram = udp_open(&r->net.udp, &s->owner.udp);
    if (s->datagram)
        return fd;
    socket_free(r, fd);
    return -ENOBUFS;
}

int64_t socket_now(struct rill *r, const struct call *c)
{
    const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    int domain = c->open.domain, type = c->open.type & ~flags;
    if (type < 0 || type > TYPE_MAX)
        return -EINVAL;
    if (domain != AF_INET && domain != AF_INET6)
        return -EAFNOSUPPORT;
    int error = protocol_check(type, c->open.protocol);
    return error ? error : socket_open(r, domain, type, c->open.type & flags);
}

/* ------------------------------------------------------------------- bind */

/* A socket may be bound to a group, to receive its packets (ip(7)). */
static bool address_bindable(const struct rill *r, struct rill_address a)
{
    return rill_address_is_any(a) ||
           address_kind(&r->net.addresses, ADDRESS_ANY_PORT, a) != ADDRESS_OTHER;
}

/* IP_BIND_ADDRESS_NO_PORT: only the address is bound. connect chooses the port, because it knows
 * the peer: connections to different peers may share one port. */
static bool port_can_wait(const struct socket *s, const struct endpoint *to)
{
    return !to->port && socket_flag(s, FLAG_NO_PORT);
}

/* Replaces an earlier bind, if that bound only an address. */
static int stream_bind(struct rill *r, struct socket *s, const struct endpoint *to, bool waits)
{
    socket_unbind(r, s);
    struct tcp_binding *b = memory_get(&r->net.memory, sizeof *b);
    if (!b)
        return -ENOBUFS;
    b->local = to->address;
    b->port = to->port;
    b->reuse = socket_flag(s, FLAG_REUSE);
    b->reuse_port = socket_flag(s, FLAG_REUSE_PORT);
    int error = waits ? 0 : tcp_bind(&r->net.tcp, b);
    if (error)
        memory_put(&r->net.memory, b, sizeof *b);
    else
        s->binding = b;
    return error;
}

static int datagram_bind(struct rill *r, struct socket *s, const struct endpoint *to)
{
    bool waits = port_can_wait(s, to);
    int error = waits ? 0 : udp_bind(&r->net.udp, s->datagram, to->address, to->port);
    if (waits)
        s->datagram->local = to->address;
    s->address_chosen = !error && !rill_address_is_any(to->address);
    s->port_chosen = !error && to->port;
    return error;
}

static struct rill_address any_of(const struct socket *s)
{
    return socket_flag(s, FLAG_ONLY_IP6) ? ADDRESS_ONLY_IP6 : (struct rill_address){{0}};
}

/* It has no connection, or one that has failed, even if nobody has been told so yet. */
static bool stream_is_closed(const struct socket *s)
{
    return s->phase == SOCKET_IDLE || (socket_has_conn(s) && s->conn->dead);
}

static int socket_bind(struct rill *r, struct socket *s, struct endpoint *to)
{
    if (!address_bindable(r, to->address))
        return -EADDRNOTAVAIL;
    if (rill_address_is_any(to->address))
        to->address = any_of(s);
    else if (socket_flag(s, FLAG_ONLY_IP6))
        return -EINVAL;
    if (!s->is_stream)
        return s->datagram->local_port ? -EINVAL : datagram_bind(r, s, to);
    if ((s->binding && s->binding->port) || !stream_is_closed(s))
        return -EINVAL;
    return stream_bind(r, s, to, port_can_wait(s, to));
}

/* As in Linux, the family may be left out if the address is INADDR_ANY. */
static int bind_address(const struct socket *s, const struct call *c, struct endpoint *to)
{
    if (s->is_ip6 || !sockaddr_is(AF_UNSPEC, c->to.address, c->to.length))
        return sockaddr_get(socket_family(s), c->to.address, c->to.length, to);
    int error = sockaddr_get_unnamed(c->to.address, c->to.length, to);
    return error || rill_address_is_any(to->address) ? error : -EAFNOSUPPORT;
}

int64_t bind_now(struct rill *r, struct socket *s, const struct call *c)
{
    struct endpoint to;
    int error = bind_address(s, c, &to);
    return error ? error : socket_bind(r, s, &to);
}

/* ----------------------------------------------------------------- listen */

/* A listener needs a port: takes one if bind has not named any. */
static int stream_hold_port(struct rill *r, struct socket *s)
{
    struct endpoint any = {any_of(s), 0};
    if (!s->binding)
        return stream_bind(r, s, &any, false);
    return s->binding->port ? 0 : tcp_bind(&r->net.tcp, s->binding);
}

static int stream_listen(struct rill *r, struct socket *s, uint32_t backlog)
{
    int error = stream_hold_port(r, s);
    if (error)
        return error;
    struct tcp_settings settings = socket_settings(r, s);
    struct tcp_listener *listener;
    error = tcp_listen(&r->net.tcp, s->binding, backlog, &settings, &s->owner.tcp, &listener);
    if (error)
        return error;
    s->listener = listener;
    s->phase = SOCKET_LISTENING;
    return socket_apply(r, s);
}

/* A negative backlog means the maximum, as in Linux. */
int64_t listen_now(struct rill *r, struct socket *s, const struct call *c)
{
    uint32_t backlog = (uint32_t)c->flags;
    if (!s->is_stream)
        return -EOPNOTSUPP;
    if (s->phase == SOCKET_IDLE)
        return stream_listen(r, s, backlog);
    if (s->phase != SOCKET_LISTENING)
        return -EINVAL;
    tcp_listen_backlog(&r->net.tcp, s->listener, backlog);
    return 0;
}
