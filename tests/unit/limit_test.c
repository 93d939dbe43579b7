/* Rate limits of our own replies, and attack C08. */
#include "ip/limit.h"

#include "unit.h"

static struct random dice;

static unsigned take_all(struct limit *l, rill_time now)
{
    unsigned taken = 0;
    while (taken < 100000 && limit_take(l, &dice, now))
        taken++;
    return taken;
}

static void burst_is_about_as_large_as_asked_and_then_all_is_refused(void)
{
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct limit l;
        random_seed(&dice, seed);
        limit_init(&l, 1000, 50);
        unsigned taken = take_all(&l, 0);
        CU_ASSERT(taken >= 25 && taken <= 100);
        CU_ASSERT_FALSE(limit_take(&l, &dice, 0));
    }
}

static void rate_is_kept_on_average(void)
{
    struct limit l;
    unsigned taken = 0;
    random_seed(&dice, 1);
    limit_init(&l, 1000, 50);
    for (unsigned i = 0; i < 100000; i++) /* 10 s, ten times too many */
        taken += limit_take(&l, &dice, RILL_MICROSECONDS(100) * i);
    CU_ASSERT(taken > 9500 && taken < 10500);
}

static void idle_time_fills_the_bucket_but_not_more(void)
{
    struct limit l;
    random_seed(&dice, 1);
    limit_init(&l, 1000, 50);
    take_all(&l, 0);
    CU_ASSERT(limit_take(&l, &dice, RILL_MILLISECONDS(3)));
    CU_ASSERT(take_all(&l, RILL_SECONDS(1000)) <= 100);
}

static void rate_of_zero_allows_nothing(void)
{
    struct limit l;
    random_seed(&dice, 1);
    limit_init(&l, 0, 50);
    CU_ASSERT_FALSE(limit_take(&l, &dice, RILL_SECONDS(1000)));
}

/* C08: how many replies the prober still gets does not tell how many went elsewhere. The same
 * number of replies is taken by others, and what is left differs from run to run by more than the
 * one reply that an attacker wants to see. */
static void what_is_left_does_not_tell_what_was_taken(void)
{
    unsigned seen[128] = {0}, kinds = 0;
    random_seed(&dice, 1);
    for (unsigned run = 0; run < 1000; run++) {
        struct limit l;
        limit_init(&l, 1000, 50);
        for (unsigned i = 0; i < 20; i++)
            limit_take(&l, &dice, 0);
        seen[take_all(&l, 0) % 128]++;
    }
    for (unsigned i = 0; i < 128; i++) {
        kinds += seen[i] > 0;
        CU_ASSERT(seen[i] < 200);
    }
    CU_ASSERT(kinds > 15);
}

static void one_destination_cannot_use_up_the_shared_bucket(void)
{
    static struct peer_limit p;
    unsigned to_prober = 0, others = 0;
    random_seed(&dice, 1);
    peer_limit_init(&p, &dice, 1000);
    for (unsigned i = 0; i < 100000; i++)
        to_prober += peer_limit_take(&p, rill_address_ip4(0x0a000001), &dice, 0);
    CU_ASSERT(to_prober >= 3 && to_prober <= 20);
    for (uint32_t i = 0; i < 20; i++)
        others += peer_limit_take(&p, rill_address_ip4(0x0b000000 + i), &dice, 0);
    CU_ASSERT(others >= 18); /* but for one that may share the prober's bucket */
}

static void many_destinations_together_are_limited(void)
{
    static struct peer_limit p;
    unsigned taken = 0;
    random_seed(&dice, 1);
    peer_limit_init(&p, &dice, 1000);
    for (uint32_t i = 0; i < 10000; i++)
        taken += peer_limit_take(&p, rill_address_ip4(0x0b000000 + i), &dice, 0);
    CU_ASSERT(taken >= 25 && taken <= 100);
}

static void destination_may_have_one_a_second_for_ever(void)
{
    static struct peer_limit p;
    unsigned taken = 0;
    random_seed(&dice, 1);
    peer_limit_init(&p, &dice, 1000);
    for (unsigned i = 0; i < 10000; i++)
        taken += peer_limit_take(&p, rill_address_ip4(1), &dice, RILL_MILLISECONDS(100) * i);
    CU_ASSERT(taken > 900 && taken < 1100);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a burst is about as large as asked, and then all is refused",
         burst_is_about_as_large_as_asked_and_then_all_is_refused},
        {"the rate is kept on average", rate_is_kept_on_average},
        {"idle time fills the bucket, but not more", idle_time_fills_the_bucket_but_not_more},
        {"a rate of zero allows nothing", rate_of_zero_allows_nothing},
        {"what is left does not tell what was taken (C08)",
         what_is_left_does_not_tell_what_was_taken},
        {"one destination cannot use up the shared bucket",
         one_destination_cannot_use_up_the_shared_bucket},
        {"many destinations together are limited", many_destinations_together_are_limited},
        {"a destination may have one a second for ever",
         destination_may_have_one_a_second_for_ever},
    };
    return UNIT_MAIN("limit", tests);
}
