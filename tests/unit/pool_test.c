/* Objects of one size: names, reuse, and what goes back to the budget. */
#include "base/pool.h"

#include "unit.h"

#include <string.h>

static bool all_zero(const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (at[i])
            return false;
    return true;
}

struct thing {
    uint64_t name;
    uint8_t filling[40];
};

#define THINGS 1000 /* more chunks than the first table holds */

static void objects_never_move_and_never_overlap(void)
{
    struct memory m = {.budget = 1 << 20};
    struct pool p;
    struct thing *thing[THINGS];
    pool_init(&p, &m, sizeof(struct thing), UINT32_MAX);
    for (uint32_t i = 0; i < THINGS; i++) {
        uint32_t index;
        thing[i] = pool_get(&p, &index);
        CU_ASSERT_EQUAL_FATAL(index, i + 1);
        memset(thing[i], (int)i, sizeof *thing[i]);
        thing[i]->name = i;
    }
    CU_ASSERT_EQUAL(p.count, THINGS);
    for (uint32_t i = 0; i < THINGS; i++) {
        CU_ASSERT_PTR_EQUAL(pool_at(&p, i + 1), thing[i]);
        CU_ASSERT_EQUAL(thing[i]->name, i);
        CU_ASSERT_EQUAL(thing[i]->filling[39], (uint8_t)i);
    }
    pool_end(&p);
    CU_ASSERT_EQUAL(m.used, 0);
}

static void freed_objects_are_reused_newest_first_and_zeroed(void)
{
    struct memory m = {.budget = 1 << 20};
    struct pool p;
    uint32_t index;
    pool_init(&p, &m, sizeof(struct thing), 100);
    for (int i = 0; i < 3; i++)
        memset(pool_get(&p, &index), 0xee, sizeof(struct thing));
    size_t used = m.used;
    pool_put(&p, 2);
    pool_put(&p, 1);
    CU_ASSERT_EQUAL(p.count, 1);
    const uint32_t expected[] = {1, 2, 4};
    for (int i = 0; i < 3; i++) {
        uint8_t *object = pool_get(&p, &index);
        CU_ASSERT_PTR_NOT_NULL_FATAL(object);
        CU_ASSERT_EQUAL(index, expected[i]);
        CU_ASSERT(all_zero(object, sizeof(struct thing)));
    }
    CU_ASSERT_EQUAL(m.used, used);
    pool_end(&p);
}

static void limit_bounds_the_objects_that_are_out(void)
{
    struct memory m = {.budget = 1 << 20};
    struct pool p;
    uint32_t index;
    pool_init(&p, &m, sizeof(struct thing), 2);
    CU_ASSERT_PTR_NOT_NULL(pool_get(&p, &index));
    CU_ASSERT_PTR_NOT_NULL(pool_get(&p, &index));
    CU_ASSERT_PTR_NULL(pool_get(&p, &index));
    CU_ASSERT_EQUAL(index, 0);
    pool_put(&p, 1);
    CU_ASSERT_PTR_NOT_NULL(pool_get(&p, &index));
    CU_ASSERT_EQUAL(index, 1);
    pool_end(&p);
}

/* Takes n objects while the `fail`-th allocation fails; true where one came back NULL. */
static bool pool_meets_failure(struct pool *p, uint64_t fail, unsigned n)
{
    uint32_t index;
    bool met = false;
    p->memory->fails_in = fail;
    for (unsigned i = 0; i < n; i++)
        met |= pool_get(p, &index) == NULL;
    return met;
}

static void no_memory_leaves_the_pool_usable(void)
{
    /* In order: table, chunk, chunk. */
    for (uint64_t fail = 1; fail <= 3; fail++) {
        struct memory m = {.budget = 1 << 20};
        struct pool p;
        pool_init(&p, &m, sizeof(struct thing), UINT32_MAX);
        CU_ASSERT(pool_meets_failure(&p, fail, 2 * POOL_CHUNK));
        CU_ASSERT_EQUAL(p.count, 2 * POOL_CHUNK - 1);
        CU_ASSERT_EQUAL(p.made, 2 * POOL_CHUNK - 1);
        pool_end(&p);
        CU_ASSERT_EQUAL(m.used, 0);
        CU_ASSERT_EQUAL(p.count, 0);
    }
}

static void a_pool_may_be_used_again_after_its_end(void)
{
    struct memory m = {.budget = 1 << 20};
    struct pool p;
    uint32_t index;
    pool_init(&p, &m, sizeof(struct thing), 10);
    pool_get(&p, &index);
    pool_put(&p, index);
    pool_end(&p);
    CU_ASSERT_PTR_NOT_NULL(pool_get(&p, &index));
    CU_ASSERT_EQUAL(index, 1);
    pool_end(&p);
    CU_ASSERT_EQUAL(m.used, 0);
}

