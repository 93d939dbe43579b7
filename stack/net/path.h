/* Paths: what is known of the way to a remote address: the port, the next hop, its neighbour entry,
 * the path MTU. The book is bounded, the least recently used path gives way; a connection keeps
 * only a number, which is good as long as the path at it still leads to the connection's remote
 * address. */
#ifndef NET_PATH_H
#define NET_PATH_H

#include "base/hash.h"
#include "base/list.h"
#include "ip/pmtu.h"
#include "link/neighbour.h"

#define PATH_BUCKETS 1024

enum path_kind {
    PATH_NEIGHBOUR, /* one station, found by the neighbour protocol */
    PATH_GROUP,     /* broadcast or multicast: the MAC follows from the address */
    PATH_LOOPBACK
};

struct path {
    struct rill_address remote;
    struct rill_address next_hop;
    enum path_kind kind;
    int port;
    struct mac group;
    struct pmtu pmtu;
    struct neighbour *neighbour; /* good while neighbours.removals == removals */
    uint64_t removals;
    uint32_t generation; /* of the routes and addresses that it was found by */
    struct list_node age;
    uint32_t index;
    uint32_t next; /* in the bucket */
};

struct paths {
    struct pool pool;
    struct hash_key key;
    uint32_t *bucket; /* PATH_BUCKETS */
    struct list age;  /* least recently used first */
    uint32_t generation;
};

bool paths_init(struct paths *, struct memory *, struct random *, unsigned limit);
void paths_end(struct paths *);

/* Routes, addresses or ports have changed: every path is found anew when it is next used. */
static inline void paths_outdate(struct paths *p)
{
    p->generation++;
}

/* The path with this number if it still leads there and is up to date, else NULL. */
struct path *path_at(struct paths *, uint16_t number, struct rill_address remote);

/* The path to a remote address, up to date or not, or a new one of which only the address is known
 * (generation 0). NULL: no memory. */
struct path *path_for(struct paths *, struct rill_address remote);

/* The path if there is one: what an ICMP error talks about. */
struct path *path_find(const struct paths *, struct rill_address remote);

/* The path was used now. */
void path_touch(struct paths *, struct path *);

#endif
