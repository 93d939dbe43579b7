/* From which sources a group's datagrams are wanted (RFC 3376 2): from those listed (INCLUDE), or
 * from all but those listed (EXCLUDE). INCLUDE with an empty list wants nothing: it is the same as
 * no membership. A filter is a plain value; nothing needs to be freed. */
#ifndef BASE_SOURCE_FILTER_H
#define BASE_SOURCE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#define SOURCES_MAX 64

struct source_filter {
    bool exclude;
    uint8_t count;
    uint32_t source[SOURCES_MAX]; /* IPv4, host order */
};

bool source_listed(const struct source_filter *, uint32_t source);
bool source_wanted(const struct source_filter *, uint32_t source);

/* False: it is listed already, or the list is full. */
bool source_add(struct source_filter *, uint32_t source);
bool source_remove(struct source_filter *, uint32_t source); /* false: it is not listed */

static inline bool filter_wants_nothing(const struct source_filter *f)
{
    return !f->exclude && f->count == 0;
}

/* RFC 3376 3.2: `into` then wants what either of the two wants. If the list of an INCLUDE would be
 * too long, it wants everything, and the sockets' own filters do the rest. */
void filter_merge(struct source_filter *into, const struct source_filter *);

#endif
