/* SipHash (Aumasson and Bernstein): 1-3 for tables, 2-4 for values that an outsider must not
 * predict; and a small generator, seeded from the stack's seed, for all other random choices. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>

struct hash_key {
    uint64_t k0, k1;
};

/* Numbers are hashed as little-endian bytes (htole16 and its like), so that a run is the same on
 * every machine. */
uint64_t siphash_1_3(const struct hash_key *, const void *bytes, size_t length);
uint64_t siphash_2_4(const struct hash_key *, const void *bytes, size_t length);

/* xoshiro256++ (Blackman and Vigna), seeded by splitmix64. */
struct random {
    uint64_t s[4];
};

void random_seed(struct random *, uint64_t seed);
uint64_t random_next(struct random *);
uint64_t random_below(struct random *, uint64_t bound); /* uniform in [0, bound); bound > 0 */
struct hash_key random_key(struct random *);

#endif
