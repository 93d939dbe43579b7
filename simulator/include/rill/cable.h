/* A simulated cable between two ports in one process; the caller passes the time in. All random
 * events come from the seed: the same inputs give the same outputs, byte for byte.
 *
 *     put -> [cut] -> [mtu] -> [queue, its discipline] -> [rate] -> [loss]
 *         -> [corruption] -> [delay, jitter, reordering, duplication] -> [coalescing] -> take
 *
 * The time passed in must never go back. */
#ifndef RILL_CABLE_H
#define RILL_CABLE_H

#include <rill/capture.h>
#include <rill/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The queue discipline: which waiting frames are dropped, or marked if they are ECN-capable (RFC
 * 3168). With every discipline, a frame that finds `queue` full is dropped. */
enum rill_cable_discipline {
    RILL_CABLE_TAIL,  /* no others */
    RILL_CABLE_CODEL, /* RFC 8289: frames that leave after waiting longer than target, if this has
                         lasted for interval */
    RILL_CABLE_RED,   /* Floyd and Jacobson 1993, gentle: at random, while the average queue is
                         between threshold and twice max_threshold */
    RILL_CABLE_STEP   /* RFC 8257 3.1: a frame that finds more than threshold bytes waiting is
                         marked; one that is not ECN-capable is not dropped */
};

/* One direction; all zeros: a perfect cable without delay. Probabilities are in parts per million,
 * and drawn for each segment, also for the segments of a superframe. */
struct rill_cable_config {
    rill_time delay;  /* one way */
    rill_time jitter; /* added, uniform in [0, jitter]; the order is kept, except for reorder_ppm */
    uint64_t rate;    /* bits a second; 0: no limit */
    uint32_t queue;   /* bytes that may wait for the rate, more are dropped (tail); 0: 256 KB */
    uint32_t loss_ppm;
    uint32_t duplicate_ppm;
    uint32_t reorder_ppm;    /* such a frame is delayed by reorder_delay, and others pass it */
    rill_time reorder_delay; /* 0: delay / 2 + 1 ms */
    uint32_t corrupt_ppm;    /* one bit of the frame flips */
    uint16_t mtu; /* bytes of IP: a longer packet with DF is lost without notice (a path MTU black
                     hole, RFC 2923), another one is cut into fragments; 0: no limit */

    /* Loss bursts (Gilbert 1960, Elliott 1963): a segment starts a burst with probability
     * burst_begin_ppm; each segment of a burst is its last with burst_end_ppm. Within a burst each
     * is lost with burst_loss_ppm (0: always), in addition to loss_ppm. */
    uint32_t burst_begin_ppm, burst_end_ppm, burst_loss_ppm;
    uint32_t forge_ppm; /* one bit of a TCP payload flips and the checksum is corrected, so that
                           only the application can detect it */
    bool reports_mtu;   /* a frame that is too long and has DF set is answered with ICMP
                        "fragmentation needed" (RFC 1191), as by a router at this end; the answer
                        returns on this cable */
    bool cut;           /* every frame is lost */

    /* The interval at which the receiver's card reports arrived frames (interrupt moderation). It
     * joins successive segments of a flow that arrived in one interval to a superframe (LRO, GRO),
     * for a port with gso_max. 0: frame by frame. */
    rill_time coalesce;

    enum rill_cable_discipline discipline;
    rill_time target, interval; /* CoDel; 0: 5 ms, 100 ms */
    uint32_t threshold;         /* RED: 0: queue / 12; STEP: 0: queue / 6; bytes */
    uint32_t max_threshold;     /* RED: 0: 3 * threshold */
    uint32_t mark_ppm;          /* RED, at max_threshold; 0: 100,000 */
};

/* Counts of segments. sent = cut + too_long + overflowed + refused + lost + those that wait, are in
 * flight or were delivered; a duplicate is delivered twice. */
struct rill_cable_stats {
    uint64_t sent, delivered, lost, overflowed, duplicated, reordered, corrupted, too_long;
    uint64_t cut;
    uint64_t refused; /* dropped by the discipline */
    uint64_t marked;  /* CE by the discipline */
    uint64_t forged;
    uint64_t joined; /* delivered in the superframe of an earlier one */
};

struct rill_cable;

/* `there` is the direction from end 0 to end 1, `back` the other. NULL: ENOMEM. */
struct rill_cable *rill_cable_new(const struct rill_cable_config *there,
                                  const struct rill_cable_config *back, uint64_t seed);
void rill_cable_free(struct rill_cable *);

/* Applies to frames put from now on, and to those that still wait for the rate; frames in flight
 * keep their arrival time. Direction 0 is `there`. */
void rill_cable_change(struct rill_cable *, int direction, const struct rill_cable_config *);
const struct rill_cable_config *rill_cable_config(const struct rill_cable *, int direction);

/* Puts a frame on the cable at end 0 or 1. It is copied with its gather spans; a partial checksum
 * is finished, a superframe is cut into its segments. */
void rill_cable_put(struct rill_cable *, int end, const struct rill_frame *, rill_time now);
/* Copies up to max frames that have arrived at `end` by now into the given buffers and returns how
 * many. Each buffer has room for the longest frame; larger buffers allow longer superframes. */
unsigned rill_cable_take(struct rill_cable *, int end, struct rill_frame *, unsigned max,
                         rill_time now);
/* When the next frame arrives at either end; RILL_NEVER: none. While frames wait for the rate, this
 * is a lower bound: a take at that time may return nothing, and the next deadline is later. */
rill_time rill_cable_deadline(const struct rill_cable *);
/* The same for one end. */
rill_time rill_cable_arrival(const struct rill_cable *, int end);
const struct rill_cable_stats *rill_cable_stats(const struct rill_cable *, int direction);

/* From now on rill_cable_run records the frames at `end` in the capture, with the comments of
 * rill_capture_explain if the stack there keeps a trace. The caller owns the capture, and must keep
 * it longer than the cable. -1: ENOMEM. */
int rill_cable_record(struct rill_cable *, int end, struct rill_capture *, const struct rill *);

/* Moves frames between two stacks and the cable; time jumps from event to event. Returns the time
 * reached: `until`, or earlier if `stop` (called after every event; may be NULL) returns true, or
 * if `until` is RILL_NEVER and no event is left. Both stacks' clocks are then at this time. */
rill_time rill_cable_run(struct rill_cable *, struct rill *ends[2], const int ports[2],
                         rill_time now, rill_time until, bool (*stop)(void *), void *context);

#ifdef __cplusplus
}
#endif

#endif
