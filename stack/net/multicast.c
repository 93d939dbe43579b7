#include "net/multicast.h"

#include "ip/igmp.h"
#include "net/drop.h"

#include <errno.h>

#define REPORT_TOS 0xc0 /* RFC 3376 4: Internetwork Control */

static bool is_group(uint32_t address)
{
    return address >> 28 == 0xe;
}

/* ------------------------------------------------------------- memberships */

static int port_of_index(const struct net *net, uint32_t index)
{
    for (unsigned i = 0; i < net->ports; i++)
        if (net->port[i].link.index == index)
            return (int)i;
    return -ENODEV;
}

static int port_of_address(const struct net *net, uint32_t address)
{
    const struct local_address *l = address_find((struct addresses *)&net->addresses,
                                                 ADDRESS_ANY_PORT, rill_address_ip4(address));
    return l ? l->port : -ENODEV;
}

int multicast_port(const struct net *net, const struct multicast_place *p)
{
    if (!is_group(p->group))
        return -EINVAL;
    if (p->index)
        return port_of_index(net, p->index);
    if (p->interface)
        return port_of_address(net, p->interface);
    const struct route *r = route_find(&net->routes, rill_address_ip4(p->group));
    return r ? r->port : -ENODEV;
}

/* The port's own filter follows its sockets'. */
static int port_filter_update(struct net *net, uint32_t group, uint8_t port)
{
    struct source_filter want;
    udp_members_want(&net->udp, group, port, &want);
    int error = igmp_set(&net->groups, port, group, &want, net->now);
    net_notices_changed(net);
    return error;
}

int multicast_join(struct net *net, struct udp_socket *s, const struct multicast_place *p, bool all)
{
    int port = multicast_port(net, p);
    if (port < 0)
        return port;
    if (udp_member_find(s, p->group, (uint8_t)port))
        return -EADDRINUSE;
    struct udp_member *m = NULL;
    if (s->member_count < MULTICAST_MEMBERSHIPS_MAX)
        m = udp_member_add(&net->udp, s, p->group, (uint8_t)port);
    if (!m)
        return -ENOBUFS;
    m->interface = p->interface;
    m->filter.exclude = all;
    int error = port_filter_update(net, p->group, m->port);
    if (error)
        udp_member_remove(&net->udp, s, m);
    return error;
}

static void member_end(struct net *net, struct udp_socket *s, struct udp_member *m)
{
    uint32_t group = m->group;
    uint8_t port = m->port;
    udp_member_remove(&net->udp, s, m);
    port_filter_update(net, group, port); /* that never needs memory */
}

/* As in Linux, a membership is left by the name with which it was joined. */
static bool member_is_named(const struct net *net, const struct udp_member *m,
                            const struct multicast_place *p)
{
    if (m->group != p->group)
        return false;
    if (p->index)
        return net->port[m->port].link.index == p->index;
    return !p->interface || m->interface == p->interface;
}

int multicast_leave(struct net *net, struct udp_socket *s, const struct multicast_place *p)
{
    int port = multicast_port(net, p);
    if (port < 0 && !p->index && !p->interface)
        return port == -EINVAL ? -EADDRNOTAVAIL : port;
    for (struct udp_member *m = udp_member_first(s); m; m = udp_member_next(s, m))
        if (member_is_named(net, m, p)) {
            member_end(net, s, m);
            return 0;
        }
    return -EADDRNOTAVAIL;
}

void multicast_leave_all(struct net *net, struct udp_socket *s)
{
    for (struct udp_member *m; (m = udp_member_first(s)) != NULL;)
        member_end(net, s, m);
}

