/* From an address to a way of reaching it: routes, sources, paths and neighbours together. */
#ifndef NET_WAY_H
#define NET_WAY_H

#include "net/net.h"

/* The up-to-date path of whoever keeps a path number for this remote address: found anew where it is not. NULL: no
 * route, or no memory. */
struct path *way_path(struct net *, uint16_t *number, struct rill_address remote);

enum way_hop {
    WAY_OPEN,    /* *mac is the next hop's */
    WAY_WAITS,   /* not resolved yet: *neighbour->waiting takes whoever waits */
    WAY_CLOSED   /* it does not answer */
};

/* The MAC of the path's next hop. */
enum way_hop way_next_hop(struct net *, struct path *, struct mac *, struct neighbour **);

/* Bytes of IP that a datagram on this path may have. */
uint16_t way_mtu(const struct net *, const struct path *);

#endif
