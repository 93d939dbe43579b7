/* connect, send and receive on a datagram socket (udp(7)). */
#include "net/config.h"
#include "net/routing.h"
#include "socket/call.h"
#include "socket/control.h"
#include "socket/message.h"
#include "socket/multicast.h"
#include "socket/options.h"
#include "socket/try.h"

#include <errno.h>
#include <netinet/in.h>

/* The bound address is a source only if it is ours: a socket may be bound to a group. */
static struct rill_address datagram_source(const struct rill *r, const struct socket *s)
{
    enum address_kind kind = address_kind(&r->net.addresses, ADDRESS_ANY_PORT, s->datagram->local);
    if (kind == ADDRESS_OURS || kind == ADDRESS_LOOPBACK)
        return s->datagram->local;
    return (struct rill_address){{0}};
}

static bool is_multicast(struct rill_address a)
{
    return rill_address_is_ip4(a) && rill_address_to_ip4(a) >> 28 == 0xe;
}

/* The interface and the source may be chosen by IP_PKTINFO, or else by IP_MULTICAST_IF. */
static int group_route(struct rill *r, const struct socket *s, struct rill_address local,
                       const struct endpoint *to, uint32_t index, struct net_route *route)
{
    const struct udp_socket *u = s->datagram;
    struct multicast_place by = {.group = INADDR_ALLHOSTS_GROUP,
                                 .index = index ? index : u->multicast_index};
    int port = by.index ? multicast_port(&r->net, &by) : -1;
    if (rill_address_is_any(local) && u->multicast_interface)
        local = rill_address_ip4(u->multicast_interface);
    return routing_find_group(&r->net, local, to->address, port, route);
}

/* The route of a datagram from `local` to `to`; `index` of an interface chooses only for a group.
 */
static int datagram_route(struct rill *r, const struct socket *s, struct rill_address local,
                          uint32_t index, struct endpoint *to, struct net_route *route)
{
    if (socket_flag(s, FLAG_ONLY_IP6))
        return -ENETUNREACH;
    to->address = sockaddr_destination(to->address, local);
    if (is_multicast(to->address))
        return group_route(r, s, local, to, index, route);
    int error = routing_find(&r->net, local, to->address, route);
    if (error)
        return error;
    return route->group && !socket_flag(s, FLAG_BROADCAST) ? -EACCES : 0;
}

/* A socket needs a port to send. */
static int datagram_autobind(struct rill *r, struct socket *s)
{
    if (s->datagram->local_port)
        return 0;
    int error = udp_bind(&r->net.udp, s->datagram, s->datagram->local, 0);
    return error == -EADDRINUSE ? -EAGAIN : error;
}

/* As in Linux, a peer of an AF_INET6 socket may also be named by a struct sockaddr_in. */
static sa_family_t family_named(const struct socket *s, const struct sockaddr *name,
                                socklen_t length)
{
    return sockaddr_is(AF_INET, name, length) ? AF_INET : socket_family(s);
}

/* ----------------------------------------------------------------- connect */

/* Clears what connect has chosen; what bind has set stays. */
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
    struct net_route route;
    if (sockaddr_is(AF_UNSPEC, address, length)) {
        datagram_disconnect(r, s);
        return 0;
    }
    int error = datagram_autobind(r, s); /* as in Linux, even if the rest fails */
    if (!error)
        error = sockaddr_get(family_named(s, address, length), address, length, &to);
    if (!error)
        error = datagram_route(r, s, datagram_source(r, s), 0, &to, &route);
    if (error)
        return error;
    if (!s->address_chosen)
        s->datagram->local = route.local;
    udp_connect(s->datagram, to.address, to.port);
    return 0;
}

/* -------------------------------------------------------------------- send */

/* The peer that the message names, or the connected one. */
static int datagram_peer(const struct socket *s, const struct msghdr *m, struct endpoint *to)
{
    const struct sockaddr *name = m->msg_name;
    socklen_t length = m->msg_namelen;
    if (!s->is_ip6 && sockaddr_is(AF_UNSPEC, name, length)) /* as in Linux */
        return sockaddr_get_unnamed(name, length, to);
    if (name)
        return sockaddr_get(family_named(s, name, length), name, length, to);
    if (!udp_connected(s->datagram))
        return -EDESTADDRREQ;
    *to = (struct endpoint){s->datagram->remote, s->datagram->remote_port};
    return 0;
}

