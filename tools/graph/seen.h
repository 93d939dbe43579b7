/* Which bytes of a stream have passed the place of the capture: told at each segment whether they
 * are new, fill a hole, or pass once more. */
#ifndef GRAPH_SEEN_H
#define GRAPH_SEEN_H

#include "base/position.h"

#define SEEN_HOLES 64 /* the lowest is forgotten first: as if it had been filled */

enum seen_kind {
    SEEN_NEW,   /* beyond all others */
    SEEN_FILLS, /* of a hole: reordered on its way, or sent again after a loss before this place */
    SEEN_AGAIN
};

struct seen {
    position max; /* one past the highest */
    struct {
        position from, to;
    } hole[SEEN_HOLES];
    unsigned holes;
};

/* The bytes [from, to), at least one. The first call begins the stream. */
enum seen_kind seen_take(struct seen *, position from, position to);

#endif
