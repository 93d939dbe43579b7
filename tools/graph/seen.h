/* Which bytes of a stream have passed the place of capture: tells for each segment whether it is
 * new, fills a hole, or is a repetition. */
#ifndef GRAPH_SEEN_H
#define GRAPH_SEEN_H

#include "base/position.h"

#define SEEN_HOLES 64 /* beyond that the lowest is dropped, as if it were filled */

enum seen_kind {
    SEEN_NEW,   /* above all earlier ones */
    SEEN_FILLS, /* in a hole: reordered, or retransmitted after a loss before this place */
    SEEN_AGAIN
};

struct seen {
    position max; /* one past the highest */
    struct {
        position from, to;
    } hole[SEEN_HOLES];
    unsigned holes;
};

/* The bytes [from, to), at least one. The first call starts the stream. */
enum seen_kind seen_take(struct seen *, position from, position to);

#endif
