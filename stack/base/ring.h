/* A byte ring that is as large as the data in it, not as the window: the bytes of a stream between
 * two positions. Byte p lies at data[(p - origin) & (capacity - 1)].
 *
 *     head                        high
 *     |== held, maybe with holes ==|      the owner knows head and which bytes are present,
 *                                         the ring knows origin, high and capacity
 *
 * A ring exists only while it holds data: an empty stream holds no ring (NULL). Ring sizes are
 * powers of two from 2 KB; a freed ring goes to the free list of its size, in `struct rings`, which
 * all connections of a stack share. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include "base/bytes.h"
#include "base/memory.h"
#include "base/position.h"

#define RING_SMALLEST 2048
#define RING_CLASSES 20 /* 2 KB to 1 GB */

struct ring {
    position origin; /* the byte at data[0] */
    position high;   /* one past the highest byte ever written since the ring was empty */
    uint32_t capacity;
    uint32_t class;
    uint8_t data[];
};

struct rings {
    struct memory *memory;
    void *free[RING_CLASSES]; /* linked through the first bytes of data */
    size_t free_bytes;        /* kept for reuse; at most a quarter of the budget */
};

void rings_init(struct rings *, struct memory *);
void rings_end(struct rings *); /* gives the free lists back; rings that are out stay out */

/* Makes sure that [head, to) fits, growing or creating *r; the bytes in [head, high) stay, those
 * below head are lost. An empty range needs no ring. False: no memory, and *r is unchanged. Free
 * rings are given back before a reservation fails. */
bool ring_reserve(struct rings *, struct ring **r, position head, position to);

/* If there is no ring yet and the stream will probably hold `expected` bytes: takes a free ring of
 * that size, if there is one, to avoid growing step by step, which copies. */
void ring_expect(struct rings *, struct ring **r, position head, size_t expected);

/* An upper bound of the bytes held since the ring was empty. */
static inline size_t ring_held_max(const struct ring *r)
{
    return min_of((size_t)(r->high - r->origin), r->capacity);
}

/* Copies bytes to position `at`; room must have been reserved (the ring does not know head, so it
 * can assert only a part of that). */
void ring_put(struct ring *, position at, struct rill_span bytes);

/* Copies [from, from + length) out. */
void ring_get(const struct ring *, position from, void *to, size_t length);

/* Points to [from, from + length) in the ring: none, one or two spans (returned), valid until the
 * ring changes. */
unsigned ring_peek(const struct ring *, position from, size_t length, struct rill_span out[2]);

/* Gives the ring back; *r becomes NULL. */
void ring_release(struct rings *, struct ring **r);

#endif