/* ------------------------------------------------------------------ giving back */

static const size_t chunk_bytes = POOL_CHUNK * sizeof(struct thing);

/* Fills chunks 1 to n; index i is thing i. */
static void fill(struct pool *p, uint32_t chunks)
{
    uint32_t index;
    for (uint32_t i = 1; i <= chunks * POOL_CHUNK; i++) {
        struct thing *t = pool_get(p, &index);
        CU_ASSERT_EQUAL_FATAL(index, i);
        t->name = i;
    }
}

static void drain(struct pool *p, uint32_t chunk)
{
    for (uint32_t i = 1; i <= POOL_CHUNK; i++)
        pool_put(p, (chunk - 1) * POOL_CHUNK + i);
}

static void what_nothing_is_out_of_goes_back(void)
{
    struct memory m = {.budget = 1 << 20};
    struct pool p;
    pool_init(&p, &m, sizeof(struct thing), UINT32_MAX);
    fill(&p, 3);
    size_t full = m.used;
    drain(&p, 2);
    pool_put(&p, 1); /* the first chunk is not empty */
    CU_ASSERT_EQUAL(m.idle, chunk_bytes);
    CU_ASSERT_EQUAL(m.used, full);
    pools_trim(&m);
    CU_ASSERT_EQUAL(m.idle, 0);
    CU_ASSERT_EQUAL(m.used, full - chunk_bytes);
    CU_ASSERT_PTR_NULL(pool_find(&p, POOL_CHUNK + 1));
    CU_ASSERT_PTR_NULL(pool_find(&p, 2 * POOL_CHUNK));
    for (uint32_t i = 2; i <= POOL_CHUNK; i++)
        CU_ASSERT_EQUAL(((struct thing *)pool_find(&p, i))->name, i);
    CU_ASSERT_EQUAL(((struct thing *)pool_find(&p, 3 * POOL_CHUNK))->name, 3 * POOL_CHUNK);
    pool_end(&p);
    CU_ASSERT_EQUAL(m.used, 0);
}

static void its_numbers_are_given_out_again(void)
{
    struct memory m = {.budget = 1 << 20};
    struct pool p;
    uint32_t index;
    pool_init(&p, &m, sizeof(struct thing), UINT32_MAX);
    fill(&p, 3);
    size_t full = m.used;
    drain(&p, 2);
    pools_trim(&m);
    for (uint32_t i = 1; i <= POOL_CHUNK; i++) {
        struct thing *t = pool_get(&p, &index);
        CU_ASSERT_EQUAL(index, POOL_CHUNK + i);
        CU_ASSERT(all_zero((uint8_t *)t, sizeof *t));
    }
    CU_ASSERT_EQUAL(m.used, full);
    CU_ASSERT_EQUAL(p.made, 3 * POOL_CHUNK);
    CU_ASSERT_PTR_NOT_NULL(pool_get(&p, &index));
    CU_ASSERT_EQUAL(index, 3 * POOL_CHUNK + 1);
    pool_end(&p);
    CU_ASSERT_EQUAL(m.used, 0);
}

static void chunks_in_use_are_filled_before_idle_ones(void)
{
    struct memory m = {.budget = 1 << 20};
    struct pool p;
    uint32_t index;
    pool_init(&p, &m, sizeof(struct thing), UINT32_MAX);
    fill(&p, 3);
    pool_put(&p, 5);
    drain(&p, 3);
    drain(&p, 2);
    CU_ASSERT_EQUAL(m.idle, 2 * chunk_bytes);
    pool_get(&p, &index);
    CU_ASSERT_EQUAL(index, 5);
    CU_ASSERT_EQUAL(m.idle, 2 * chunk_bytes);
    pool_get(&p, &index); /* now an idle one, the one of late, and its newest */
    CU_ASSERT_EQUAL(index, 2 * POOL_CHUNK);
    CU_ASSERT_EQUAL(m.idle, chunk_bytes);
    pools_trim(&m);
    CU_ASSERT_PTR_NULL(pool_find(&p, 3 * POOL_CHUNK));
    CU_ASSERT_PTR_NOT_NULL(pool_find(&p, 2 * POOL_CHUNK));
    pool_end(&p);
    CU_ASSERT_EQUAL(m.used, 0);
}

