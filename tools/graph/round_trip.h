/* Round-trip times from captured packets: from a segment to its acknowledgement. They are as close
 * to the sender's own measurement as the place of capture is to the sender. */
#ifndef GRAPH_ROUND_TRIP_H
#define GRAPH_ROUND_TRIP_H

#include "graph/segment.h"

#define ROUND_TRIP_SEGMENTS 4096 /* in flight: beyond that the oldest are dropped */

/* A segment in flight, with the first and the last time that it was sent. */
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

/* A segment [from, to), new or retransmitted. */
void round_trip_send(struct round_trip *, const struct segment *, position from, position to,
                     bool again);
/* This segment acknowledges everything below `ack`. Karn's rule: a retransmitted segment gives no
 * sample, unless the echoed timestamp tells which copy was acknowledged (RFC 7323 4). */
struct round_trip_sample round_trip_take(struct round_trip *, const struct segment *, position ack);

#endif
