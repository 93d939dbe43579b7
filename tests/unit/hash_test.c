/* SipHash and the generator against published and independently computed values. */
#include "base/hash.h"

#include "unit.h"

#include <stdbool.h>

/* Key 00 01 .. 0f, input 00 01 .. (length - 1). */
static const struct hash_key counting_key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

typedef uint64_t siphash_function(const struct hash_key *, const void *, size_t);

struct vector {
    size_t length;
    uint64_t hash;
};

static bool matches(siphash_function *hash, struct vector v)
{
    uint8_t shifted[65]; /* the input must not need alignment */
    for (size_t i = 0; i < 64; i++)
        shifted[i + 1] = (uint8_t)i;
    return hash(&counting_key, shifted + 1, v.length) == v.hash;
}

static void siphash_2_4_gives_the_values_of_its_authors(void)
{
    static const struct vector vector[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
        {8, 0x93f5f5799a932462},  {15, 0xa129ca6149be45e5}, /* the example of the paper, appendix A
                                                             */
        {63, 0x958a324ceb064572},
    };
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++)
        CU_ASSERT(matches(siphash_2_4, vector[i]));
}

/* From `openssl mac -macopt c-rounds:1 -macopt d-rounds:3 -macopt size:8 ... SIPHASH`. */
static void siphash_1_3_gives_the_values_of_openssl(void)
{
    static const struct vector vector[] = {
        {0, 0xabac0158050fc4dc}, {1, 0xc9f49bf37d57ca93},  {7, 0xd3927d989bb11140},
        {8, 0x369095118d299a8e}, {15, 0xd320d86d2a519956}, {63, 0x9d199062b7bbb3a8},
    };
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++)
        CU_ASSERT(matches(siphash_1_3, vector[i]));
}

static void both_halves_of_the_key_matter(void)
{
    const struct hash_key zero = {0, 0}, low = {1, 0}, high = {0, 1};
    uint64_t hash = siphash_1_3(&zero, "rill", 4);
    CU_ASSERT_NOT_EQUAL(hash, siphash_1_3(&low, "rill", 4));
    CU_ASSERT_NOT_EQUAL(hash, siphash_1_3(&high, "rill", 4));
}

static void seeds_are_spread_by_splitmix64(void)
{
    static const uint64_t expected[4] = {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f,
                                         0xf88bb8a8724c81ec};
    struct random r;
    random_seed(&r, 0);
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(r.s[i], expected[i]);
}

static void the_generator_is_xoshiro256_plus_plus(void)
{
    static const uint64_t expected[] = {
        41943041,
        58720359,
        3588806011781223,
        3591011842654386,
        9228616714210784205U,
        9973669472204895162U,
    };
    struct random r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        CU_ASSERT_EQUAL(random_next(&r), expected[i]);
}

static void one_seed_gives_one_sequence(void)
{
    struct random a, b, c;
    random_seed(&a, 42);
    random_seed(&b, 42);
    random_seed(&c, 43);
    uint64_t first = random_next(&a);
    CU_ASSERT_EQUAL(first, random_next(&b));
    CU_ASSERT_NOT_EQUAL(first, random_next(&c));
}

static void draws_stay_below_their_bound_and_are_even(void)
{
    enum { BOUND = 10, DRAWS = 100000 };
    unsigned seen[BOUND] = {0};
    struct random r;
    random_seed(&r, 1);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t x = random_below(&r, BOUND);
        CU_ASSERT_FATAL(x < BOUND);
        seen[x]++;
    }
    for (int i = 0; i < BOUND; i++) {
        CU_ASSERT(seen[i] > DRAWS / BOUND - 500); /* five standard deviations */
        CU_ASSERT(seen[i] < DRAWS / BOUND + 500);
    }
    CU_ASSERT_EQUAL(random_below(&r, 1), 0);
}

/* With 3 * 2^62 a plain remainder would fall into the first third half of the time. */
static void a_large_bound_is_not_biased(void)
{
    enum { DRAWS = 30000 };
    const uint64_t third = (uint64_t)1 << 62;
    unsigned seen[3] = {0};
    struct random r;
    random_seed(&r, 2);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t x = random_below(&r, 3 * third);
        CU_ASSERT_FATAL(x < 3 * third);
        seen[x / third]++;
    }
    for (int i = 0; i < 3; i++) {
        CU_ASSERT(seen[i] > DRAWS / 3 - 500);
        CU_ASSERT(seen[i] < DRAWS / 3 + 500);
    }
}

static void keys_are_drawn_whole(void)
{
    struct random r = {{1, 2, 3, 4}};
    struct hash_key key = random_key(&r);
    CU_ASSERT_EQUAL(key.k0, 41943041);
    CU_ASSERT_EQUAL(key.k1, 58720359);
}

static const struct unit_test tests[] = {
    {"SipHash-2-4 gives the values of its authors", siphash_2_4_gives_the_values_of_its_authors},
    {"SipHash-1-3 gives the values of OpenSSL", siphash_1_3_gives_the_values_of_openssl},
    {"both halves of the key matter", both_halves_of_the_key_matter},
    {"seeds are spread by splitmix64", seeds_are_spread_by_splitmix64},
    {"the generator is xoshiro256++", the_generator_is_xoshiro256_plus_plus},
    {"one seed gives one sequence", one_seed_gives_one_sequence},
    {"draws stay below their bound and are even", draws_stay_below_their_bound_and_are_even},
    {"a large bound is not biased", a_large_bound_is_not_biased},
    {"keys are drawn whole", keys_are_drawn_whole},
};

int main(void)
{
    return UNIT_MAIN("hash", tests);
}
