/* What the command line asks for. */
#ifndef GRAPH_OPTIONS_H
#define GRAPH_OPTIONS_H

#include "graph/plot.h"

struct options {
    const char *file;
    char filter[4096];
    char prefix[3072]; /* of what is written */
    bool kind[PLOT_KINDS], format[PLOT_FORMATS];
    bool data; /* what gnuplot reads is kept */
    bool both; /* directions; else the one that carries more */
    bool list, help, version;
    unsigned connections; /* at most so many */
    rill_time from, to;   /* since the connection's first packet */
};

extern const char options_usage[];

/* False: standard error says what is wrong. */
bool options_read(struct options *, int argc, char **argv);

#endif
