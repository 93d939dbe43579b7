/* All memory of a stack comes from here, under one budget, so that a test can make any allocation
 * fail and an embedder knows the most that rill will ever take. Sizes are handed back on release,
 * so that nothing is stored beside a block. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory {
    size_t budget; /* bytes */
    size_t used;
    void (*give_way)(void *holder); /* asked to put back what it keeps for later; NULL: nobody keeps
                                       anything */
    void *holder;
    size_t peak;
    uint64_t fails_in; /* the allocation that fails: 1 is the next; 0: none does */
    uint64_t refused;  /* how many allocations found no room, or were made to fail */
};

/* What the budget still allows. */
static inline size_t memory_room(const struct memory *m)
{
    return m->budget - m->used;
}

/* Zeroed bytes, NULL where the budget, though its holder has given way, or the host has no more. */
void *memory_get(struct memory *, size_t bytes);
void memory_put(struct memory *, void *, size_t bytes); /* NULL is harmless */

/* A new, larger block with the old bytes in front and zeros behind; the old one stays valid where
 * NULL is returned. Both exist for a moment: the budget must hold both. */
void *memory_grow(struct memory *, void *, size_t old_bytes, size_t new_bytes);

/* Objects of one size in chunks that never move, named by a 32-bit index from 1 (0 is nobody).
 * Freed objects are reused, newest first; chunks go back to the budget in pool_end. */
struct pool {
    struct memory *memory;
    size_t size;     /* bytes of an object */
    uint32_t limit;  /* objects */
    uint32_t count;  /* objects out */
    uint32_t free;   /* index of the newest free object, 0: none */
    uint32_t made;   /* objects ever carved out of chunks */
    uint8_t **chunk; /* each POOL_CHUNK objects */
    uint32_t chunks; /* capacity of `chunk` */
};

#define POOL_CHUNK 64

void pool_init(struct pool *, struct memory *, size_t object_bytes, uint32_t limit);
void pool_end(struct pool *); /* gives back every chunk, whatever is still out */

/* A zeroed object; *index names it. NULL, and *index 0, where limit or budget are reached. */
void *pool_get(struct pool *, uint32_t *index);
void pool_put(struct pool *, uint32_t index);

static inline void *pool_at(const struct pool *p, uint32_t index)
{
    return p->chunk[(index - 1) / POOL_CHUNK] + (index - 1) % POOL_CHUNK * p->size;
}

#endif
