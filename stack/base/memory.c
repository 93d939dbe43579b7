/* The budget, and pools on top of it.
 *
 * Invariant: used <= budget, and used is the sum of the sizes of all blocks that are out. The
 * host is asked for memory here and nowhere else in stack/. */
#include "base/memory.h"

#include "base/bytes.h"

#include <stdlib.h>

/* malloc has small blocks at hand, calloc has not: but of large ones it knows what is zero already,
 * and those that nobody touches cost no memory. */
#define SMALL 1024
#define POOL_FIRST_CHUNKS 8 /* what the chunk table starts with; it doubles from there */

static bool memory_made_to_fail(struct memory *m)
{
    return m->fails_in && --m->fails_in == 0;
}

static void *memory_refuse(struct memory *m)
{
    m->refused++;
    return NULL;
}

static bool memory_has_room(struct memory *m, size_t bytes)
{
    if (bytes > memory_room(m) && m->give_way)
        m->give_way(m->holder);
    return bytes <= memory_room(m);
}

void *memory_get(struct memory *m, size_t bytes)
{
    assert(bytes > 0);
    assert(m->used <= m->budget);
    if (memory_made_to_fail(m) || !memory_has_room(m, bytes))
        return memory_refuse(m);
    bool small = bytes <= SMALL;
    void *block = small ? malloc(bytes) : calloc(1, bytes);
    if (!block)
        return memory_refuse(m);
    m->used += bytes;
    m->peak = max_of(m->peak, m->used);
    return small ? memset(block, 0, bytes) : block;
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

/* ------------------------------------------------------------------ pools */

void pool_init(struct pool *p, struct memory *m, size_t object_bytes, uint32_t limit)
{
    assert(object_bytes >= sizeof p->free); /* a free object holds the link to the next */
    *p = (struct pool){.memory = m, .size = object_bytes, .limit = limit};
}

void pool_end(struct pool *p)
{
    for (uint32_t i = 0; i * POOL_CHUNK < p->made; i++)
        memory_put(p->memory, p->chunk[i], POOL_CHUNK * p->size);
    memory_put(p->memory, p->chunk, p->chunks * sizeof *p->chunk);
    pool_init(p, p->memory, p->size, p->limit);
}

/* Makes sure that the table can name one more chunk than it does. */
static bool pool_widen(struct pool *p, uint32_t chunks_in_use)
{
    if (chunks_in_use < p->chunks)
        return true;
    uint32_t wider = p->chunks ? 2 * p->chunks : POOL_FIRST_CHUNKS;
    size_t each = sizeof *p->chunk;
    void *table = memory_grow(p->memory, p->chunk, p->chunks * each, wider * each);
    if (!table)
        return false;
    p->chunk = table;
    p->chunks = wider;
    return true;
}

/* An object that was never out before; 0 where there is no memory. */
static uint32_t pool_carve(struct pool *p)
{
    uint32_t chunk = p->made / POOL_CHUNK;
    if (p->made % POOL_CHUNK == 0) {
        if (!pool_widen(p, chunk))
            return 0;
        p->chunk[chunk] = memory_get(p->memory, POOL_CHUNK * p->size);
        if (!p->chunk[chunk])
            return 0;
    }
    return ++p->made;
}

/* The newest of the free objects, zeroed. */
static uint32_t pool_reuse(struct pool *p)
{
    uint32_t index = p->free;
    void *object = pool_at(p, index);
    memcpy(&p->free, object, sizeof p->free);
    memset(object, 0, p->size);
    return index;
}

void *pool_get(struct pool *p, uint32_t *index)
{
    *index = 0;
    if (p->count == p->limit)
        return NULL;
    *index = p->free ? pool_reuse(p) : pool_carve(p);
    if (!*index)
        return NULL;
    p->count++;
    return pool_at(p, *index);
}

void pool_put(struct pool *p, uint32_t index)
{
    assert(index >= 1);
    assert(index <= p->made);
    assert(p->count > 0);
    memcpy(pool_at(p, index), &p->free, sizeof p->free);
    p->free = index;
    p->count--;
}
