/* A capture is read more than once, so one that can be read only once (a pipe, standard input) is
 * first copied into an unnamed file. */
#ifndef GRAPH_SPOOL_H
#define GRAPH_SPOOL_H

#include <rill/device.h>
#include <stdio.h>

struct spool {
    FILE *copy; /* NULL: the file itself is used */
    char name[64];
};

/* The name under which FILE ("-": standard input) can be read repeatedly, valid as long as the
 * spool; NULL: a diagnostic. Call spool_end in any case. */
const char *spool_begin(struct spool *, const char *file, struct rill_diagnostic *);
void spool_end(struct spool *);

#endif
