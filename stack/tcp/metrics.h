/* What TCP has learned about a destination, for later connections to it (RFC 9040; RFC 7413 4.1.3).
 * A value of 0 is unknown. tcp.metrics_max limits the book, and the least recently used destination
 * is replaced, so no connection may depend on an entry. */
#ifndef TCP_METRICS_H
#define TCP_METRICS_H

#include "base/book.h"
#include "tcp/mtu_search.h"
#include "wire/tcp_header.h"

/* RFC 9040: what one connection leaves to the next (share.c), an hour long. */
struct metrics_shared {
    rill_time learned_at;
    uint32_t srtt, rttvar; /* us */
    uint32_t ssthresh;     /* bytes */
    struct mtu_search mtu; /* RFC 4821 5.2 */
};

struct metrics {
    struct book_entry entry;
    uint16_t mss; /* what the peer's SYN allowed the last time */
    struct metrics_shared shared;
    struct {
        struct tcp_fast_open cookie; /* of length 0: none */
        struct rill_address local;   /* to which it was given */
        uint8_t refusals; /* requests without an answer: 1: try the older form; 2: both */
        uint8_t losses;   /* SYNs in a row that were lost with it */
        rill_time rests_until;
    } fast_open; /* RFC 7413 4.1.3 */
};

/* What is known of a destination, which counts as a use of it; NULL: nothing. */
struct metrics *metrics_find(struct book *, struct rill_address remote);

/* The same for writing, made where it is not there yet. NULL: no memory. */
struct metrics *metrics_for(struct book *, struct rill_address remote);

#endif
