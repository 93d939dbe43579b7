/* `nstat | grep NAME | grep -q " 3 "`: what the stack has counted, in nstat's lines (language page,
 * section 23.7). */
#ifndef SCRIPT_NSTAT_H
#define SCRIPT_NSTAT_H

#include "script/run.h"

/* What is asked for. */
struct nstat {
    bool silent;       /* -n: only where the next one counts from */
    bool forgets;      /* -s: which stays where it was */
    bool absolute;     /* -a: from the beginning */
    bool zeros;        /* -z: counters that are zero, too */
    char *const *name; /* of counters */
    unsigned names;    /* 0: all of them */
};

/* False: it names a counter, or has an option, that is not there. */
bool nstat_read(struct nstat *, char *const *word, unsigned words);

/* One line for each counter, with what has been counted since the last nstat. */
const char *nstat_lines(struct run *, const struct nstat *);

/* Those that hold the pattern; "" where none does. */
const char *nstat_grep(struct run *, const char *lines, const char *pattern);

/* Looks the pattern like a counter's name that rill does not have? */
bool nstat_unknown(const char *pattern);

#endif
