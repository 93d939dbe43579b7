/* Finds how to reach a destination address: combines routes, source addresses, paths and
 * neighbours. */
#ifndef NET_WAY_H
#define NET_WAY_H

#include "net/net.h"

/* The way to a destination: a suitable source address, the port, and the path's number. If `local`
 * is all zero, the source is chosen. 0, or the negative of: ENETUNREACH (no route, or an invalid
 * address), EADDRNOTAVAIL (`local` is not ours), ENOBUFS. */
struct net_way {
    struct rill_address local;
    int port;
    uint16_t path;
    uint16_t mtu; /* of the path, bytes of IP */
    bool group;   /* broadcast or multicast */
};
int net_find_way(struct net *, struct rill_address local, struct rill_address remote,
                 struct net_way *);

/* The up-to-date path for this remote address; *number is its stored number, updated if it is out
 * of date. NULL: no route, or no memory. */
struct path *way_path(struct net *, uint16_t *number, struct rill_address remote);

enum way_hop {
    WAY_OPEN,  /* *mac is the next hop's */
    WAY_WAITS, /* not resolved yet: the sender may wait in *neighbour->waiting */
    WAY_CLOSED /* the next hop does not answer */
};

/* The MAC of the path's next hop. */
enum way_hop way_next_hop(struct net *, struct path *, struct mac *, struct neighbour **);

/* The path MTU, in bytes of IP. */
uint16_t way_mtu(const struct net *, const struct path *);

#endif
