/* `nstat | grep NAME | grep -q " 3 "`: the stack's counters in nstat's format (language page,
 * section 23.7). */
#ifndef SCRIPT_NSTAT_H
#define SCRIPT_NSTAT_H

#include "script/run.h"

/* The parsed command. */
struct nstat {
    bool silent;       /* -n: only sets the base for the next one */
    bool forgets;      /* -s: keeps the old base */
    bool absolute;     /* -a: absolute values */
    bool zeros;        /* -z: zero counters too */
    char *const *name; /* of counters */
    unsigned names;    /* 0: all counters */
};

/* False: it names an unknown counter or option. */
bool nstat_read(struct nstat *, char *const *word, unsigned words);

/* One line for each counter, with the increase since the last nstat. */
const char *nstat_lines(struct run *, const struct nstat *);

/* The lines that contain the pattern; "": none. */
const char *nstat_grep(struct run *, const char *lines, const char *pattern);

/* Does the pattern look like the name of a counter that rill does not have? */
bool nstat_unknown(const char *pattern);

#endif
