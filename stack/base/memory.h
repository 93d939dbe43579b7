/* All memory of a stack comes from here, under one budget, so that a test can make any allocation
 * fail and an embedder knows the most that rill will ever take. Sizes are handed back on release,
 * so that nothing is stored beside a block. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

struct memory {
    size_t budget;  /* bytes */
    size_t reserve; /* part of the budget that only memory_get_reserved may use */
    size_t used;
    size_t idle;                    /* part of `used`: what pools keep in empty chunks */
    struct pool *idlers;            /* the pools that keep empty chunks */
    void (*give_way)(void *holder); /* asks the holder to free its reserves; NULL: no holder */
    void *holder;
    size_t peak;
    uint64_t fails_in; /* the number of the allocation that fails: 1 is the next; 0: none */
    uint64_t refused;  /* allocations that found no room, or were made to fail */
};

/* What the budget still allows. */
static inline size_t memory_room(const struct memory *m)
{
    return m->budget - m->used;
}

/* Do the pools keep so much, or is memory so scarce, that pools_trim should run? */
static inline bool memory_idles(const struct memory *m)
{
    return m->idle && (m->idle > m->used / 8 || m->used > m->budget / 4 * 3);
}

/* Zeroed bytes. NULL: the budget is reached even after its holder gave way, or the host has no more
 * memory. memory_get_reserved may also use the reserve. */
void *memory_get(struct memory *, size_t bytes);
void *memory_get_reserved(struct memory *, size_t bytes);
void memory_put(struct memory *, void *, size_t bytes); /* NULL is harmless */

/* A new, larger block with the old bytes first and zeros after them; the old block stays valid if
 * NULL is returned. Both exist for a moment: the budget must hold both. */
void *memory_grow(struct memory *, void *, size_t old_bytes, size_t new_bytes);

#endif
