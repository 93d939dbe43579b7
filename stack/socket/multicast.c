#include "socket/multicast.h"

#include "socket/message.h"
#include "socket/options.h"
#include "wire/wire.h"

#include <errno.h>
#include <netinet/in.h>

static uint32_t address_of(const struct in_addr *a)
{
    return wire_get32((const uint8_t *)a);
}

/* A change of memberships, in one form for all options. */
struct member_change {
    struct multicast_place place;
    struct multicast_source source;
};

/* RFC 3678 5: both addresses must be IPv4. */
static bool storage_read(const struct sockaddr_storage *from, uint32_t *address)
{
    struct sockaddr_in name;
    memcpy(&name, from, sizeof name);
    *address = address_of(&name.sin_addr);
    return name.sin_family == AF_INET;
}

/* struct ip_mreq or ip_mreqn. */
static int place_read(struct rill_span from, struct multicast_place *p)
{
    struct ip_mreqn m = {.imr_ifindex = 0};
    if (from.length < sizeof(struct ip_mreq))
        return -EINVAL;
    memcpy(&m, from.at, from.length >= sizeof m ? sizeof m : sizeof(struct ip_mreq));
    *p = (struct multicast_place){.group = address_of(&m.imr_multiaddr),
                                  .index = (uint32_t)m.imr_ifindex,
                                  .interface = address_of(&m.imr_address)};
    return 0;
}

static int source_read(struct rill_span from, struct member_change *c)
{
    struct ip_mreq_source m;
    if (from.length != sizeof m)
        return -EINVAL;
    memcpy(&m, from.at, sizeof m);
    c->place = (struct multicast_place){.group = address_of(&m.imr_multiaddr),
                                        .interface = address_of(&m.imr_interface)};
    c->source.source = address_of(&m.imr_sourceaddr);
    return 0;
}

static int group_read(struct rill_span from, struct multicast_place *p)
{
    struct group_req g;
    if (from.length < sizeof g)
        return -EINVAL;
    memcpy(&g, from.at, sizeof g);
    *p = (struct multicast_place){.index = g.gr_interface};
    return storage_read(&g.gr_group, &p->group) ? 0 : -EINVAL;
}

static int group_source_read(struct rill_span from, struct member_change *c)
{
    struct group_source_req g;
    if (from.length != sizeof g)
        return -EINVAL;
    memcpy(&g, from.at, sizeof g);
    c->place = (struct multicast_place){.index = g.gsr_interface};
    bool good = storage_read(&g.gsr_group, &c->place.group) &&
                storage_read(&g.gsr_source, &c->source.source);
    return good ? 0 : -EADDRNOTAVAIL;
}

static int change_read(int name, struct rill_span from, struct member_change *c)
{
    *c = (struct member_change){
        .source.exclude = name == IP_BLOCK_SOURCE || name == MCAST_BLOCK_SOURCE ||
                          name == IP_UNBLOCK_SOURCE || name == MCAST_UNBLOCK_SOURCE,
        .source.add = name == IP_ADD_SOURCE_MEMBERSHIP || name == MCAST_JOIN_SOURCE_GROUP ||
                      name == IP_BLOCK_SOURCE || name == MCAST_BLOCK_SOURCE};
    switch (name) {
    case IP_ADD_MEMBERSHIP:
    case IP_DROP_MEMBERSHIP:
        return place_read(from, &c->place);
    case MCAST_JOIN_GROUP:
    case MCAST_LEAVE_GROUP:
        return group_read(from, &c->place);
    case IP_ADD_SOURCE_MEMBERSHIP:
    case IP_DROP_SOURCE_MEMBERSHIP:
    case IP_BLOCK_SOURCE:
    case IP_UNBLOCK_SOURCE:
        return source_read(from, c);
    default:
        return group_source_read(from, c);
    }
}

static int change_make(struct net *net, struct udp_socket *s, int name, struct member_change *c)
{
    int error = 0;
    switch (name) {
    case IP_ADD_MEMBERSHIP:
    case MCAST_JOIN_GROUP:
        return multicast_join(net, s, &c->place, true);
    case IP_DROP_MEMBERSHIP:
    case MCAST_LEAVE_GROUP:
        return multicast_leave(net, s, &c->place);
    case IP_ADD_SOURCE_MEMBERSHIP:
    case MCAST_JOIN_SOURCE_GROUP:
        error = multicast_join(net, s, &c->place, false);
        break;
    default:
        break;
    }
    if (error && error != -EADDRINUSE)
        return error;
    return multicast_list(net, s, &c->place, &c->source);
}

int multicast_member_set(struct rill *r, struct socket *s, int name, struct rill_span from)
{
    struct member_change change;
    if (s->is_stream && (name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP))
        return -EPROTO;
    int error = change_read(name, from, &change);
    if (error)
        return error;
    return s->is_stream ? -EPROTO : change_make(&r->net, s->datagram, name, &change);
}

/* ----------------------------------------------------------------- sending */

/* struct in_addr, ip_mreq or ip_mreqn. */
int multicast_interface_set(const struct rill *r, struct socket *s, struct rill_span from)
{
    struct multicast_place p = {.group = 0};
    struct in_addr address;
    if (s->is_stream || from.length < sizeof address)
        return -EINVAL;
    if (place_read(from, &p)) {
        memcpy(&address, from.at, sizeof address);
        p.interface = address_of(&address);
    }
    p.group = INADDR_ALLHOSTS_GROUP;
    int port = p.index || p.interface ? multicast_port(&r->net, &p) : -1;
    if ((p.index || p.interface) && port < 0)
        return -EADDRNOTAVAIL;
    s->datagram->multicast_index = port < 0 ? 0 : r->net.port[port].link.index;
    s->datagram->multicast_interface = p.interface;
    return 0;
}

int multicast_ttl_set(struct socket *s, const struct option *o, int value)
{
    if (s->is_stream || value < o->min || value > o->max)
        return -EINVAL;
    s->datagram->multicast_ttl = (uint8_t)(value < 0 ? 1 : value);
    return 0;
}

void multicast_send_copy(struct rill *r, const struct socket *s, const struct udp_to *to,
                         const struct msghdr *m, size_t length)
{
    if (socket_flag(s, FLAG_NO_COPY))
        return;
    char *text = memory_get(&r->net.memory, length + 1); /* it may be empty */
    if (!text)
        return;
    message_gather(m, 0, text, length);
    multicast_loop(&r->net, s->datagram, to, span_of(text, length));
    memory_put(&r->net.memory, text, length + 1);
}
