#include "ip/route.h"

#include <errno.h>

static struct route *routes_exact(struct routes *rs, struct rill_address destination,
                                  unsigned prefix)
{
    for (unsigned i = 0; i < rs->count; i++) {
        struct route *r = &rs->route[i];
        if (r->prefix == prefix && rill_address_equal(r->destination, destination))
            return r;
    }
    return NULL;
}

int route_add(struct routes *rs, const struct route *route)
{
    if (route->prefix > PREFIX_MAX)
        return EINVAL;
    struct rill_address network = prefix_network(route->destination, route->prefix);
    if (routes_exact(rs, network, route->prefix))
        return EEXIST;
    if (rs->count == ROUTES_MAX)
        return ENOSPC;
    unsigned at = 0;
    while (at < rs->count && rs->route[at].prefix >= route->prefix)
        at++;
    struct route *place = &rs->route[at];
    memmove(place + 1, place, (rs->count - at) * sizeof *place);
    *place = *route;
    place->destination = network;
    rs->count++;
    return 0;
}

int route_remove(struct routes *rs, struct rill_address destination, unsigned prefix)
{
    if (prefix > PREFIX_MAX)
        return ESRCH;
    struct route *r = routes_exact(rs, prefix_network(destination, prefix), prefix);
    if (!r)
        return ESRCH;
    rs->count--;
    memmove(r, r + 1, (size_t)(rs->route + rs->count - r) * sizeof *r);
    return 0;
}

const struct route *route_find(const struct routes *rs, struct rill_address destination)
{
    for (unsigned i = 0; i < rs->count; i++)
        if (prefix_holds(rs->route[i].destination, rs->route[i].prefix, destination))
            return &rs->route[i];
    return NULL;
}

struct rill_address route_next_hop(const struct route *r, struct rill_address destination)
{
    return r->on_link ? destination : r->gateway;
}
