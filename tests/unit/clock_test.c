/* The rule that tells a debugger's stop from time that passed, on made-up readings. */
#include "host/clock.h"
#include "unit.h"

#define MS RILL_MILLISECONDS(1)

static unsigned asked;
static bool tracer;

static bool traced(void)
{
    asked++;
    return tracer;
}

static rill_time judge(struct host_clock *c, rill_time wall, rill_time cpu)
{
    return host_clock_judge(c, wall, cpu, traced);
}

static void without_debugger_all_time_counts(void)
{
    struct host_clock c = {0};
    tracer = false;
    CU_ASSERT_EQUAL(judge(&c, 50 * MS, 0), 50 * MS);
    CU_ASSERT_EQUAL(judge(&c, 5000 * MS, 0), 5000 * MS);
    CU_ASSERT_EQUAL(host_clock_sleep_max(&c), RILL_NEVER);
}

static void an_hour_at_a_breakpoint_does_not_count(void)
{
    struct host_clock c = {.debug = true};
    judge(&c, 90 * MS, 1 * MS);
    CU_ASSERT_EQUAL(judge(&c, 90 * MS + RILL_SECONDS(3600), 2 * MS), 90 * MS);
    CU_ASSERT_EQUAL(judge(&c, 100 * MS + RILL_SECONDS(3600), 3 * MS), 100 * MS);
}

static void computing_counts_however_long_it_takes(void)
{
    struct host_clock c = {.debug = true};
    CU_ASSERT_EQUAL(judge(&c, 2000 * MS, 1900 * MS), 2000 * MS);
}

static void the_loop_s_own_sleep_counts(void)
{
    struct host_clock c = {.debug = true};
    rill_time slice = host_clock_sleep_max(&c);
    CU_ASSERT(slice > 0 && slice < HOST_CLOCK_JUMP);
    for (int i = 1; i <= 100; i++)
        CU_ASSERT_EQUAL(judge(&c, i * slice, 0), i * slice);
}

static void a_debugger_that_comes_late_is_noticed_at_the_first_stop(void)
{
    struct host_clock c = {0};
    tracer = false;
    judge(&c, 1000 * MS, 0);
    tracer = true;
    CU_ASSERT_EQUAL(judge(&c, RILL_SECONDS(3600), 0), 1000 * MS);
    CU_ASSERT_TRUE(c.debug);
}

static void the_tracer_is_asked_for_at_jumps_only(void)
{
    struct host_clock c = {0};
    tracer = false;
    asked = 0;
    for (int i = 1; i <= 10; i++)
        judge(&c, i * 100 * MS, 0);
    CU_ASSERT_EQUAL(asked, 0);
    judge(&c, 1101 * MS, 0);
    CU_ASSERT_EQUAL(asked, 1);
}

static void the_real_clock_goes_forward(void)
{
    struct host_clock c;
    host_clock_init(&c, false);
    rill_time first = host_clock_read(&c);
    CU_ASSERT(first > 0);
    CU_ASSERT(host_clock_read(&c) >= first);
}

static const struct unit_test tests[] = {
    {"without debugger all time counts", without_debugger_all_time_counts},
    {"an hour at a breakpoint does not count", an_hour_at_a_breakpoint_does_not_count},
    {"computing counts however long it takes", computing_counts_however_long_it_takes},
    {"the loop's own sleep counts", the_loop_s_own_sleep_counts},
    {"a debugger that comes late is noticed at the first stop",
     a_debugger_that_comes_late_is_noticed_at_the_first_stop},
    {"the tracer is asked for at jumps only", the_tracer_is_asked_for_at_jumps_only},
    {"the real clock goes forward", the_real_clock_goes_forward},
};

int main(void)
{
    return UNIT_MAIN("clock", tests);
}
