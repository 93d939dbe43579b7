/* The ring of trace records that <rill/trace.h> describes. */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include "base/memory.h"

#include <rill/trace.h>

struct trace {
    struct rill_trace_record *record; /* NULL: tracing is off */
    uint64_t mask;
    uint64_t written; /* records ever written */
    uint32_t frame;   /* being received or built: stamped on the records; 0: none */
    bool outbound;    /* the frame is being built */
};

/* Allocates room for so many records, rounded up to a power of two; 0: off. False: no memory, and
 * tracing is off. */
bool trace_init(struct trace *, struct memory *, unsigned records);
void trace_end(struct trace *, struct memory *);

/* Only while trace_on. The record stays in place until the ring has wrapped around; until then its
 * writer may complete it. */
struct rill_trace_record *trace_write(struct trace *, const struct rill_trace_record *);

/* Like rill_trace_read. */
unsigned trace_read(const struct trace *, uint64_t *place, struct rill_trace_record *out,
                    unsigned max, uint64_t *lost);

static inline bool trace_on(const struct trace *t)
{
    return __builtin_expect(t->record != NULL, 0);
}

#endif
