/* Walks all entries of the flow table and fills in <rill/status.h> for each: what Linux calls
 * inet_diag. It walks the pools, not the table, because an entry keeps its place in its pool while
 * the table grows. */
#ifndef TCP_DIAG_H
#define TCP_DIAG_H

#include "tcp/core.h"

#include <rill/status.h>

/* The first entry of this kind with an index of at least `*index`, which then moves past it; NULL:
 * none is left. Start with *index = 1. */
const struct head *diag_next(const struct tcp *, enum head_kind, uint32_t *index);

void diag_fill(const struct tcp *, const struct head *, struct rill_status *);

#endif
