/* The points of one stroke of a picture, thinned so that a capture may have any length. Time is cut
 * into slots narrower than a pixel. Of a line each slot keeps its first, lowest, highest and last
 * point, which draws the same; bars and marks that look the same become one. */
#ifndef GRAPH_SERIES_H
#define GRAPH_SERIES_H

#include <rill/time.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIES_MAX 65536 /* points: later ones are only counted */
#define SERIES_SLOTS 4000

enum series_shape {
    SERIES_LINE,
    SERIES_BAR, /* from low to high */
    SERIES_MARK
};

/* Times count from the connection's first packet. */
struct point {
    rill_time when;
    int64_t low, high; /* bytes, positions or nanoseconds; equal except for bars */
};

/* Range and resolution: the same for all series of a picture. */
struct series_view {
    rill_time from, to; /* points outside are not kept */
    rill_time slot;     /* 0: keeps everything */
    int64_t grain;      /* smaller differences cannot be seen */
};

struct series {
    enum series_shape shape;
    struct point *at;
    unsigned count, room;
    uint64_t left_out;
    bool open; /* a line's slot is not complete */
    struct point first, lowest, highest, last;
};

void series_add(struct series *, const struct series_view *, struct point);
/* Completes the last slot; call it before a series is read. */
void series_close(struct series *);
void series_free(struct series *);

#endif
