#include "net/routing.h"

#include <errno.h>

/* 0/8 and 240/4, except the broadcast address, belong to no host (RFC 1122 3.2.1.3): never on a
 * wire. */
static bool is_nobody(struct rill_address a)
{
    if (!rill_address_is_ip4(a))
        return true;
    uint32_t ip4 = rill_address_to_ip4(a);
    return ip4 >> 24 == 0 || (ip4 >> 28 == 15 && ip4 != UINT32_MAX);
}

/* The first port that is not loopback: 255.255.255.255 goes there without a route. */
static int first_port(const struct net *net)
{
    return net->ports > 1 ? 1 : -1;
}

/* Every group has one path: through which port a datagram leaves is decided when it is sent. */
static bool path_resolve_multicast(struct path *path)
{
    path->kind = PATH_GROUP;
    path->is_multicast = true;
    path->port = RILL_LOOPBACK_PORT;
    path->group = mac_of_ip4_group(rill_address_to_ip4(path->entry.remote));
    return true;
}

/* Fills in port, next hop and kind. False: no route. */
static bool path_resolve(const struct net *net, struct path *path)
{
    struct rill_address remote = path->entry.remote;
    enum address_kind kind = address_kind(&net->addresses, ADDRESS_ANY_PORT, remote);
    if (is_nobody(remote))
        return false;
    path->next_hop = remote;
    path->neighbour = NULL;
    path->is_multicast = false;
    if (kind == ADDRESS_MULTICAST)
        return path_resolve_multicast(path);
    if (kind == ADDRESS_OURS || kind == ADDRESS_LOOPBACK) {
        path->kind = PATH_LOOPBACK;
        path->port = RILL_LOOPBACK_PORT;
        return true;
    }
    const struct route *r = route_find(&net->routes, remote);
    int port = r ? r->port : first_port(net);
    if (port < 0 || (!r && rill_address_to_ip4(remote) != UINT32_MAX))
        return false;
    path->port = port;
    kind = address_kind(&net->addresses, path->port, remote);
    path->kind = PATH_NEIGHBOUR;
    if (kind == ADDRESS_BROADCAST) {
        path->kind = PATH_GROUP;
        path->group = mac_broadcast;
    } else if (r) {
        path->next_hop = route_next_hop(r, remote);
    }
    return true;
}

struct path *routing_path(struct net *net, uint16_t *number, struct rill_address remote)
{
    struct path *path = path_at(&net->paths, *number, remote);
    if (!path) {
        path = path_for(&net->paths, remote);
        if (!path)
            return NULL;
        if (path->generation != net->paths.generation && !path_resolve(net, path))
            return NULL;
        path->generation = net->paths.generation;
        *number = (uint16_t)path->entry.index;
    }
    path_touch(&net->paths, path);
    return path;
}

/* The next hop's entry, stored in the path until any entry is removed. */
static struct neighbour *path_neighbour(struct net *net, struct path *path)
{
    struct neighbours *ns = &net->neighbours;
    if (path->neighbour && path->removals == ns->removals) {
        neighbour_use_known(ns, path->neighbour, net->now);
    } else {
        path->neighbour = neighbour_use(ns, path->port, path->next_hop, net->now);
        path->removals = ns->removals; /* a new entry may have evicted another */
    }
    return path->neighbour;
}

enum next_hop_state routing_next_hop(struct net *net, struct path *path, struct mac *mac,
                                     struct neighbour **out)
{
    if (path->kind != PATH_NEIGHBOUR) {
        *mac = path->kind == PATH_GROUP ? path->group : net->port[path->port].link.mac;
        return NEXT_HOP_RESOLVED;
    }
    struct neighbour *n = path_neighbour(net, path);
    if (!n || n->state == NEIGHBOUR_FAILED)
        return NEXT_HOP_FAILED;
    *out = n;
    if (!neighbour_usable(n))
        return NEXT_HOP_PENDING;
    *mac = n->mac;
    return NEXT_HOP_RESOLVED;
}

uint16_t routing_mtu(const struct net *net, const struct path *path)
{
    return pmtu_current(&path->pmtu, net->port[path->port].link.mtu, net->now);
}

/* To ourselves, source and destination are the same; as in Linux, all of 127/8 has one source. */
static struct rill_address source_to_ourselves(const struct net *net, struct rill_address remote)
{
    enum address_kind kind = address_kind(&net->addresses, ADDRESS_ANY_PORT, remote);
    return kind == ADDRESS_LOOPBACK ? ADDRESS_LOCALHOST : remote;
}

/* The source for the path (MUST-43, MUST-44): the requested address if it is ours, else one that
 * matches the next hop. */
static int routing_source(struct net *net, struct rill_address local, const struct path *path,
                          struct net_route *route)
{
    if (!rill_address_is_any(local)) {
        enum address_kind kind = address_kind(&net->addresses, ADDRESS_ANY_PORT, local);
        if (kind != ADDRESS_OURS && kind != ADDRESS_LOOPBACK)
            return -EADDRNOTAVAIL;
        route->local = local;
        return 0;
    }
    const struct local_address *source =
        address_source(&net->addresses, path->port, path->entry.remote, path->next_hop);
    if (path->kind == PATH_LOOPBACK) {
        route->local = source_to_ourselves(net, path->entry.remote);
        return 0;
    }
    if (!source)
        return -ENETUNREACH;
    route->local = source->address;
    return 0;
}

/* The local address must be ours; without one, the port's first. */
int routing_find_group(struct net *net, struct rill_address local, struct rill_address group,
                       int port, struct net_route *route)
{
    bool any = rill_address_is_any(local);
    const struct local_address *own =
        any ? NULL : address_find(&net->addresses, ADDRESS_ANY_PORT, local);
    const struct route *r = route_find(&net->routes, group);
    if (!any && !own)
        return -EADDRNOTAVAIL;
    if (port < 0)
        port = own ? own->port : r ? r->port : -1;
    if (port < 0)
        return -ENETUNREACH;
    if (!own)
        own = address_source(&net->addresses, port, group, group);
    if (!own)
        return -ENETUNREACH;
    *route = (struct net_route){
        .local = own->address, .port = port, .mtu = net->port[port].link.mtu, .group = true};
    return 0;
}

int routing_find(struct net *net, struct rill_address local, struct rill_address remote,
                 struct net_route *route)
{
    uint16_t number = 0;
    struct path *path = routing_path(net, &number, remote);
    if (!path)
        return -ENETUNREACH;
    route->port = path->port;
    route->path = number;
    route->mtu = routing_mtu(net, path);
    route->group = path->kind == PATH_GROUP;
    return routing_source(net, local, path, route);
}
