/* The ring of trace records that <rill/trace.h> describes. */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include "base/memory.h"

#include <rill/trace.h>

struct trace {
    struct rill_trace_record *record; /* NULL: tracing is off */
    uint64_t mask;
    uint64_t written; /* ever */
    uint64_t read;    /* ever, lost ones included */
};

bool trace_init(struct trace *, struct memory *, unsigned records); /* rounds up to a power of two; 0: off */
void trace_end(struct trace *, struct memory *);
void trace_write(struct trace *, const struct rill_trace_record *);
unsigned trace_read(struct trace *, struct rill_trace_record *out, unsigned max, uint64_t *lost);

static inline bool trace_on(const struct trace *t)
{
    return __builtin_expect(t->record != NULL, 0);
}

#endif
