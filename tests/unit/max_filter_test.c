#include "base/max_filter.h"

#include "unit.h"

static struct max_filter filter;

static uint64_t take(uint32_t at, uint64_t value)
{
    max_filter_take(&filter, 10, at, value);
    return max_filter_value(&filter);
}

static void begin(void)
{
    filter = (struct max_filter){0};
}

static void the_largest_lasts_for_the_window(void)
{
    begin();
    CU_ASSERT_EQUAL(take(1, 100), 100);
    for (uint32_t at = 2; at <= 11; at++)
        CU_ASSERT_EQUAL(take(at, 50), 100);
    CU_ASSERT_EQUAL(take(12, 50), 50);
}

static void a_larger_one_replaces_all(void)
{
    begin();
    take(1, 100);
    CU_ASSERT_EQUAL(take(2, 100), 100);
    CU_ASSERT_EQUAL(take(12, 10), 100); /* the equal one counts from its own time */
    CU_ASSERT_EQUAL(take(13, 10), 10);
}

static void the_second_best_takes_its_place(void)
{
    begin();
    take(1, 100);
    take(4, 80);
    take(5, 90);
    take(8, 70);
    CU_ASSERT_EQUAL(take(12, 10), 90);
    CU_ASSERT_EQUAL(take(16, 10), 70);
}

/* Nothing leaves while nothing comes. */
static void after_a_silence_the_first_counts(void)
{
    begin();
    take(1, 100);
    take(5, 90);
    CU_ASSERT_EQUAL(max_filter_value(&filter), 100);
    CU_ASSERT_EQUAL(take(40, 1), 1);
}

static void time_may_wrap(void)
{
    begin();
    take(UINT32_MAX - 1, 100);
    CU_ASSERT_EQUAL(take(3, 50), 100);
    CU_ASSERT_EQUAL(take(9, 50), 50);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"the largest lasts for the window", the_largest_lasts_for_the_window},
        {"a larger one replaces all", a_larger_one_replaces_all},
        {"the second best takes its place", the_second_best_takes_its_place},
        {"after a silence the first counts", after_a_silence_the_first_counts},
        {"time may wrap", time_may_wrap},
    };
    return UNIT_MAIN("max_filter", tests);
}