/* As in Linux, the socket has a port afterwards, even if the rest fails. */
static int datagram_send_check(struct rill *r, struct socket *s, const struct call *c)
{
    ssize_t length = message_length(c->send);
    int error = length < 0 ? (int)length : datagram_autobind(r, s);
    if (error)
        return error;
    if (length > UINT16_MAX)
        return -EMSGSIZE;
    if (c->flags & (MSG_OOB | MSG_MORE)) /* DEVIATION: one call makes a whole datagram */
        return c->goes_on ? -EMSGSIZE : -EOPNOTSUPP;
    return 0;
}

/* The route that the control messages allow; there is none from an address that is not ours.
 * DEVIATION: ipi_ifindex forces nothing but the way to a group: if the routes lead to another port,
 * the datagram cannot be sent. */
static int datagram_wished_route(struct rill *r, const struct socket *s,
                                 const struct control_wishes *w, struct endpoint *to,
                                 struct net_route *route)
{
    bool wished = !rill_address_is_any(w->source);
    if (w->index && !net_has_index(&r->net, w->index))
        return -ENODEV;
    struct rill_address local = wished ? w->source : datagram_source(r, s);
    int error = datagram_route(r, s, local, w->index, to, route);
    bool elsewhere = !error && w->index && w->index != r->net.port[route->port].link.index;
    return elsewhere || (wished && error == -EADDRNOTAVAIL) ? -ENETUNREACH : error;
}

/* Reports a datagram that is too long: an application that sizes its datagrams as ip(7) describes
 * finds the MTU in its error queue. */
static void datagram_refused(struct rill *r, struct socket *s, const struct endpoint *to,
                             uint16_t mtu)
{
    struct error_report report = {
        .when = r->net.now,
        .remote = to->address,
        .remote_port = to->port,
        .error = EMSGSIZE,
        .origin = ERROR_LOCAL,
        .info = mtu,
    };
    udp_refused(&r->net.udp, s->datagram, &report);
}

/* Bytes of an IP packet that need no fragmentation. */
static uint16_t datagram_mtu(const struct rill *r, const struct socket *s,
                             const struct net_route *route)
{
    bool heeds = ip4_discovery_heeds_icmp(udp_discovery(s->datagram));
    return heeds ? route->mtu : r->net.port[route->port].link.mtu;
}

/* ip(7), IP_MTU_DISCOVER: a sender that forbids fragmentation gets EMSGSIZE for a datagram that is
 * too long. So an application can discover the path MTU of its own protocol (RFC 8899). */
static bool datagram_fits(const struct socket *s, size_t length, uint16_t mtu)
{
    return !ip4_discovery_refuses(udp_discovery(s->datagram)) || udp_packet_length(length) <= mtu;
}

/* udp(7), UDP_SEGMENT: a longer send leaves as several datagrams of so many bytes. 0: as one. */
static uint16_t datagram_segment(const struct rill *r, const struct socket *s,
                                 const struct control_wishes *w, size_t length)
{
    size_t segment = w->has_segment ? w->segment : (size_t)socket_value(r, s, VALUE_SEGMENT);
    return length > segment ? (uint16_t)segment : 0;
}

/* Each datagram must fit into the path unfragmented. As in Linux, this error is not reported in the
 * error queue. */
static int segments_check(uint16_t segment, size_t length, uint16_t mtu)
{
    if (!segment)
        return 0;
    if (udp_packet_length(segment) > mtu)
        return -EMSGSIZE;
    return length > (size_t)segment * UDP_SEGMENTS_MAX ? -EINVAL : 0;
}

