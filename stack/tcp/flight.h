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
    bool pushed : 1;    /* leaves with PSH, however often */
    bool closes : 1;    /* a burst: with PSH behind others that leave with it */
};

/* How far delivery had come when the record was sent: see delivery.h. A record alone in flight,
 * which lies in the connection, has its own elsewhere. */
struct flight_sample {
    rill_time first_sent_at; /* of the window of data that was being delivered */
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
    uint32_t most; /* records that appending may fill */
    uint32_t first;
    uint32_t count;
    uint32_t sacked_count; /* records */
    uint32_t sacked;       /* bytes of records that are sacked */
    uint32_t lost;         /* bytes of records that are lost and not sent again since */
    position lost_from;    /* no record before it is lost: where the search for the next begins */
    uint16_t earliest, latest; /* ends of the list of what is on its way: places in `entry` */
    struct flight_entry entry[];
};

struct flight {
    struct flight_ring *ring;    /* NULL: `single` is all there is */
    struct flight_record single; /* in use while ring is NULL */
};

#define FLIGHT_MAX 32768  /* records */
#define FLIGHT_SPARE 1024 /* of them: for those that are cut */
#define FLIGHT_LAST 64    /* of these: for the oldest one, or nothing could go any more */

_Static_assert(FLIGHT_MAX < FLIGHT_NOBODY, "a place has 16 bits");

uint32_t flight_count(const struct flight *);
struct flight_record *flight_at(struct flight *, uint32_t index); /* 0 is the oldest */

/* Room for one more record: reserve before deciding. False: no memory, or all but the spare ones
 * are used. */
bool flight_reserve(struct flight *, struct memory *);

/* A record for [from, from + length), which begins where the last one ends. False: no memory,
 * nothing has changed. */
bool flight_append(struct flight *, struct memory *, const struct flight_record *);

/* NULL: it has none. */
struct flight_sample *flight_sample_at(struct flight *, uint32_t index);

/* All below una is acknowledged: the oldest record goes if it lies wholly below it (true), or is
 * shortened. To be called until it says false. */
bool flight_acknowledge(struct flight *, position una);

/* Index of the record that holds p, flight_count() where none does. */
uint32_t flight_find(const struct flight *, position p);

/* Cuts the record in two at p, where the path's largest segment has shrunk. False: no memory. */
bool flight_split(struct flight *, struct memory *, uint32_t index, position p);

/* Changes of a record's marks go through these, so that the sums stay true. */
void flight_set_sacked(struct flight *, uint32_t index);
void flight_set_lost(struct flight *, uint32_t index);
void flight_set_resent(struct flight *, uint32_t index,
                       rill_time now);     /* no longer lost, retransmitted */
void flight_set_all_lost(struct flight *); /* also what was SACKed: RFC 2018 8, it reneges */

void flight_forget_lost(struct flight *); /* none was: all of it is on its way */

uint32_t flight_sacked(const struct flight *);       /* bytes */
uint32_t flight_sacked_count(const struct flight *); /* records */
uint32_t flight_lost(const struct flight *);

/* The record on its way that was sent first; flight_count() where none is on its way. */
uint32_t flight_sent_first(const struct flight *);

/* The oldest record that is lost and waits to be sent again; flight_count() where none is. */
uint32_t flight_first_lost(struct flight *);

/* Gives the ring back once at most one record is left. */
void flight_settle(struct flight *, struct memory *);
void flight_clear(struct flight *, struct memory *);
void flight_check(const struct flight *, position una, position nxt);

#endif
