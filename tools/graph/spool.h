/* A capture is read more than once: what can be read only once (a pipe, standard input) is copied
 * into a file without a name first. */
#ifndef GRAPH_SPOOL_H
#define GRAPH_SPOOL_H

#include <rill/device.h>
#include <stdio.h>

struct spool {
    FILE *copy; /* NULL: the file itself will do */
    char name[64];
};

/* The name under which FILE ("-": standard input) can be read again and again, valid as long as the
 * spool; NULL: the complaint says why not. spool_end in any case. */
const char *spool_begin(struct spool *, const char *file, struct rill_complaint *);
void spool_end(struct spool *);

#endif
