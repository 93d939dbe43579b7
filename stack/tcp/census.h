/* Everybody in the flow table, one after the other, and what <rill/status.h> tells of each. Pools
 * are walked, not the table: an entry keeps its place there while the table grows. */
#ifndef TCP_CENSUS_H
#define TCP_CENSUS_H

#include "tcp/core.h"

#include <rill/status.h>

/* The first entry of this kind whose index is `*index` or higher, which becomes the one behind it;
 * NULL: there is none. It begins at 1. */
const struct head *census_next(const struct tcp *, enum head_kind, uint32_t *index);

void census_tell(const struct tcp *, const struct head *, struct rill_status *);

#endif
