/* A set of ranges of positions: which bytes of a stream are present beyond its contiguous part. It
 * is a bounded, sorted array without adjacent ranges, allocated with the first range and freed with
 * the last. It also keeps the most recently changed ranges in order, for the SACK option (RFC 2018
 * 4: most recent first). */
#ifndef BASE_RANGES_H
#define BASE_RANGES_H

#include "base/memory.h"
#include "base/position.h"

#define RANGES_MAX 1024
#define RANGES_RECENT 4

struct range {
    position from, to; /* [from, to) */
};

struct ranges {
    struct range *range;
    uint32_t count;
    uint32_t room;
    position recent[RANGES_RECENT]; /* a byte of each range changed last, newest first */
};

void ranges_init(struct ranges *);
void ranges_clear(struct ranges *, struct memory *);

/* Adds [from, to) and joins it with the ranges it touches; the resulting range becomes the newest,
 * even if it contains nothing new. An empty range changes nothing. False: the bound or the budget
 * is reached and the set is unchanged. */
bool ranges_add(struct ranges *, struct memory *, struct range);

/* The bytes from p up to here are present: the `to` of the range that holds p, else p. */
position ranges_reach(const struct ranges *, position p);

/* Forgets everything below p. */
void ranges_forget_below(struct ranges *, struct memory *, position p);

/* Is the whole range in the set? */
bool ranges_contains(const struct ranges *, struct range);

/* The first range of bytes inside `within` that is in the set; from == to if there is none. */
struct range ranges_shared(const struct ranges *, struct range within);

/* The first range of bytes inside `within` that is not in the set; from == to if there is none. */
struct range ranges_gap(const struct ranges *, struct range within);

/* Up to max ranges, each once: the most recently changed first, then the lowest of the others. */
unsigned ranges_recent(const struct ranges *, struct range *out, unsigned max);

/* Asserts every invariant. */
void ranges_check(const struct ranges *);

#endif
