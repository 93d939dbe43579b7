/* From a destination address to the way of reaching it: routes, source addresses, paths and
 * neighbours together. */
#ifndef NET_WAY_H
#define NET_WAY_H

#include "net/net.h"

/* Which way to a destination: the source address that fits, the port, and the path's number.
 * `local` all zero lets the source be chosen. 0, or the negative of: ENETUNREACH (no route, or an
 * address that is none), EADDRNOTAVAIL (`local` is not ours), ENOBUFS. */
struct net_way {
    struct rill_address local;
    int port;
    uint16_t path;
    uint16_t mtu; /* of the path, bytes of IP */
    bool group;   /* broadcast or multicast */
};
int net_find_way(struct net *, struct rill_address local, struct rill_address remote,
                 struct net_way *);

/* The up-to-date path of whoever keeps a path number for this remote address: found anew where it
 * is not. NULL: no route, or no memory. */
struct path *way_path(struct net *, uint16_t *number, struct rill_address remote);

enum way_hop {
    WAY_OPEN,  /* *mac is the next hop's */
    WAY_WAITS, /* not resolved yet: *neighbour->waiting takes whoever waits */
    WAY_CLOSED /* it does not answer */
};

/* The MAC of the path's next hop. */
enum way_hop way_next_hop(struct net *, struct path *, struct mac *, struct neighbour **);

/* Bytes of IP that a datagram on this path may have. */
uint16_t way_mtu(const struct net *, const struct path *);

#endif
