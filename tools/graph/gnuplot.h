/* gnuplot, as a program that may be missing. */
#ifndef GRAPH_GNUPLOT_H
#define GRAPH_GNUPLOT_H

#include <rill/device.h>

/* Runs a script of gnuplot's. False: the complaint says why, and gnuplot has said more on standard
 * error. */
bool gnuplot_run(const char *script, struct rill_complaint *);

#endif
