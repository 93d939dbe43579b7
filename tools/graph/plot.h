/* A direction of a connection as pictures: writes gnuplot's input, the points and the commands,
 * with colours, units and labels. gnuplot.h runs gnuplot. */
#ifndef GRAPH_PLOT_H
#define GRAPH_PLOT_H

#include "graph/flow.h"
#include "graph/survey.h"

#include <stdio.h>

enum plot_kind { PLOT_TIME_SEQUENCE, PLOT_CWND, PLOT_RTT, PLOT_THROUGHPUT, PLOT_KINDS };
enum plot_format { PLOT_SVG, PLOT_PNG, PLOT_FORMATS };

const char *plot_kind_name(enum plot_kind);     /* as in options and file names */
const char *plot_format_name(enum plot_format); /* a file's suffix */

/* The direction from the end `from` (0: A) to the other. */
struct plot {
    const struct flow *flow;
    const struct connection *connection;
    unsigned from;
};

/* "10.0.0.1:40000 → 10.0.0.2:80" */
void plot_ends(FILE *, const struct plot *);

/* NULL, or the reason why nothing can be drawn. */
const char *plot_lacks(const struct plot *, enum plot_kind);

/* A block for each series that has points: seconds, low, high. */
void plot_data(FILE *, const struct plot *);

/* The start of a script: the file with the points. */
void plot_begin(FILE *, const char *data);
/* One picture, into the file `to`. */
void plot_picture(FILE *, const struct plot *, enum plot_kind, enum plot_format, const char *to);

#endif