static void all_pools_of_a_budget_are_trimmed(void)
{
    struct memory m = {.budget = 1 << 20};
    struct pool p[3];
    for (int i = 0; i < 3; i++) {
        pool_init(&p[i], &m, sizeof(struct thing), UINT32_MAX);
        fill(&p[i], 1);
    }
    for (int i = 0; i < 3; i++)
        drain(&p[i], 1);
    CU_ASSERT_EQUAL(m.idle, 3 * chunk_bytes);
    pool_end(&p[1]); /* out of the middle of those that keep something */
    CU_ASSERT_EQUAL(m.idle, 2 * chunk_bytes);
    pools_trim(&m);
    CU_ASSERT_EQUAL(m.idle, 0);
    CU_ASSERT_PTR_NULL(m.idlers);
    CU_ASSERT_PTR_NULL(pool_find(&p[0], 1));
    CU_ASSERT_PTR_NULL(pool_find(&p[2], 1));
    pool_end(&p[0]);
    pool_end(&p[2]);
    CU_ASSERT_EQUAL(m.used, 0);
}

static void it_is_time_where_an_eighth_is_idle_or_memory_scarce(void)
{
    struct memory m = {.budget = 100000};
    struct pool p;
    pool_init(&p, &m, 104, UINT32_MAX); /* 6,656 bytes a chunk */
    CU_ASSERT_FALSE(memory_idles(&m));
    fill(&p, 10);
    drain(&p, 1);
    CU_ASSERT_FALSE(memory_idles(&m));
    drain(&p, 2);
    CU_ASSERT(memory_idles(&m));
    uint32_t index;
    for (int i = 0; i < POOL_CHUNK; i++)
        pool_get(&p, &index);
    CU_ASSERT_FALSE(memory_idles(&m));
    void *more = memory_get(&m, 20000);
    CU_ASSERT(memory_idles(&m)); /* more than three quarters are used */
    pools_trim(&m);
    CU_ASSERT_FALSE(memory_idles(&m));
    memory_put(&m, more, 20000);
    pool_end(&p);
    CU_ASSERT_EQUAL(m.used, 0);
}

/* Takes and gives at random, trims now and then: each object keeps what was written into it. */
static void a_long_life(void)
{
    struct memory m = {.budget = 1 << 24};
    struct pool p;
    static uint32_t out[4000];
    uint32_t n = 0, seed = 1, index;
    pool_init(&p, &m, sizeof(struct thing), 4000);
    for (int step = 0; step < 200000; step++) {
        seed = seed * 1664525 + 1013904223;
        bool grows = (step / 20000) % 2 == 0;
        if ((seed >> 16) % 8 < (grows ? 5 : 3)) {
            struct thing *t = pool_get(&p, &index);
            CU_ASSERT_EQUAL(t != NULL, n < 4000);
            if (t) {
                CU_ASSERT_FATAL(all_zero((uint8_t *)t, sizeof *t));
                t->name = ~(uint64_t)index;
                out[n++] = index;
            }
        } else if (n) {
            uint32_t which = (seed >> 4) % n;
            CU_ASSERT_EQUAL(((struct thing *)pool_at(&p, out[which]))->name, ~(uint64_t)out[which]);
            memset(pool_at(&p, out[which]), 0xee, sizeof(struct thing));
            pool_put(&p, out[which]);
            out[which] = out[--n];
        }
        if (step % 1000 == 0 && memory_idles(&m))
            pools_trim(&m);
        CU_ASSERT_EQUAL(p.count, n);
    }
    while (n)
        pool_put(&p, out[--n]);
    pools_trim(&m);
    CU_ASSERT_EQUAL(m.used, p.room * sizeof *p.chunk);
    pool_end(&p);
    CU_ASSERT_EQUAL(m.used, 0);
}

static const struct unit_test tests[] = {
    {"objects never move and never overlap", objects_never_move_and_never_overlap},
    {"freed objects are reused, newest first, zeroed",
     freed_objects_are_reused_newest_first_and_zeroed},
    {"the limit bounds the objects that are out", limit_bounds_the_objects_that_are_out},
    {"no memory leaves the pool usable", no_memory_leaves_the_pool_usable},
    {"a pool may be used again after its end", a_pool_may_be_used_again_after_its_end},
    {"what nothing is out of goes back", what_nothing_is_out_of_goes_back},
    {"its numbers are given out again", its_numbers_are_given_out_again},
    {"chunks in use are filled before idle ones", chunks_in_use_are_filled_before_idle_ones},
    {"all pools of a budget are trimmed", all_pools_of_a_budget_are_trimmed},
    {"it is time where an eighth is idle, or memory scarce",
     it_is_time_where_an_eighth_is_idle_or_memory_scarce},
    {"a long life", a_long_life},
};

int main(void)
{
    return UNIT_MAIN("pool", tests);
}
