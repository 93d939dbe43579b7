/* connect, send and receive on a datagram socket (udp(7)). */
#include "net/way.h"
#include "socket/call.h"
#include "socket/message.h"
#include "socket/try.h"

#include <errno.h>

/* What bind has named is a source only if it is ours: a socket may be bound to a group. */
static struct rill_address datagram_source(const struct rill *r, const struct socket *s)
{
    enum address_kind kind = address_kind(&r->net.addresses, ADDRESS_ANY_PORT, s->datagram->local);
    if (kind == ADDRESS_OURS || kind == ADDRESS_LOOPBACK)
        return s->datagram->local;
    return (struct rill_address){{0}};
}

static bool is_multicast(struct rill_address a)
{
    return rill_address_to_ip4(a) >> 28 == 0xe;
}

/* The way of a datagram to `to`, whose address 0.0.0.0 means this host (ip(7)). */
static int datagram_find_way(struct rill *r, const struct socket *s, struct endpoint *to,
                             struct net_way *way)
{
    struct rill_address local = datagram_source(r, s);
    if (rill_address_is_any(to->address))
        to->address = rill_address_is_any(local) ? ADDRESS_LOCALHOST : local;
    int error = net_find_way(&r->net, local, to->address, way);
    if (error)
        return error;
    bool forbidden = way->group && !is_multicast(to->address);
    return forbidden && !socket_flag(s, FLAG_BROADCAST) ? -EACCES : 0;
}

/* A socket that sends has a port. */
static int datagram_autobind(struct rill *r, struct socket *s)
{
    if (s->datagram->local_port)
        return 0;
    int error = udp_bind(&r->net.udp, s->datagram, (struct rill_address){{0}}, 0);
    return error == -EADDRINUSE ? -EAGAIN : error;
}

/* ----------------------------------------------------------------- connect */

/* What connect has chosen goes; what bind was told stays. */
static void datagram_disconnect(struct rill *r, struct socket *s)
{
    udp_connect(s->datagram, (struct rill_address){{0}}, 0);
    if (!s->address_chosen)
        s->datagram->local = (struct rill_address){{0}};
    if (!s->port_chosen && !s->address_chosen && s->datagram->local_port)
        udp_unbind(&r->net.udp, s->datagram);
}

int datagram_connect(struct rill *r, struct socket *s, const struct sockaddr *address,
                     socklen_t length)
{
    struct endpoint to;
    struct net_way way;
    if (sockaddr_is_unspecified(address, length)) {
        datagram_disconnect(r, s);
        return 0;
    }
    int error = sockaddr_get(address, length, &to);
    if (!error)
        error = datagram_find_way(r, s, &to, &way);
    if (!error)
        error = datagram_autobind(r, s);
    if (error)
        return error;
    if (!s->address_chosen)
        s->datagram->local = way.local;
    udp_connect(s->datagram, to.address, to.port);
    return 0;
}

/* -------------------------------------------------------------------- send */

/* The peer that the message names, or the one that connect has named. */
static int datagram_peer(const struct socket *s, const struct msghdr *m, struct endpoint *to)
{
    if (m->msg_name)
        return sockaddr_get(m->msg_name, m->msg_namelen, to);
    if (!udp_connected(s->datagram))
        return -EDESTADDRREQ;
    *to = (struct endpoint){s->datagram->remote, s->datagram->remote_port};
    return 0;
}

static int take_error(struct udp_socket *u)
{
    int error = u->error;
    u->error = 0;
    return -error;
}

static int datagram_send_check(const struct socket *s, const struct call *c)
{
    ssize_t length = message_length(c->send);
    if (length < 0)
        return (int)length;
    if (c->flags & (MSG_OOB | MSG_MORE)) /* DEVIATION: a datagram is not put together over calls */
        return -EOPNOTSUPP;
    return s->datagram->write_closed ? -EPIPE : 0;
}

enum call_state datagram_send_try(struct rill *r, struct socket *s, struct call *c)
{
    struct endpoint to;
    struct net_way way;
    int error = datagram_send_check(s, c);
    if (!error)
        error = datagram_peer(s, c->send, &to);
    if (!error && !to.port)
        error = -EINVAL;
    if (!error)
        error = take_error(s->datagram);
    if (!error)
        error = datagram_find_way(r, s, &to, &way);
    if (!error)
        error = datagram_autobind(r, s);
    if (error)
        return call_end(c, error);
    struct udp_to there = {way.local, to.address, to.port, (uint8_t)way.port};
    int64_t sent =
        udp_send(&r->net.udp, s->datagram, &there, c->send->msg_iov, c->send->msg_iovlen);
    return sent == -EAGAIN ? CALL_WAITS : call_end(c, sent);
}

/* ----------------------------------------------------------------- receive */

static int datagram_name(const struct udp_datagram *d, struct msghdr *m)
{
    struct endpoint from = {d->remote, d->remote_port};
    return m->msg_name ? sockaddr_put(&from, m->msg_name, &m->msg_namelen) : 0;
}

/* recv(2): what does not fit is lost; MSG_TRUNC asks for the whole length all the same. */
static int64_t datagram_take(struct rill *r, struct socket *s, struct call *c)
{
    const struct udp_datagram *d = udp_first(s->datagram);
    struct rill_span data = udp_data(d);
    size_t copied = message_put(c->receive, 0, data);
    int error = datagram_name(d, c->receive);
    c->receive->msg_flags = copied < data.length ? MSG_TRUNC : 0;
    int64_t result = (int64_t)(c->flags & MSG_TRUNC ? data.length : copied);
    if (!(c->flags & MSG_PEEK))
        udp_drop_first(&r->net.udp, s->datagram);
    return error ? error : result;
}

enum call_state datagram_receive_try(struct rill *r, struct socket *s, struct call *c)
{
    ssize_t length = message_length(c->receive);
    if (length < 0)
        return call_end(c, length);
    int error = take_error(s->datagram);
    if (error)
        return call_end(c, error);
    if (udp_first(s->datagram))
        return call_end(c, datagram_take(r, s, c));
    return s->datagram->read_closed ? call_end(c, 0) : CALL_WAITS;
}
