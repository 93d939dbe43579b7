/* Runs gnuplot, which may be missing. */
#ifndef GRAPH_GNUPLOT_H
#define GRAPH_GNUPLOT_H

#include <rill/device.h>

/* Runs a gnuplot script. False: a diagnostic; gnuplot has written details to standard error. */
bool gnuplot_run(const char *script, struct rill_diagnostic *);

#endif
