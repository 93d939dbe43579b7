/* The budget, and the allocation that is made to fail. */
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

static void the_reserve_is_for_whoever_names_it(void)
{
    struct memory m = {.budget = 100, .reserve = 30};
    void *a = memory_get(&m, 70), *b;
    CU_ASSERT_PTR_NOT_NULL(a);
    CU_ASSERT_PTR_NULL(memory_get(&m, 1));
    b = memory_get_reserved(&m, 30);
    CU_ASSERT_PTR_NOT_NULL(b);
    CU_ASSERT_PTR_NULL(memory_get_reserved(&m, 1));
    CU_ASSERT_PTR_NULL(memory_get(&m, SIZE_MAX - 10)); /* the sum would wrap */
    memory_put(&m, a, 70);
    memory_put(&m, b, 30);
    CU_ASSERT_EQUAL(m.used, 0);
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

static const struct unit_test tests[] = {
    {"the budget bounds what is out", budget_bounds_what_is_out},
    {"a size near the end of size_t is refused", a_size_near_the_end_of_size_t_is_refused},
    {"the reserve is for whoever names it", the_reserve_is_for_whoever_names_it},
    {"blocks are zeroed", blocks_are_zeroed},
    {"the n-th allocation fails, and only that one", the_nth_allocation_fails_and_only_that_one},
    {"giving back nothing is harmless", giving_back_nothing_is_harmless},
    {"growing keeps the old bytes and zeroes the rest",
     growing_keeps_the_old_bytes_and_zeroes_the_rest},
    {"failing to grow leaves the old block", failing_to_grow_leaves_the_old_block},
};

int main(void)
{
    return UNIT_MAIN("memory", tests);
}
