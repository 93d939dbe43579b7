/* Objects of one size in chunks that never move, named by a 32-bit index from 1 (0: none).
 *
 *     out, and room for more     none is out        given back
 *     roomy <-> chunk <-> ...    idle -> chunk ...  gone -> number ...
 *
 * Freed objects are reused first, the newest of a chunk before others. A chunk with allocated
 * objects is filled before an empty one. pools_trim gives empty chunks back to the budget. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/memory.h"

#define POOL_CHUNK 64 /* objects */

struct pool_chunk {
    uint8_t *object;         /* NULL: given back */
    uint32_t next, previous; /* in the list that it is in: numbers of chunks from 1; 0: none */
    uint32_t free;           /* index of its newest freed object; 0: none */
    uint16_t made;           /* objects that were ever out of it, since it has its memory */
    uint16_t out;
};

struct pool {
    struct memory *memory;
    size_t size;    /* bytes of an object */
    uint32_t limit; /* objects */
    uint32_t count; /* objects out */
    uint32_t made;  /* the largest index that was ever given out */
    struct pool_chunk *chunk;
    uint32_t room;              /* chunks that the table can name */
    uint32_t numbered;          /* chunks that it does name */
    uint32_t roomy, idle, gone; /* the first of each list */
    struct pool *next_idler;    /* in memory.idlers, where `idle` is not 0 */
};

void pool_init(struct pool *, struct memory *, size_t object_bytes, uint32_t limit);
void pool_end(struct pool *); /* gives back every chunk, whatever is still out */

/* A zeroed object; *index names it. NULL, and *index 0, where limit or budget are reached. */
void *pool_get(struct pool *, uint32_t *index);

/* Its bytes may be read, though they mean nothing, until pools_trim or the next pool_get. */
void pool_put(struct pool *, uint32_t index);

/* Gives back the chunks in which nothing is out, of all pools: memory.idle bytes. */
void pools_trim(struct memory *);

/* What is out under that index. */
static inline void *pool_at(const struct pool *p, uint32_t index)
{
    return p->chunk[(index - 1) / POOL_CHUNK].object + (index - 1) % POOL_CHUNK * p->size;
}

/* For walks from 1 to `made`, and for numbers that may be old: NULL where no such object is; what
 * is found may also be one that is not out: zeros, or what it was when it was put. */
static inline void *pool_find(const struct pool *p, uint32_t index)
{
    bool there = index && index <= p->made && p->chunk[(index - 1) / POOL_CHUNK].object;
    return there ? pool_at(p, index) : NULL;
}

#endif
