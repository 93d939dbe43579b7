/* The files of one direction of a connection: gnuplot's input, and the pictures. */
#ifndef GRAPH_OUTPUT_H
#define GRAPH_OUTPUT_H

#include "graph/options.h"

/* Draws what the options request, as NAME-KIND.FORMAT, and prints to standard output what it has
 * drawn, and what could not be drawn. False: a diagnostic. */
bool output_draw(const struct options *, const struct plot *, const char *name,
                 struct rill_diagnostic *);

#endif
