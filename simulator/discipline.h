/* Queue disciplines: which of the frames that wait for a cable's rate are dropped or marked. */
#ifndef SIMULATOR_DISCIPLINE_H
#define SIMULATOR_DISCIPLINE_H

#include <rill/cable.h>

/* The decision about a frame. */
enum verdict {
    VERDICT_PASS,
    VERDICT_MARK,  /* if it is ECN-capable */
    VERDICT_SIGNAL /* marked if it is ECN-capable, else dropped */
};

struct discipline {
    struct {
        bool dropping;
        uint32_t count, last_count;
        rill_time first_above, next;
    } codel;
    struct {
        uint64_t average; /* of the queue, in 1/512 bytes */
        uint64_t since;   /* frames since the last signal */
        rill_time empty;  /* since when the queue is empty */
    } red;
};

/* Fills in the defaults of a configuration. */
void discipline_defaults(struct rill_cable_config *);

/* A frame arrives: so many bytes wait before it. `fraction` of 2^64 is its random number. */
enum verdict discipline_arrive(struct discipline *, const struct rill_cable_config *,
                               uint64_t backlog, uint64_t fraction, rill_time now);

/* A frame that arrived at `came` leaves: so many bytes wait behind it. */
enum verdict discipline_leave(struct discipline *, const struct rill_cable_config *,
                              uint64_t backlog, rill_time came, rill_time now);

#endif
