/* A simulated cable between two ports, in one process, on whatever clock the caller hands in. All
 * that happens to a frame is drawn from the seed: the same inputs give the same outputs, byte for
 * byte.
 *
 *     put -> [cut] -> [mtu] -> [queue, its discipline] -> [rate] -> [loss]
 *         -> [corruption] -> [delay, jitter, reordering, duplication] -> [coalescing] -> take
 *
 * Times handed in never go back. */
#ifndef RILL_CABLE_H
#define RILL_CABLE_H

#include <rill/capture.h>
#include <rill/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who is dropped, or marked where the frame is ECN-capable (RFC 3168), when frames wait for the
 * rate. Whatever the discipline, what finds `queue` full is dropped. */
enum rill_cable_discipline {
    RILL_CABLE_TAIL,  /* nobody else */
    RILL_CABLE_CODEL, /* RFC 8289: whoever leaves after target for longer than interval */
    RILL_CABLE_RED,   /* Floyd and Jacobson 1993, gentle: by chance, between threshold and twice
                         max_threshold of the average queue */
    RILL_CABLE_STEP   /* RFC 8257 3.1: whoever finds more than threshold bytes waiting is marked,
                         and not dropped where it cannot be */
};

/* One direction; all zeros is a perfect cable without length. Probabilities are in parts per
 * million, and each segment has its own draws, also where it came in a superframe. */
struct rill_cable_config {
    rill_time delay; /* one way */
    rill_time
        jitter;     /* added, uniform in [0, jitter]; order is kept unless reorder says otherwise */
    uint64_t rate;  /* bits a second; 0: no limit */
    uint32_t queue; /* bytes that may wait for the rate, the rest is dropped (tail); 0: 256 KB */
    uint32_t loss_ppm;
    uint32_t duplicate_ppm;
    uint32_t reorder_ppm;    /* such a frame is held back by reorder_delay, others pass it */
    rill_time reorder_delay; /* 0: delay / 2 + 1 ms */
    uint32_t corrupt_ppm;    /* one bit of the frame flips */
    uint16_t mtu; /* bytes of IP: a longer frame vanishes, and nobody is told (a path MTU black
                     hole, RFC 2923); 0: none is too long */

    /* Bursts (Gilbert 1960, Elliott 1963): a segment begins one with burst_begin_ppm, and each that
     * follows is its last with burst_end_ppm. Within a burst each is lost with burst_loss_ppm (0:
     * all are), beside loss_ppm. */
    uint32_t burst_begin_ppm, burst_end_ppm, burst_loss_ppm;
    uint32_t forge_ppm; /* one bit of the text of a TCP segment flips, and the checksum is right:
                           only the application can tell */
    bool mtu_told;      /* what is too long and may not be cut is answered with ICMP "fragmentation
                           needed" (RFC 1191), as by a router at this end; the answer travels back on
                           this cable */
    bool cut;           /* all that is put vanishes */

    /* The receiver's card tells of what has arrived so seldom (interrupt moderation), and what has
     * come together is joined: successive segments of a flow to one superframe (LRO, GRO), for a
     * port with gso_max. 0: frame by frame. */
    rill_time coalesce;

    enum rill_cable_discipline discipline;
    rill_time target, interval; /* CoDel; 0: 5 ms, 100 ms */
    uint32_t threshold;         /* RED: 0: queue / 12; STEP: 0: queue / 6; bytes */
    uint32_t max_threshold;     /* RED: 0: 3 * threshold */
    uint32_t mark_ppm;          /* RED, at max_threshold; 0: 100,000 */
};

/* Counts of segments. sent = cut + too_long + overflowed + refused + lost + those that wait, are on
 * their way or delivered; a duplicate is delivered twice. */
struct rill_cable_stats {
    uint64_t sent, delivered, lost, overflowed, duplicated, reordered, corrupted, too_long;
    uint64_t cut;
    uint64_t refused; /* dropped by the discipline */
    uint64_t marked;  /* CE by the discipline */
    uint64_t forged;
    uint64_t joined; /* delivered behind another one, in its superframe */
};

struct rill_cable;

/* `there` is the direction from end 0 to end 1, `back` the other. NULL: ENOMEM. */
struct rill_cable *rill_cable_new(const struct rill_cable_config *there,
                                  const struct rill_cable_config *back, uint64_t seed);
void rill_cable_free(struct rill_cable *);

/* For what is put from now on, and for what still waits for the rate; what is on its way keeps its
 * time. Direction 0 is `there`. */
void rill_cable_change(struct rill_cable *, int direction, const struct rill_cable_config *);
const struct rill_cable_config *rill_cable_config(const struct rill_cable *, int direction);

/* Puts a frame on the cable at end 0 or 1. It is copied: gather spans included, a partial checksum
 * finished, a superframe cut into its segments. */
void rill_cable_put(struct rill_cable *, int end, const struct rill_frame *, rill_time now);
/* Takes up to max frames that have arrived at `end` by now into the given buffers (each has room
 * for the longest; the more there is the longer a superframe gets) and returns how many. */
unsigned rill_cable_take(struct rill_cable *, int end, struct rill_frame *, unsigned max,
                         rill_time now);
/* When the next frame arrives at either end; RILL_NEVER. Where frames wait for the rate that is a
 * lower bound: a take at that time may find nothing, and the next deadline is a later one. */
rill_time rill_cable_deadline(const struct rill_cable *);
/* The same of one end. */
rill_time rill_cable_arrival(const struct rill_cable *, int end);
const struct rill_cable_stats *rill_cable_stats(const struct rill_cable *, int direction);

/* From now on rill_cable_run writes what passes at `end` into the capture, with the comments that
 * rill_capture_explain describes if the stack there keeps a trace. The capture stays the caller's,
 * and outlives the cable. -1: ENOMEM. */
int rill_cable_record(struct rill_cable *, int end, struct rill_capture *, const struct rill *);

/* Moves frames between two stacks and the cable; time jumps from event to event. Returns the time
 * reached: `until`, or earlier where `stop` (asked after every event; may be NULL) said true, or
 * where `until` is RILL_NEVER and nothing will ever happen. Both stacks' clocks stand there. */
rill_time rill_cable_run(struct rill_cable *, struct rill *ends[2], const int ports[2],
                         rill_time now, rill_time until, bool (*stop)(void *), void *context);

#ifdef __cplusplus
}
#endif

#endif
