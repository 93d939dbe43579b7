/* One direction of a cable: frames that wait for the rate, in order of arrival at the queue, and
 * frames in flight, by their time of arrival.
 *
 * Waiting frames leave when the time is next passed in, with the times at which they would have
 * left: the result does not depend on how often the pipe is called.
 *
 * Determinism: each pipe has its own generator, and each segment takes the same number of random
 * numbers from it, whatever happens to the segment. So changing one probability does not affect
 * unrelated frames, and the traffic of one direction does not affect the other. */
#ifndef SIMULATOR_PIPE_H
#define SIMULATOR_PIPE_H

#include "base/heap.h"
#include "discipline.h"

/* The random events for one segment. */
struct fate {
    bool lost, duplicated, reordered, corrupted, forged;
    uint64_t bit; /* which bit to flip, a fraction of 2^64 */
    uint64_t red; /* the discipline's random number, likewise */
    rill_time jitter;
};

struct flight {
    struct heap_node node;
    struct flight *next; /* the next one in the queue */
    rill_time came;
    struct fate fate;
    size_t length;
    uint8_t bytes[];
};

struct pipe {
    struct rill_cable_config config;
    struct rill_cable_stats stats;
    struct discipline discipline;
    uint64_t random; /* state of the generator */
    uint64_t odd;    /* state of another one: for bursts, forgery and RED */
    bool in_burst;
    rill_time now;          /* latest time passed in */
    rill_time idle;         /* when the frame that leaves now has left completely */
    rill_time last_arrival; /* latest arrival of frames that keep their order */
    struct flight *first, *last;
    uint64_t waiting; /* bytes in the queue */
    struct memory memory;
    struct heap under_way;
};

void pipe_init(struct pipe *, const struct rill_cable_config *, uint64_t seed);
void pipe_end(struct pipe *);

/* Lets frames leave whose time has come by `now`. */
void pipe_advance(struct pipe *, rill_time now);

/* Applies to frames that have not left yet. */
void pipe_change(struct pipe *, const struct rill_cable_config *);

/* Memory for a frame; NULL: the frame counts as dropped by a full queue. */
struct flight *pipe_flight(struct pipe *, size_t room);

/* Takes the flight over and decides what happens to it. False: the frame was longer than the MTU;
 * it was only counted, and the flight stays the caller's. */
bool pipe_put(struct pipe *, struct flight *, rill_time now);

/* The next frame that has arrived, which the caller frees; NULL: none. */
struct flight *pipe_take(struct pipe *, rill_time now);

/* See rill_cable_arrival. */
rill_time pipe_arrival(const struct pipe *);

#endif
