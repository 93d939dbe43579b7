/* rill-ss's command line. */
#ifndef SS_OPTIONS_H
#define SS_OPTIONS_H

#include "ss/filter.h"
#include "ss/table.h"

enum what { SHOW_SOCKETS, SHOW_SUMMARY, SHOW_COUNTERS, SHOW_STACKS, FOLLOW };

struct options {
    enum what what;
    const char *socket; /* NULL: all stacks that are found */
    bool json, zeros, no_header, processes;
    uint16_t port; /* FOLLOW; 0: any */
    struct filter filter;
    struct table_style style;
};

extern const char options_usage[];

/* Returns -1, or the exit status if the program must end (0: --help, 2: a message was printed). */
int options_parse(struct options *, int argc, char **argv);

#endif
