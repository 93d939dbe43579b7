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
    size_t reserve; /* of it: for memory_get_reserved alone */
    size_t used;
    size_t idle;                    /* of `used`: what pools keep, and nothing lies in */
    struct pool *idlers;            /* those that keep it */
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

/* Is that so much, or memory so scarce, that it is time for pools_trim? */
static inline bool memory_idles(const struct memory *m)
{
    return m->idle && (m->idle > m->used / 8 || m->used > m->budget / 4 * 3);
}

/* Zeroed bytes, NULL where the budget, though its holder has given way, or the host has no more.
 * The second may take the last of it, too. */
void *memory_get(struct memory *, size_t bytes);
void *memory_get_reserved(struct memory *, size_t bytes);
void memory_put(struct memory *, void *, size_t bytes); /* NULL is harmless */

/* A new, larger block with the old bytes in front and zeros behind; the old one stays valid where
 * NULL is returned. Both exist for a moment: the budget must hold both. */
void *memory_grow(struct memory *, void *, size_t old_bytes, size_t new_bytes);

#endif
