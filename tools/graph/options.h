/* The command line. */
#ifndef GRAPH_OPTIONS_H
#define GRAPH_OPTIONS_H

#include "graph/plot.h"

struct options {
    const char *file;
    char filter[4096];
    char prefix[3072]; /* of the output files */
    bool kind[PLOT_KINDS], format[PLOT_FORMATS];
    bool data; /* keep gnuplot's input */
    bool both; /* both directions; else the one with more bytes */
    bool list, help, version;
    unsigned connections; /* the most that are drawn */
    rill_time from, to;   /* relative to the connection's first packet */
};

extern const char options_usage[];

/* False: a message was printed to standard error. */
bool options_read(struct options *, int argc, char **argv);

#endif
