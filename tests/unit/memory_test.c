/* The budget, the allocation that is made to fail, and pools. */
#include "base/memory.h"

#include "unit.h"

#include <string.h>

static bool all_zero(const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (at[i])
            return false;
    return true;
}

static void budget_bounds_what_is_out(void)
{
    struct memory m = {.budget = 100};
    void *a = memory_get(&m, 60);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_PTR_NULL(memory_get(&m, 41));
    CU_ASSERT_EQUAL(m.refused, 1);
    CU_ASSERT_EQUAL(m.used, 60);
    void *b = memory_get(&m, 40); /* to the last byte */
    CU_ASSERT_PTR_NOT_NULL_FATAL(b);
    CU_ASSERT_EQUAL(memory_room(&m), 0);
    CU_ASSERT_PTR_NULL(memory_get(&m, 1));
    memory_put(&m, a, 60);
    memory_put(&m, b, 40);
    CU_ASSERT_EQUAL(m.used, 0);
    CU_ASSERT_EQUAL(m.peak, 100);
}

static void a_size_near_the_end_of_size_t_is_refused(void)
{
    struct memory m = {.budget = 100};
    void *a = memory_get(&m, 60);
    CU_ASSERT_PTR_NULL(memory_get(&m, SIZE_MAX)); /* used + bytes wraps to 59 */
    CU_ASSERT_EQUAL(m.used, 60);
    memory_put(&m, a, 60);
}

static void blocks_are_zeroed(void)
{
    struct memory m = {.budget = 1000};
    for (int round = 0; round < 2; round++) {
        uint8_t *a = memory_get(&m, 1000);
        CU_ASSERT_PTR_NOT_NULL_FATAL(a);
        CU_ASSERT(all_zero(a, 1000));
        memset(a, 0xee, 1000);
        memory_put(&m, a, 1000);
    }
}

static void the_nth_allocation_fails_and_only_that_one(void)
{
    struct memory m = {.budget = 1000, .fails_in = 2};
    void *a = memory_get(&m, 10);
    CU_ASSERT_PTR_NOT_NULL(a);
    CU_ASSERT_PTR_NULL(memory_get(&m, 10));
    void *b = memory_get(&m, 10);
    CU_ASSERT_PTR_NOT_NULL(b);
    CU_ASSERT_EQUAL(m.refused, 1);
    CU_ASSERT_EQUAL(m.fails_in, 0);
    memory_put(&m, a, 10);
    memory_put(&m, b, 10);
    CU_ASSERT_EQUAL(m.used, 0);
}

static void giving_back_nothing_is_harmless(void)
{
    struct memory m = {.budget = 10};
    memory_put(&m, NULL, 10);
    CU_ASSERT_EQUAL(m.used, 0);
}

static void growing_keeps_the_old_bytes_and_zeroes_the_rest(void)
{
    struct memory m = {.budget = 1000};
    uint8_t *a = memory_grow(&m, NULL, 0, 4);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    memcpy(a, "abcd", 4);
    a = memory_grow(&m, a, 4, 100);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_EQUAL(memcmp(a, "abcd", 4), 0);
    CU_ASSERT(all_zero(a + 4, 96));
    CU_ASSERT_EQUAL(m.used, 100);
    CU_ASSERT_EQUAL(m.peak, 104); /* both exist for a moment */
    memory_put(&m, a, 100);
}

static void failing_to_grow_leaves_the_old_block(void)
{
    struct memory m = {.budget = 10};
    uint8_t *a = memory_get(&m, 4);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    memcpy(a, "abcd", 4);
    CU_ASSERT_PTR_NULL(memory_grow(&m, a, 4, 7));
    CU_ASSERT_EQUAL(memcmp(a, "abcd", 4), 0);
    CU_ASSERT_EQUAL(m.used, 4);
    memory_put(&m, a, 4);
}

/* ------------------------------------------------------------------ pools */

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

static const struct unit_test tests[] = {
    {"the budget bounds what is out", budget_bounds_what_is_out},
    {"a size near the end of size_t is refused", a_size_near_the_end_of_size_t_is_refused},
    {"blocks are zeroed", blocks_are_zeroed},
    {"the n-th allocation fails, and only that one", the_nth_allocation_fails_and_only_that_one},
    {"giving back nothing is harmless", giving_back_nothing_is_harmless},
    {"growing keeps the old bytes and zeroes the rest",
     growing_keeps_the_old_bytes_and_zeroes_the_rest},
    {"failing to grow leaves the old block", failing_to_grow_leaves_the_old_block},
    {"objects never move and never overlap", objects_never_move_and_never_overlap},
    {"freed objects are reused, newest first, zeroed",
     freed_objects_are_reused_newest_first_and_zeroed},
    {"the limit bounds the objects that are out", limit_bounds_the_objects_that_are_out},
    {"no memory leaves the pool usable", no_memory_leaves_the_pool_usable},
    {"a pool may be used again after its end", a_pool_may_be_used_again_after_its_end},
};

int main(void)
{
    return UNIT_MAIN("memory", tests);
}
