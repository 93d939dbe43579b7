/* Objects of one size in chunks that never move, named by a 32-bit index from 1 (0: none).
 *
 *     allocated, with room        none allocated     given back
 *     roomy <-> chunk <-> ...    idle -> chunk ...  gone -> number ...
 *
 * Freed objects are reused first, the newest of a chunk before others. A chunk with allocated
 * objects is filled before an empty one. pools_trim gives empty chunks back to the budget. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/memory.h"

#define POOL_CHUNK 64 /* objects */

struct pool_chunk {
    uint8_t *object;         /* NULL: given back to the budget */
    uint32_t next, previous; /* in the chunk's list: numbers of chunks from 1; 0: none */
    uint32_t free;           /* index of the most recently freed object; 0: none */
    uint16_t made;           /* objects ever allocated from the chunk since it got its memory */
    uint16_t out;
};

struct pool {
    struct memory *memory;
    size_t size;    /* bytes of an object */
    uint32_t limit; /* objects */
    uint32_t count; /* allocated objects */
    uint32_t made;  /* the largest index ever allocated */
    struct pool_chunk *chunk;
    uint32_t room;              /* chunks that the table has room for */
    uint32_t numbered;          /* chunks that have a number */
    uint32_t roomy, idle, gone; /* the first of each list */
    struct pool *next_idler;    /* in memory.idlers, if `idle` is not 0 */
};

void pool_init(struct pool *, struct memory *, size_t object_bytes, uint32_t limit);
void pool_end(struct pool *); /* gives back every chunk, even if objects are still allocated */

/* A zeroed object; *index names it. NULL, and *index 0: the limit or the budget is reached. */
void *pool_get(struct pool *, uint32_t *index);

/* The bytes may still be read until pools_trim or the next pool_get, though they mean nothing. */
void pool_put(struct pool *, uint32_t index);

/* Gives back the chunks without allocated objects, of all pools: memory.idle bytes. */
void pools_trim(struct memory *);

/* The allocated object with that index. */
static inline void *pool_at(const struct pool *p, uint32_t index)
{
    return p->chunk[(index - 1) / POOL_CHUNK].object + (index - 1) % POOL_CHUNK * p->size;
}

/* For walks from 1 to `made`, and for indices that may be old. NULL: there is no such object. The
 * object found may be free: then it holds zeros, or its content when it was freed. */
static inline void *pool_find(const struct pool *p, uint32_t index)
{
    bool there = index && index <= p->made && p->chunk[(index - 1) / POOL_CHUNK].object;
    return there ? pool_at(p, index) : NULL;
}

#endif
