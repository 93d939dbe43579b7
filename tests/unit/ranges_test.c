/* The set of ranges: against a bitmap, and the order that SACK wants. */
#include "base/ranges.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "unit.h"

static struct memory memory;
static struct ranges set;

static void begin(void)
{
    memory = (struct memory){.budget = 1 << 20};
    ranges_init(&set);
}

static void end(void)
{
    ranges_clear(&set, &memory);
    ranges_check(&set);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static bool add(position from, position to)
{
    bool good = ranges_add(&set, &memory, (struct range){from, to});
    ranges_check(&set);
    return good;
}

static bool same(struct range r, position from, position to)
{
    return r.from == from && r.to == to;
}

/* Whether the i-th of the ranges, in the order of SACK, is [from, to). */
static bool recent_is(unsigned i, position from, position to)
{
    struct range out[8];
    return i < ranges_recent(&set, out, 8) && same(out[i], from, to);
}

static void an_empty_set_holds_no_memory(void)
{
    begin();
    CU_ASSERT_EQUAL(ranges_reach(&set, 5), 5);
    CU_ASSERT_EQUAL(ranges_recent(&set, (struct range[4]){0}, 4), 0);
    CU_ASSERT(add(7, 7));
    CU_ASSERT_EQUAL(set.count, 0);
    CU_ASSERT(add(10, 20));
    CU_ASSERT(memory.used > 0);
    ranges_forget_below(&set, &memory, 20);
    CU_ASSERT_EQUAL(memory.used, 0);
    CU_ASSERT_PTR_NULL(set.range);
    end();
}

static void ranges_that_touch_become_one(void)
{
    begin();
    add(10, 20);
    add(30, 40);
    CU_ASSERT_EQUAL(set.count, 2);
    add(20, 29); /* touches the first only */
    CU_ASSERT_EQUAL(set.count, 2);
    CU_ASSERT(same(set.range[0], 10, 29));
    add(29, 30); /* touches both */
    CU_ASSERT_EQUAL(set.count, 1);
    CU_ASSERT(same(set.range[0], 10, 40));
    add(5, 10);
    CU_ASSERT(same(set.range[0], 5, 40));
    end();
}

static void a_range_swallows_all_that_it_covers(void)
{
    begin();
    for (position p = 10; p < 100; p += 10)
        add(p, p + 5);
    add(22, 81);
    CU_ASSERT_EQUAL(set.count, 3);
    CU_ASSERT(same(set.range[0], 10, 15));
    CU_ASSERT(same(set.range[1], 20, 85));
    CU_ASSERT(same(set.range[2], 90, 95));
    end();
}

static void position_0_can_be_held(void)
{
    begin();
    add(0, 1);
    CU_ASSERT(recent_is(0, 0, 1));
    add(1, 2);
    CU_ASSERT(recent_is(0, 0, 2));
    CU_ASSERT_EQUAL(set.count, 1);
    end();
}

static void gap_is_the_first_stretch_that_is_missing(void)
{
    begin();
    add(10, 20);
    add(30, 40);
    CU_ASSERT(same(ranges_gap(&set, (struct range){0, 50}), 0, 10));
    CU_ASSERT(same(ranges_gap(&set, (struct range){0, 5}), 0, 5));
    CU_ASSERT(same(ranges_gap(&set, (struct range){15, 50}), 20, 30));
    CU_ASSERT(same(ranges_gap(&set, (struct range){15, 25}), 20, 25));
    CU_ASSERT(same(ranges_gap(&set, (struct range){35, 50}), 40, 50));
    CU_ASSERT(same(ranges_gap(&set, (struct range){12, 18}), 18, 18));
    CU_ASSERT(same(ranges_gap(&set, (struct range){12, 20}), 20, 20));
    end();
}

static void the_range_that_changed_last_comes_first(void)
{
    begin();
    add(10, 20);
    add(50, 60);
    add(30, 40);
    CU_ASSERT(recent_is(0, 30, 40));
    CU_ASSERT(recent_is(1, 50, 60));
    CU_ASSERT(recent_is(2, 10, 20));
    add(20, 25); /* grows the oldest */
    CU_ASSERT(recent_is(0, 10, 25));
    CU_ASSERT(recent_is(1, 30, 40));
    CU_ASSERT(recent_is(2, 50, 60));
    add(52, 53); /* nothing new, but RFC 2018 4 wants its block first all the same */
    CU_ASSERT(recent_is(0, 50, 60));
    CU_ASSERT(recent_is(1, 10, 25));
    end();
}

static void joined_ranges_are_reported_once(void)
{
    struct range out[4];
    begin();
    add(10, 20);
    add(70, 80);
    add(30, 40);
    add(20, 30);
    CU_ASSERT_EQUAL(ranges_recent(&set, out, 4), 2);
    CU_ASSERT(recent_is(0, 10, 40));
    CU_ASSERT(recent_is(1, 70, 80));
    end();
}

static void the_lowest_of_the_others_fill_up(void)
{
    struct range out[4];
    begin();
    for (position p = 70; p >= 10; p -= 10) /* the newest four: 10 20 30 40 */
        add(p, p + 5);
    CU_ASSERT_EQUAL(ranges_recent(&set, out, 4), 4);
    CU_ASSERT(same(out[3], 40, 45));
    CU_ASSERT_EQUAL(ranges_recent(&set, out, 2), 2);
    CU_ASSERT(recent_is(4, 50, 55));
    add(12, 48); /* 10 .. 48 are one now */
    CU_ASSERT(recent_is(0, 10, 48));
    CU_ASSERT(recent_is(1, 50, 55));
    CU_ASSERT(recent_is(2, 60, 65));
    CU_ASSERT(recent_is(3, 70, 75));
    CU_ASSERT_EQUAL(ranges_recent(&set, out, 4), 4);
    end();
}

static void forgetting_cuts_and_keeps_the_order(void)
{
    begin();
    add(30, 40);
    add(10, 20);
    add(50, 60);
    ranges_forget_below(&set, &memory, 35);
    ranges_check(&set);
    CU_ASSERT_EQUAL(set.count, 2);
    CU_ASSERT(recent_is(0, 50, 60));
    CU_ASSERT(recent_is(1, 35, 40));
    ranges_forget_below(&set, &memory, 35); /* again: nothing */
    CU_ASSERT(recent_is(1, 35, 40));
    ranges_forget_below(&set, &memory, 40);
    ranges_check(&set);
    CU_ASSERT_EQUAL(set.count, 1);
    CU_ASSERT_FALSE(recent_is(1, 35, 40));
    end();
}

static void a_cut_range_stays_the_newest(void)
{
    begin();
    add(50, 60);
    add(70, 80);
    add(30, 40);
    ranges_forget_below(&set, &memory, 35);
    ranges_check(&set);
    CU_ASSERT(recent_is(0, 35, 40));
    CU_ASSERT(recent_is(1, 70, 80));
    CU_ASSERT(recent_is(2, 50, 60));
    end();
}

static void the_number_of_ranges_is_bounded(void)
{
    begin();
    for (position i = 0; i < RANGES_MAX; i++)
        CU_ASSERT_FATAL(add(10 * i, 10 * i + 5));
    CU_ASSERT_FALSE(add(10 * RANGES_MAX, 10 * RANGES_MAX + 5));
    CU_ASSERT_EQUAL(set.count, RANGES_MAX);
    CU_ASSERT_EQUAL(ranges_reach(&set, 10 * RANGES_MAX), 10 * RANGES_MAX);
    CU_ASSERT(recent_is(0, 10 * RANGES_MAX - 10, 10 * RANGES_MAX - 5));
    CU_ASSERT(add(3, 8)); /* what touches another needs no room */
    CU_ASSERT(add(5, 10));
    CU_ASSERT_EQUAL(set.count, RANGES_MAX - 1);
    CU_ASSERT(add(10 * RANGES_MAX, 10 * RANGES_MAX + 5));
    end();
}

static void no_memory_leaves_the_set_as_it_was(void)
{
    begin();
    memory.fails_in = 1;
    CU_ASSERT_FALSE(add(10, 20));
    CU_ASSERT_EQUAL(set.count, 0);
    for (position i = 1; i <= 4; i++)
        CU_ASSERT(add(10 * i, 10 * i + 5));
    struct range before[4];
    memcpy(before, set.range, sizeof before);
    memory.fails_in = 1;
    CU_ASSERT_FALSE(add(1, 5));
    CU_ASSERT_EQUAL(set.count, 4);
    CU_ASSERT_EQUAL(memcmp(before, set.range, sizeof before), 0);
    CU_ASSERT(recent_is(0, 40, 45));
    end();
}

/* ------------------------------------------------------------- the model */

#define LENGTH 600

struct model {
    bool bit[LENGTH];
};

static position model_run(const struct model *m, position p, bool value)
{
    while (p < LENGTH && m->bit[p] == value)
        p++;
    return p;
}

static unsigned model_ranges(const struct model *m)
{
    unsigned n = 0;
    for (position p = model_run(m, 0, false); p < LENGTH; p = model_run(m, p, false)) {
        p = model_run(m, p, true);
        n++;
    }
    return n;
}

static void compare_at(const struct model *m, struct range r)
{
    position reach = model_run(m, r.from, true);
    position gap = min_of(reach, r.to);
    position gap_end = min_of(model_run(m, gap, false), r.to);
    CU_ASSERT_EQUAL(ranges_reach(&set, r.from), reach);
    CU_ASSERT_EQUAL(ranges_contains(&set, r), reach >= r.to);
    CU_ASSERT(same(ranges_gap(&set, r), gap, max_of(gap, gap_end)));
    position shared = min_of(model_run(m, r.from, false), r.to);
    position shared_end = min_of(model_run(m, shared, true), r.to);
    CU_ASSERT(same(ranges_shared(&set, r), shared, max_of(shared, shared_end)));
}

static struct range some_range(struct random *r)
{
    position from = (position)random_below(r, LENGTH);
    position most = (position)random_below(r, random_below(r, 8) ? 12 : 120);
    return (struct range){from, min_of(from + most, LENGTH)};
}

/* The range around p in the bitmap. */
static struct range model_around(const struct model *m, position p)
{
    position from = p;
    while (from > 0 && m->bit[from - 1])
        from--;
    return (struct range){from, model_run(m, p, true)};
}

static void step(struct model *m, struct random *random)
{
    struct range r = some_range(random);
    if (random_below(random, 40) == 0) {
        ranges_forget_below(&set, &memory, r.from);
        memset(m->bit, false, (size_t)r.from);
        return;
    }
    memory.fails_in = random_below(random, 4) == 0;
    if (ranges_add(&set, &memory, r)) {
        memset(m->bit + r.from, true, (size_t)(r.to - r.from));
        struct range own = model_around(m, r.from);
        if (r.from < r.to)
            CU_ASSERT(recent_is(0, own.from, own.to));
    }
    memory.fails_in = 0;
}

static void random_steps_agree_with_the_bitmap(void)
{
    struct random random;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct model m = {0};
        random_seed(&random, seed);
        begin();
        for (int i = 0; i < 2000; i++) {
            step(&m, &random);
            ranges_check(&set);
            CU_ASSERT_EQUAL(set.count, model_ranges(&m));
            for (int j = 0; j < 4; j++)
                compare_at(&m, some_range(&random));
        }
        end();
    }
}

static const struct unit_test tests[] = {
    {"an empty set holds no memory", an_empty_set_holds_no_memory},
    {"ranges that touch become one", ranges_that_touch_become_one},
    {"a range swallows all that it covers", a_range_swallows_all_that_it_covers},
    {"position 0 can be held", position_0_can_be_held},
    {"a gap is the first stretch that is missing", gap_is_the_first_stretch_that_is_missing},
    {"the range that changed last comes first", the_range_that_changed_last_comes_first},
    {"joined ranges are reported once", joined_ranges_are_reported_once},
    {"the lowest of the others fill up", the_lowest_of_the_others_fill_up},
    {"forgetting cuts, and keeps the order", forgetting_cuts_and_keeps_the_order},
    {"a cut range stays the newest", a_cut_range_stays_the_newest},
    {"the number of ranges is bounded", the_number_of_ranges_is_bounded},
    {"no memory leaves the set as it was", no_memory_leaves_the_set_as_it_was},
    {"random steps agree with the bitmap", random_steps_agree_with_the_bitmap},
};

int main(void)
{
    return UNIT_MAIN("ranges", tests);
}
