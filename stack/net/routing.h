/* Finds how to reach a destination address: combines routes, source addresses, paths and
 * neighbours. */
#ifndef NET_ROUTING_H
#define NET_ROUTING_H

#include "net/net.h"

/* The route to a destination: a suitable source address, the port, and the path's number. If
 * `local` is all zero, the source is chosen. 0, or the negative of: ENETUNREACH (no route, or an
 * invalid address), EADDRNOTAVAIL (`local` is not ours), ENOBUFS. */
struct net_route {
    struct rill_address local;
    int port;
    uint16_t path;
    uint16_t mtu; /* of the path, bytes of IP */
    bool group;   /* broadcast or multicast */
};
int routing_find(struct net *, struct rill_address local, struct rill_address remote,
                 struct net_route *);

/* The same for a datagram to a multicast group, through a port that the caller has chosen
 * (negative: not); without one the port of `local` counts, then the group's route. */
int routing_find_group(struct net *, struct rill_address local, struct rill_address group, int port,
                       struct net_route *);

/* The up-to-date path for this remote address; *number is its stored number, updated if it is out
 * of date. NULL: no route, or no memory. */
struct path *routing_path(struct net *, uint16_t *number, struct rill_address remote);

enum next_hop_state {
    NEXT_HOP_RESOLVED, /* *mac is the next hop's */
    NEXT_HOP_PENDING,  /* not resolved yet: the sender may wait in *neighbour->waiting */
    NEXT_HOP_FAILED    /* the next hop does not answer */
};

/* The MAC of the path's next hop. */
enum next_hop_state routing_next_hop(struct net *, struct path *, struct mac *,
                                     struct neighbour **);

/* The path MTU, in bytes of IP. */
uint16_t routing_mtu(const struct net *, const struct path *);

#endif
