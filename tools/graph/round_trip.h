/* Round trips from what passes: when a segment went, and when what acknowledged it came. As near to
 * the sender's own measure as the place of the capture is to the sender. */
#ifndef GRAPH_ROUND_TRIP_H
#define GRAPH_ROUND_TRIP_H

#include "graph/segment.h"

#define ROUND_TRIP_SEGMENTS 4096 /* in flight: of more, the oldest are forgotten */

/* A segment on its way, or the first and the last time that it was sent. */
struct sent {
    position from, to;
    rill_time first, last;
    uint32_t first_stamp, last_stamp; /* TSval */
    bool again;
};

struct round_trip {
    struct sent sent[ROUND_TRIP_SEGMENTS]; /* a ring */
    unsigned begin, count;
    rill_time smoothed; /* RFC 6298 2, of all samples; 0: none yet */
};

struct round_trip_sample {
    rill_time length; /* 0: none */
    bool by_timestamp;
};

/* A segment [from, to), new or one of those that were sent. */
void round_trip_send(struct round_trip *, const struct segment *, position from, position to,
                     bool again);
/* All below `ack` is acknowledged by this segment. Karn's rule: nothing is learned from what was
 * sent twice, but where the echoed timestamp tells which it was (RFC 7323 4). */
struct round_trip_sample round_trip_take(struct round_trip *, const struct segment *, position ack);

#endif
