/* Paths: the port, the next hop, its neighbour entry and the path MTU for a remote address. A
 * connection stores only a number, which is valid while the path with this number still leads to
 * the connection's remote address. */
#ifndef NET_PATH_H
#define NET_PATH_H

#include "base/lru_cache.h"
#include "ip/pmtu.h"
#include "link/neighbour.h"

enum path_kind {
    PATH_NEIGHBOUR, /* one station, found by the neighbour protocol */
    PATH_GROUP,     /* broadcast or multicast: the MAC follows from the address */
    PATH_LOOPBACK
};

struct path {
    struct lru_entry entry; /* by remote address; its index is the path's number */
    struct rill_address next_hop;
    enum path_kind kind;
    int port;
    struct mac group;
    bool is_multicast; /* of PATH_GROUP */
    struct pmtu pmtu;
    struct neighbour *neighbour; /* valid while neighbours.removals == removals */
    uint64_t removals;
    uint32_t generation; /* of the routes and addresses when it was resolved */
};

struct paths {
    struct lru_cache cache;
    uint32_t generation;
};

bool paths_init(struct paths *, struct memory *, struct random *, unsigned limit);
void paths_end(struct paths *);

/* Routes, addresses or ports have changed: every path is resolved again at its next use. */
static inline void paths_outdate(struct paths *p)
{
    p->generation++;
}

/* The path with this number if it still leads there and is up to date, else NULL. */
struct path *path_at(struct paths *, uint16_t number, struct rill_address remote);

/* The path to a remote address, up to date or not, or a new one that is not resolved (generation
 * 0). NULL: no memory. */
struct path *path_for(struct paths *, struct rill_address remote);

/* The path if there is one, for an ICMP error. */
struct path *path_find(const struct paths *, struct rill_address remote);

/* The path was used now. */
static inline void path_touch(struct paths *p, struct path *path)
{
    lru_cache_touch(&p->cache, &path->entry);
}

#endif
