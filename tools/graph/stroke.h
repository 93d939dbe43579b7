/* The strokes of a picture: which series it shows, and in which style. */
#ifndef GRAPH_STROKE_H
#define GRAPH_STROKE_H

#include "graph/plot.h"

enum style {
    STYLE_BAR,
    STYLE_STEPS,
    STYLE_AREA,
    STYLE_POINTS,
    STYLE_LETTER,
    STYLE_FLOOR /* on the axis */
};

struct stroke {
    enum flow_series series;
    enum style style;
    const char *look;   /* in gnuplot's language */
    const char *legend; /* or the letter itself */
};

/* From back to front; the last entry has no `look`. */
const struct stroke *strokes_of(const struct plot *, enum plot_kind);
bool stroke_is_drawn(const struct plot *, const struct stroke *);

const struct series *series_of(const struct plot *, enum flow_series);

/* The lowest point; INT64_MAX: no points. */
int64_t lowest(const struct series *);
/* The highest point of the strokes that determine the scale: a window may be far above. */
int64_t highest(const struct plot *, const struct stroke *);

#endif
