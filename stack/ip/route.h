/* Where a datagram goes next: a bounded table, longest prefix first, searched from the front (RFC
 * 1122 3.3.1; a host has a handful of routes, and a path caches the answer). */
#ifndef IP_ROUTE_H
#define IP_ROUTE_H

#include "ip/prefix.h"

#define ROUTES_MAX 256

struct route {
    struct rill_address destination; /* bits behind the prefix are zero */
    unsigned prefix;                 /* 0 to 128: prefix_of_ip4 for IPv4 */
    int port;
    struct rill_address gateway; /* unused if on_link */
    bool on_link;                /* the destination itself is the next hop */
};

struct routes {
    struct route route[ROUTES_MAX]; /* longest prefix first; of equal length, oldest first */
    unsigned count;
};

/* 0, EEXIST (same destination and prefix), EINVAL (prefix above 128), ENOSPC. Bits behind the
 * prefix are cleared. */
int route_add(struct routes *, const struct route *);

/* 0 or ESRCH. */
int route_remove(struct routes *, struct rill_address destination, unsigned prefix);

/* The longest match; NULL: none. Borrowed until the table changes. */
const struct route *route_find(const struct routes *, struct rill_address destination);

/* The gateway, or the destination itself. */
struct rill_address route_next_hop(const struct route *, struct rill_address destination);

#endif