/* ip(7), IP_MULTICAST_TTL: with 0 a datagram does not leave the host. */
static int64_t group_send(struct rill *r, struct socket *s, const struct msghdr *m,
                          struct udp_to *to, size_t length)
{
    int64_t sent = (int64_t)length;
    if (!to->ttl)
        to->ttl = s->datagram->multicast_ttl;
    if (to->ttl)
        sent = udp_send(&r->net.udp, s->datagram, to, m->msg_iov, m->msg_iovlen);
    if (sent >= 0)
        multicast_send_copy(r, s, to, m, length);
    return sent;
}

static int64_t datagram_send(struct rill *r, struct socket *s, const struct msghdr *m,
                             struct endpoint *to, const struct control_wishes *w)
{
    struct net_route route;
    int error = datagram_wished_route(r, s, w, to, &route);
    if (error)
        return error;
    if (s->datagram->write_closed)
        return -EPIPE;
    struct udp_to there = {.local = route.local,
                           .remote = to->address,
                           .remote_port = to->port,
                           .port = (uint8_t)route.port,
                           .ttl = w->ttl,
                           .tos = w->tos,
                           .has_tos = w->has_tos};
    uint16_t mtu = datagram_mtu(r, s, &route);
    size_t length = (size_t)message_length(m);
    there.segment = datagram_segment(r, s, w, length);
    error = segments_check(there.segment, length, mtu);
    if (error)
        return error;
    int64_t sent;
    if (!datagram_fits(s, there.segment ? there.segment : length, mtu))
        sent = -EMSGSIZE;
    else if (is_multicast(to->address))
        sent = group_send(r, s, m, &there, length);
    else
        sent = udp_send(&r->net.udp, s->datagram, &there, m->msg_iov, m->msg_iovlen);
    if (sent == -EMSGSIZE)
        datagram_refused(r, s, to, mtu);
    return sent;
}

enum call_state datagram_send_try(struct rill *r, struct socket *s, struct call *c)
{
    struct endpoint to;
    struct control_wishes wishes;
    int error = datagram_send_check(r, s, c);
    if (!error)
        error = datagram_peer(s, c->send, &to);
    if (!error && !to.port)
        error = -EINVAL;
    if (!error)
        error = control_read(c->send, s, &wishes);
    if (!error)
        error = -udp_take_error(s->datagram);
    if (error)
        return call_end(c, error);
    int64_t sent = datagram_send(r, s, c->send, &to, &wishes);
    return sent == -EAGAIN ? CALL_WAITS : call_end(c, sent);
}

/* ----------------------------------------------------------------- receive */

/* recv(2): bytes that do not fit are lost; with MSG_TRUNC the result is the whole length
 * nevertheless. */
static int64_t datagram_take(struct rill *r, struct socket *s, struct call *c)
{
    const struct udp_datagram *d = udp_first(s->datagram);
    struct endpoint from = {d->remote, d->remote_port};
    struct control_facts facts = {.when = d->when,
                                  .local = d->local,
                                  .remote = d->remote,
                                  .port = d->port,
                                  .tos = d->tos,
                                  .ttl = d->ttl,
                                  .segment = d->segment};
    struct rill_span data = udp_data(d);
    int64_t result = message_fill(c->receive, socket_family(s), &from, data);
    struct control control = control_begin(c->receive);
    control_put_facts(&control, r, s, &facts);
    if (result >= 0 && c->flags & MSG_TRUNC)
        result = (int64_t)data.length;
    if (!(c->flags & MSG_PEEK))
        udp_drop_first(&r->net.udp, s->datagram);
    return result;
}

enum call_state datagram_receive_try(struct rill *r, struct socket *s, struct call *c)
{
    ssize_t length = message_length(c->receive);
    if (length < 0)
        return call_end(c, length);
    int error = udp_take_error(s->datagram);
    if (error)
        return call_end(c, -error);
    if (udp_first(s->datagram))
        return call_end(c, datagram_take(r, s, c));
    if (!s->datagram->read_closed || c->deadline <= r->net.now)
        return CALL_WAITS; /* as in Linux: EAGAIN, if the call must not wait */
    c->receive->msg_namelen = 0;
    c->receive->msg_controllen = 0;
    c->receive->msg_flags = 0;
    return call_end(c, 0);
}
