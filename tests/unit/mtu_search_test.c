/* The search for a path's MTU (RFC 4821 7), without a connection. */
#include "tcp/mtu_search.h"

#include "unit.h"

#define CEILING 1480

static void begin(struct mtu_search *s)
{
    *s = (struct mtu_search){0};
    mtu_search_fall(s, 1020, 0);
}

/* A path that carries `carries` bytes; returns how many probes the search has taken. */
static unsigned search(struct mtu_search *s, uint16_t carries, rill_time *now)
{
    unsigned probes = 0;
    for (uint16_t size; (size = mtu_search_next(s, CEILING, *now)) != 0; probes++) {
        if (size <= carries)
            mtu_search_passed(s, size, *now);
        else
            mtu_search_failed(s, size, 5, *now);
        *now += 5;
    }
    return probes;
}

static void it_finds_what_the_path_carries(void) /* 7.3 */
{
    for (uint16_t carries = 1020; carries <= CEILING; carries++) {
        struct mtu_search s;
        rill_time now = 0;
        begin(&s);
        CU_ASSERT(search(&s, carries, &now) <= 7);
        CU_ASSERT(s.low <= carries && carries < s.low + MTU_SEARCH_CLOSE);
    }
}

static void a_failure_is_followed_by_a_pause(void) /* 7.6.2 */
{
    struct mtu_search s;
    begin(&s);
    mtu_search_failed(&s, 1250, 5, 100);
    CU_ASSERT_EQUAL(mtu_search_next(&s, CEILING, 104), 0);
    CU_ASSERT_EQUAL(mtu_search_next(&s, CEILING, 105), (1020 + 1249) / 2);
}

static void a_success_is_not(void) /* 7.6.1 */
{
    struct mtu_search s;
    begin(&s);
    mtu_search_passed(&s, 1250, 100);
    CU_ASSERT_EQUAL(s.low, 1250);
    CU_ASSERT_EQUAL(mtu_search_next(&s, CEILING, 100), (1250 + CEILING) / 2);
}

static void ten_minutes_later_it_looks_whether_the_path_is_wider(void) /* 7.3 */
{
    struct mtu_search s;
    rill_time now = 0;
    begin(&s);
    search(&s, 1260, &now);
    rill_time over = s.again_at;
    CU_ASSERT(over >= MTU_SEARCH_AGAIN && over <= now + MTU_SEARCH_AGAIN);
    CU_ASSERT_EQUAL(mtu_search_next(&s, CEILING, over - 1), 0);
    CU_ASSERT_EQUAL(mtu_search_next(&s, CEILING, over), (s.low + CEILING) / 2);
}

static void what_both_ends_allow_ends_it(void)
{
    struct mtu_search s;
    begin(&s);
    CU_ASSERT_EQUAL(mtu_search_next(&s, 1020, 0), 0);
    CU_ASSERT_EQUAL(mtu_search_next(&s, 1027, 0), 0);
    CU_ASSERT_EQUAL(mtu_search_next(&s, 1028, 0), 1024);
    CU_ASSERT_EQUAL(mtu_search_next(&s, 532, 0), 0); /* ICMP says less than what passed */
}

static void a_fall_keeps_what_is_known_above_and_ends_the_pause(void) /* 7.7 */
{
    struct mtu_search s;
    rill_time now = 0;
    begin(&s);
    search(&s, 1260, &now);
    uint16_t high = s.high;
    mtu_search_fall(&s, 532, now);
    CU_ASSERT_EQUAL(s.low, 532);
    CU_ASSERT_EQUAL(s.high, high);
    CU_ASSERT_EQUAL(mtu_search_next(&s, CEILING, now), (532 + high) / 2);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"it finds what the path carries", it_finds_what_the_path_carries},
        {"a failure is followed by a pause", a_failure_is_followed_by_a_pause},
        {"a success is not", a_success_is_not},
        {"ten minutes later it looks whether the path is wider",
         ten_minutes_later_it_looks_whether_the_path_is_wider},
        {"what both ends allow ends it", what_both_ends_allow_ends_it},
        {"a fall keeps what is known above and ends the pause",
         a_fall_keeps_what_is_known_above_and_ends_the_pause},
    };
    return UNIT_MAIN("mtu_search", tests);
}
