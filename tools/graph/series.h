/* What one stroke of a picture is made of: points in time, thinned so that no capture is too long.
 * Time is cut into slots narrower than a pixel; of a line each slot keeps its first, lowest,
 * highest and last point, which draws the same; bars and marks that nobody could tell apart become
 * one. */
#ifndef GRAPH_SERIES_H
#define GRAPH_SERIES_H

#include <rill/time.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIES_MAX 65536 /* points: the later ones are counted only */
#define SERIES_SLOTS 4000

enum series_shape {
    SERIES_LINE,
    SERIES_BAR, /* from low to high */
    SERIES_MARK
};

/* Times count from the connection's first packet. */
struct point {
    rill_time when;
    int64_t low, high; /* bytes, positions or nanoseconds; but for bars the same */
};

/* What is looked at, and how closely: common to all series of a picture. */
struct series_view {
    rill_time from, to; /* what lies outside is not kept */
    rill_time slot;     /* 0: keeps everything */
    int64_t grain;      /* no eye tells less apart */
};

struct series {
    enum series_shape shape;
    struct point *at;
    unsigned count, room;
    uint64_t left_out;
    bool open; /* a line's slot is not over */
    struct point first, lowest, highest, last;
};

void series_add(struct series *, const struct series_view *, struct point);
/* Before a series is read: the slot is over. */
void series_close(struct series *);
void series_free(struct series *);

#endif
