/* What TCP has learned about a destination, for later connections to it (RFC 9040; RFC 7413 4.1.3).
 * A value of 0 is unknown. tcp.metrics_max limits the cache, and the least recently used
 * destination is replaced, so no connection may depend on an entry. */
#ifndef TCP_METRICS_H
#define TCP_METRICS_H

#include "base/lru_cache.h"
#include "tcp/mtu_search.h"
#include "wire/tcp_header.h"

/* RFC 9040: data that one connection leaves for the next (share.c), valid for an hour. */
struct metrics_shared {
    rill_time learned_at;
    uint32_t srtt, rttvar; /* us */
    uint32_t ssthresh;     /* bytes */
    struct mtu_search mtu; /* RFC 4821 5.2 */
};

struct metrics {
    struct lru_entry entry;
    uint16_t mss; /* from the last SYN of the peer */
    struct metrics_shared shared;
    struct {
        struct tcp_fast_open cookie; /* of length 0: none */
        struct rill_address local;   /* the address to which the cookie was given */
        uint8_t refusals; /* requests without a cookie: 1: try the older option; 2: both failed */
        uint8_t losses;   /* consecutive losses of SYNs with the option */
        rill_time paused_until;
    } fast_open; /* RFC 7413 4.1.3 */
};

/* The metrics of a destination, which counts as a use of them; NULL: none. */
struct metrics *metrics_find(struct lru_cache *, struct rill_address remote);

/* The same for writing, created if needed. NULL: no memory. */
struct metrics *metrics_for(struct lru_cache *, struct rill_address remote);

#endif
