/* The budget.
 *
 * Invariant: used <= budget, and used is the sum of the sizes of all blocks that are out. The
 * host is asked for memory here and nowhere else in stack/. */
#include "base/memory.h"

#include "base/bytes.h"

#include <stdlib.h>

/* For small blocks malloc is faster than calloc. For large blocks calloc knows which pages are zero
 * already, and untouched pages cost no memory. */
#define SMALL 1024

static bool memory_made_to_fail(struct memory *m)
{
    return m->fails_in && --m->fails_in == 0;
}

static void *memory_refuse(struct memory *m)
{
    m->refused++;
    return NULL;
}

/* Room for `bytes`, with `left` bytes remaining. */
static bool memory_has_room(struct memory *m, size_t bytes, size_t left)
{
    if (bytes > SIZE_MAX - left)
        return false;
    if (bytes + left > memory_room(m) && m->give_way)
        m->give_way(m->holder);
    return bytes + left <= memory_room(m);
}

static void *memory_take(struct memory *m, size_t bytes, size_t left)
{
    assert(bytes > 0);
    assert(m->used <= m->budget);
    if (memory_made_to_fail(m) || !memory_has_room(m, bytes, left))
        return memory_refuse(m);
    bool small = bytes <= SMALL;
    void *block = small ? malloc(bytes) : calloc(1, bytes);
    if (!block)
        return memory_refuse(m);
    m->used += bytes;
    m->peak = max_of(m->peak, m->used);
    return small ? memset(block, 0, bytes) : block;
}

void *memory_get(struct memory *m, size_t bytes)
{
    return memory_take(m, bytes, m->reserve);
}

void *memory_get_reserved(struct memory *m, size_t bytes)
{
    return memory_take(m, bytes, 0);
}

void memory_put(struct memory *m, void *block, size_t bytes)
{
    if (!block)
        return;
    assert(bytes <= m->used);
    m->used -= bytes;
    free(block);
}

void *memory_grow(struct memory *m, void *old, size_t old_bytes, size_t new_bytes)
{
    assert(new_bytes > old_bytes);
    void *new = memory_get(m, new_bytes);
    if (!new || !old)
        return new;
    memcpy(new, old, old_bytes);
    memory_put(m, old, old_bytes);
    return new;
}
