/* The files of one direction of a connection: what gnuplot reads, and the pictures it makes. */
#ifndef GRAPH_OUTPUT_H
#define GRAPH_OUTPUT_H

#include "graph/options.h"

/* Draws what the options ask for, as NAME-KIND.FORMAT, and tells on standard output what it has
 * drawn, and what there is not. False: the complaint says what has failed. */
bool output_draw(const struct options *, const struct plot *, const char *name,
                 struct rill_complaint *);

#endif