int multicast_list(struct net *net, struct udp_socket *s, const struct multicast_place *p,
                   const struct multicast_source *what)
{
    int port = multicast_port(net, p);
    if (port < 0)
        return port;
    struct udp_member *m = udp_member_find(s, p->group, (uint8_t)port);
    if (!m || (m->filter.count && m->filter.exclude != what->exclude))
        return -EINVAL;
    if (what->add && m->filter.count >= MULTICAST_SOURCES_MAX)
        return -ENOBUFS;
    bool changed;
    if (!what->add) {
        changed = source_remove(&m->filter, what->source);
    } else {
        m->filter.exclude = what->exclude; /* an empty list has either mode */
        changed = source_add(&m->filter, what->source);
    }
    if (!changed)
        return -EADDRNOTAVAIL;
    if (filter_wants_nothing(&m->filter)) { /* RFC 3376 2 */
        member_end(net, s, m);
        return 0;
    }
    return port_filter_update(net, p->group, (uint8_t)port);
}

/* -------------------------------------------------------------------- IGMP */

/* RFC 3376 9.1: a query from elsewhere could make all hosts of a link answer. */
static bool query_good(const struct arrival *in, const struct igmp *q)
{
    if (q->version > 1 && !ip4_has_router_alert(&in->ip))
        return false;
    return q->group || in->ip.destination == IGMP_ALL_SYSTEMS;
}

enum rill_drop multicast_receive(struct net *net, const struct arrival *in)
{
    struct igmp m;
    enum rill_drop drop = igmp_parse(&m, in->payload);
    if (drop)
        return drop;
    if (m.type == IGMP_LEAVE || m.type == IGMP_V3_REPORT)
        return RILL_DROP_IGMP_TYPE;
    if (m.type != IGMP_QUERY && m.type != IGMP_V1_REPORT && m.type != IGMP_V2_REPORT)
        return RILL_DROP_IGMP_TYPE;
    if (m.type == IGMP_QUERY && !query_good(in, &m))
        return RILL_DROP_IGMP_QUERY;
    igmp_receive(&net->groups, in->port, &m, net->now);
    net_notices_changed(net);
    return RILL_DROP_NONE;
}

size_t multicast_report(struct net *net, int port, struct ip4 *ip, uint8_t *to)
{
    uint32_t destination;
    size_t headers = IP4_HEADER + IP4_ROUTER_ALERT;
    size_t length = igmp_next(&net->groups, port, net->port[port].link.mtu - headers, net->now, to,
                              &destination);
    struct rill_address group = rill_address_ip4(destination);
    const struct local_address *source = address_source(&net->addresses, port, group, group);
    net_notices_changed(net);
    *ip = (struct ip4){
        .tos = REPORT_TOS,
        .total_length = (uint16_t)(headers + length),
        .id = length ? net_ip_id(net) : 0,
        .ttl = 1,
        .protocol = IP_PROTOCOL_IGMP,
        .source = source ? rill_address_to_ip4(source->address) : 0, /* RFC 3376 4.2.13 */
        .destination = destination,
        .options = ip4_router_alert,
    };
    return length;
}

/* ---------------------------------------------------------------- our copy */

void multicast_loop(struct net *net, const struct udp_socket *s, const struct udp_to *to,
                    struct rill_span text)
{
    struct udp_arrival copy = {
        .source = to->local,
        .destination = to->remote,
        .header = {.source = s->local_port, .destination = to->remote_port},
        .port = to->port,
        .tos = to->has_tos ? to->tos : s->tos,
        .ttl = to->ttl,
        .when = net->now,
        .to_group = true,
        .to_members = true,
    };
    size_t piece = to->segment ? to->segment : text.length;
    if (to->port == RILL_LOOPBACK_PORT ||
        !group_wanted(&net->groups, to->port, rill_address_to_ip4(to->remote),
                      rill_address_to_ip4(to->local)))
        return;
    do {
        copy.data = span_first(text, piece);
        text = span_skip(text, copy.data.length);
        net->counters.value[RILL_IpExtInMcastPkts]++;
        enum rill_drop drop = udp_input(&net->udp, &copy);
        if (drop)
            net_drop(net, to->port, drop);
    } while (text.length);
}
