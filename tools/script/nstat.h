/* `nstat | grep NAME | grep -q " 3 "`: what the stack has counted, in nstat's lines (language page,
 * section 23.7). */
#ifndef SCRIPT_NSTAT_H
#define SCRIPT_NSTAT_H

#include "script/run.h"

/* What is asked for. */
struct nstat {
    bool zeros;        /* -z: counters that are zero, too */
    char *const *name; /* of counters */
    unsigned names;    /* 0: all of them */
};

/* False: it names a counter that rill does not have. */
bool nstat_read(struct nstat *, char *const *word, unsigned words);

/* One line for each counter. */
const char *nstat_lines(struct run *, const struct nstat *);

/* Those that hold the pattern; "" where none does. */
const char *nstat_grep(struct run *, const char *lines, const char *pattern);

/* Looks the pattern like a counter's name that rill does not have? */
bool nstat_unknown(const char *pattern);

#endif
