/* A binary heap of deadlines. The node lies in the waiting object and knows its slot, so moving and
 * removing are O(log n) without a search. Equal times leave in the order in which they were set,
 * because a run must be repeatable. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/memory.h"

#include <rill/time.h>

struct heap_node {
    uint32_t slot; /* 1-based; 0: not in the heap */
};

struct heap_entry {
    rill_time when;
    uint64_t order;
    struct heap_node *node;
};

struct heap {
    struct memory *memory;
    struct heap_entry *entry;
    uint32_t count;
    uint32_t room;
    uint64_t order; /* given to the next node that is set */
};

void heap_init(struct heap *, struct memory *);
void heap_end(struct heap *);

/* Makes room for n nodes in all, so that heap_set of a node not yet inside cannot fail: reserve
 * before deciding. */
bool heap_reserve(struct heap *, uint32_t n);

/* Puts the node in, or moves it, to `when`. */
void heap_set(struct heap *, struct heap_node *, rill_time when);

/* Takes the node out; harmless where it is not inside. */
void heap_remove(struct heap *, struct heap_node *);

static inline rill_time heap_first_time(const struct heap *h)
{
    return h->count ? h->entry[0].when : RILL_NEVER;
}

static inline rill_time heap_time_of(const struct heap *h, const struct heap_node *n)
{
    return n->slot ? h->entry[n->slot - 1].when : RILL_NEVER;
}

/* Takes out and returns the earliest node if it is due at `now`, else NULL. */
struct heap_node *heap_pop(struct heap *, rill_time now);

/* Asserts every invariant. */
void heap_check(const struct heap *);

#endif
