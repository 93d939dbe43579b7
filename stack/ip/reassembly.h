/* Reassembly of IPv4 datagrams (RFC 791 3.2, RFC 815, RFC 1122 3.3.2), with RFC 5722's rule against
 * overlaps.
 *
 * An entry begins with the first fragment to arrive, in any order. It ends when the datagram is
 * complete, at its time-out (counted from that first fragment, so the list by age is also in the
 * order of deadlines), or as the oldest entry when memory runs out. If two fragments contradict
 * each other, none of the data is credible: the bytes are freed, but the key stays until the
 * time-out ("poisoned"), so that later fragments do not start a new entry.
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
#define REASSEMBLY_MIN 98304   /* bytes: a datagram of 64 KB with all that it needs */
#define REASSEMBLY_SHARE 4     /* a source's share: a quarter, but at least one large datagram */

struct datagram; /* an incomplete datagram: reassembly.c */

/* The incomplete datagrams of one source (or of several with the same hash). */
struct reassembly_source {
    struct list age; /* oldest first */
    size_t used;     /* bytes */
};

struct reassembly {
    struct memory *memory;
    struct hash_key key;
    rill_time time; /* time-out of a datagram */
    size_t limit;   /* bytes */
    size_t used;
    uint64_t evicted; /* datagrams evicted for lack of memory, ever */
    struct list age;  /* oldest first */
    struct datagram *bucket[REASSEMBLY_BUCKETS];
    struct reassembly_source source[REASSEMBLY_SOURCES];
    struct datagram *lent; /* the result of the last call, freed by the next one */
};

/* `limit` must allow at least one datagram of 64 KB: REASSEMBLY_MIN. */
void reassembly_init(struct reassembly *, struct memory *, struct random *, size_t limit,
                     rill_time time);
void reassembly_end(struct reassembly *);

/* A complete datagram, valid until the next call into reassembly. */
struct reassembly_result {
    bool complete;
    struct ip4 header; /* of the first fragment, except length, MF and a CE mark (RFC 3168 5.3) */
    struct rill_span payload;
};

/* Takes a fragment (more_fragments, or an offset). RILL_DROP_NONE: it was kept, and *out tells
 * whether the datagram is complete; else a FRAGMENT_ reason. */
enum rill_drop reassembly_take(struct reassembly *, const struct ip4 *, struct rill_span payload,
                               rill_time now, struct reassembly_result *out);

/* A datagram whose time-out has expired. */
struct reassembly_expired {
    struct ip4 header;        /* of the fragment at offset 0, else of the first to arrive */
    bool has_first;           /* offset 0 was held: ICMP time exceeded may be sent (RFC 792) */
    struct rill_span payload; /* contiguous from offset 0; valid until the next call */
};

/* Removes one datagram whose time-out has expired; false: none. Poisoned ones are removed without a
 * report. */
bool reassembly_expire(struct reassembly *, rill_time now, struct reassembly_expired *out);

rill_time reassembly_deadline(const struct reassembly *);

/* A time-out has expired, or the result of the last call can be freed. */
bool reassembly_is_due(const struct reassembly *, rill_time now);

void reassembly_check(const struct reassembly *); /* every invariant */

#endif
