/* Reassembly of IPv4 datagrams (RFC 791 3.2, RFC 815, RFC 1122 3.3.2), with RFC 5722's rule against
 * overlaps.
 *
 * An entry begins with the first fragment to arrive, in any order. It ends when the datagram is
 * complete, at its time-out (counted from that first fragment, so the list by age is also in the
 * order of deadlines), or as the oldest entry when memory runs out. If two fragments contradict
 * each other, none of the data is credible: the bytes are freed, but the key stays until the
 * time-out
 * ("poisoned"), so that later fragments do not start a new entry.
 *
 * Limits: total bytes; a quarter of them for each source (whose own oldest entry is replaced
 * first); RANGES_MAX holes in a datagram. */
#ifndef IP_REASSEMBLY_H
#define IP_REASSEMBLY_H

#include "base/hash.h"
#include "base/list.h"
#include "base/ranges.h"
#include "wire/ip4.h"

#include <rill/time.h>

#define REASSEMBLY_BUCKETS 1024
#define REASSEMBLY_SOURCES 256 /* by keyed hash of the address: colliding sources share */
#define REASSEMBLY_LEAST 98304 /* bytes: a datagram of 64 KB with all that it needs */
#define REASSEMBLY_SHARE 4     /* one source gets a quarter, but one large datagram at least */

struct datagram; /* one in the making: reassembly.c */

/* What one source, or some that collide, has in the making. */
struct reassembly_source {
    struct list age; /* oldest first */
    size_t used;     /* bytes */
};

struct reassembly {
    struct memory *memory;
    struct hash_key key;
    rill_time time; /* how long a datagram may take */
    size_t limit;   /* bytes */
    size_t used;
    uint64_t evicted; /* datagrams that gave way, ever */
    struct list age;  /* oldest first */
    struct datagram *bucket[REASSEMBLY_BUCKETS];
    struct reassembly_source source[REASSEMBLY_SOURCES];
    struct datagram *lent; /* what the last call has returned: freed by the next */
};

/* `limit` must hold one datagram of 64 KB at least: REASSEMBLY_LEAST. */
void reassembly_init(struct reassembly *, struct memory *, struct random *, size_t limit,
                     rill_time time);
void reassembly_end(struct reassembly *);

/* A whole datagram, valid until the next call into reassembly. */
struct reassembly_result {
    bool complete;
    struct ip4 header; /* the first fragment's, but for length, MF and a CE mark (RFC 3168 5.3) */
    struct rill_span payload;
};

/* Takes a fragment (more_fragments, or an offset). RILL_DROP_NONE: kept, and *out says whether that
 * completed the datagram; else a FRAGMENT_ reason. */
enum rill_drop reassembly_take(struct reassembly *, const struct ip4 *, struct rill_span payload,
                               rill_time now, struct reassembly_result *out);

/* One that did not become whole in time. */
struct reassembly_expired {
    struct ip4 header; /* of the fragment at offset 0 if it came, else of the one that came first */
    bool has_first;    /* offset 0 was held: ICMP time exceeded may be sent (RFC 792) */
    struct rill_span payload; /* from offset 0 as far as it is whole; valid until the next call */
};

/* Takes out one whose time is over; false: none (any more). Poisoned ones go without a word. */
bool reassembly_expire(struct reassembly *, rill_time now, struct reassembly_expired *out);

rill_time reassembly_deadline(const struct reassembly *);

/* The time of one is over, or what the last call has returned is to be taken back. */
bool reassembly_is_due(const struct reassembly *, rill_time now);

void reassembly_check(const struct reassembly *); /* every invariant */

#endif
