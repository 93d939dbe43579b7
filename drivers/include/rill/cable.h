/* A simulated cable between two ports, in one process, on whatever clock the caller hands in. Everything that it does
 * to a frame is drawn from its seed: the same inputs give the same outputs, byte for byte. */
#ifndef RILL_CABLE_H
#define RILL_CABLE_H

#include <rill/stack.h>

/* One direction. Probabilities are in parts per million. Loss is drawn per segment, also when a frame is a superframe
 * (it is cut into its segments first). */
struct rill_cable_config {
    rill_time delay;          /* one way */
    rill_time jitter;         /* added, uniform in [0, jitter]; order is kept unless reorder says otherwise */
    uint64_t rate;            /* bits a second; 0: no limit */
    uint32_t queue;           /* bytes that may wait for the rate; 0: 256 KB. What does not fit is dropped (tail) */
    uint32_t loss_ppm;
    uint32_t duplicate_ppm;
    uint32_t reorder_ppm;     /* such a frame is held back by reorder_delay */
    rill_time reorder_delay;  /* 0: delay / 2 + 1 ms */
    uint32_t corrupt_ppm;     /* one bit of the frame flips */
};

struct rill_cable_stats {
    uint64_t sent, delivered, lost, overflowed, duplicated, reordered, corrupted;
};

struct rill_cable;

struct rill_cable *rill_cable_new(const struct rill_cable_config *there, const struct rill_cable_config *back, uint64_t seed);
void rill_cable_free(struct rill_cable *);
void rill_cable_change(struct rill_cable *, int direction, const struct rill_cable_config *);

/* Puts a frame on the cable at end 0 or 1 (a copy is taken, gather spans included, partial checksums finished, superframes cut). */
void rill_cable_put(struct rill_cable *, int end, const struct rill_frame *, rill_time now);
/* Takes up to max frames that have arrived at `end` by now into the given buffers and returns how many. */
unsigned rill_cable_take(struct rill_cable *, int end, struct rill_frame *, unsigned max, rill_time now);
/* When the next frame arrives at either end; RILL_NEVER. */
rill_time rill_cable_deadline(const struct rill_cable *);
const struct rill_cable_stats *rill_cable_stats(const struct rill_cable *, int direction);

/* Moves everything between two stacks and the cable until nothing is left to do before `until`; time jumps from event to event. Returns the
 * time reached. stop (may be NULL) is asked after every event and ends the run when it says true. */
rill_time rill_cable_run(struct rill_cable *, struct rill *ends[2], const int ports[2], rill_time now, rill_time until,
                         bool (*stop)(void *), void *context);

#endif
