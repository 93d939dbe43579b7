/* Sent and unacknowledged data: one record for each segment, in order, without gaps:
 *
 *     SND.UNA                                   SND.NXT
 *     |  record 0  |  record 1  | ... | record n |
 *
 * The records are in an array ring with binary search by position, allocated with the second
 * segment in flight. The record of the first segment lies in the connection and needs no memory, so
 * that one segment, and therefore a FIN, can always be sent and retransmitted.
 *
 * Records that are neither SACKed nor lost, and so believed to be in flight, are also in a list
 * ordered by their latest transmission, as RFC 8985 uses them. */
#ifndef TCP_FLIGHT_H
#define TCP_FLIGHT_H

#include "base/memory.h"
#include "base/position.h"

#include <rill/time.h>

struct flight_record {
    position from;
    rill_time sent_at; /* the latest transmission */
    uint32_t length;   /* positions: text, and one each for SYN and FIN; 0: no record */
    bool sacked;
    bool lost;          /* to be sent again */
    bool retransmitted; /* has been sent more than once: no RTT sample (Karn) */
    bool pushed : 1;    /* sent with PSH, also when retransmitted */
    bool closes : 1;    /* the last of a burst: PSH if others of it are sent with it */
};

/* The state of delivery when the record was sent: see delivery.h. If one record alone is in flight,
 * it lies in the connection, and its sample lies elsewhere. */
struct flight_sample {
    rill_time first_sent_at; /* of the window of data that was being delivered then */
    rill_time delivered_at;
    uint64_t delivered; /* bytes, ever */
    bool app_limited;
};

#define FLIGHT_NOBODY UINT16_MAX

struct flight_entry {
    struct flight_record record;
    struct flight_sample sample;
    uint16_t earlier, later; /* places of the neighbours in the order of transmission */
};

struct flight_ring {
    uint32_t room; /* records, a power of two */
    uint32_t max;  /* records; flight_append stops there */
    uint32_t first;
    uint32_t count;
    uint32_t sacked_count; /* records */
    uint32_t sacked;       /* bytes of records that are sacked */
    uint32_t lost;         /* bytes of records that are lost and not retransmitted since */
    position lost_from;    /* no record before it is lost: the search for the next begins here */
    uint16_t earliest, latest; /* ends of the list of records in flight: places in `entry` */
    struct flight_entry entry[];
};

struct flight {
    struct flight_ring *ring;    /* NULL: only `single` exists */
    struct flight_record single; /* in use while ring is NULL */
};

#define FLIGHT_MAX 32768  /* records */
#define FLIGHT_SPARE 1024 /* of them: kept for records that are split */
#define FLIGHT_LAST 64    /* of these: kept for the oldest record */

_Static_assert(FLIGHT_MAX < FLIGHT_NOBODY, "a place has 16 bits");

uint32_t flight_count(const struct flight *);
struct flight_record *flight_at(const struct flight *, uint32_t index); /* 0 is the oldest */

/* Reserves room for one more record, before the decision to send; only the smallest ring, unless it
 * may grow. False: no memory, or only the spare records are left. */
bool flight_reserve(struct flight *, struct memory *, bool may_grow);

/* Adds a record for [from, from + length), which begins at the end of the last one. False: no
 * memory, nothing has changed. */
bool flight_append(struct flight *, struct memory *, const struct flight_record *);

/* NULL: the record has none. */
struct flight_sample *flight_sample_at(struct flight *, uint32_t index);

/* All data below una is acknowledged. Removes the oldest record if it lies completely below una
 * (true); otherwise shortens it. Call it until it returns false. */
bool flight_acknowledge(struct flight *, position una);

/* Index of the record that holds p; flight_count() if none does. */
uint32_t flight_find(const struct flight *, position p);

/* Splits the record in two at p, because the path's largest segment has shrunk. False: no
 * memory. */
bool flight_split(struct flight *, struct memory *, uint32_t index, position p);

/* All changes of marks go through these functions, so that the sums stay correct. */
void flight_set_sacked(struct flight *, uint32_t index);
void flight_set_lost(struct flight *, uint32_t index);
void flight_set_resent(struct flight *, uint32_t index,
                       rill_time now);     /* no longer lost, retransmitted */
void flight_set_all_lost(struct flight *); /* SACKed ones, too: the peer has reneged (RFC 2018 8) */

void flight_forget_lost(struct flight *); /* the loss was spurious: all of it is in flight */

uint32_t flight_sacked(const struct flight *);       /* bytes */
uint32_t flight_sacked_count(const struct flight *); /* records */
uint32_t flight_lost(const struct flight *);

/* The record in flight that was sent first; flight_count() if none is in flight. */
uint32_t flight_sent_first(const struct flight *);

/* The oldest record that is lost and waits to be retransmitted; flight_count() if there is none. */
uint32_t flight_first_lost(struct flight *);

/* Frees the ring if at most one record is left. */
void flight_settle(struct flight *, struct memory *);
void flight_clear(struct flight *, struct memory *);
void flight_check(const struct flight *, position una, position nxt);

#endif
