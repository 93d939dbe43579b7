/* BBR's detection of a token bucket: round trips of 100 ms, ten segments each. */
#include "tcp/policer.h"

#include "unit.h"

#define MSS 1000
#define RTT RILL_MILLISECONDS(100)

static struct policer policer;
static struct ack_sample ack;

static void begin(void)
{
    policer = (struct policer){0};
    ack = (struct ack_sample){.now = RILL_SECONDS(100)};
}

static void round_of(uint32_t delivered, uint32_t lost, bool limited)
{
    ack.now += RTT;
    ack.delivered = delivered;
    ack.lost = lost;
    policer_take(&policer, &ack, true, limited);
}

static void two_like_intervals_show_it(void)
{
    begin();
    round_of(10 * MSS, 3 * MSS, false); /* the tokens are used up: the first interval begins */
    for (int i = 0; i < 4; i++)
        round_of(10 * MSS, 3 * MSS, false);
    CU_ASSERT_EQUAL(policer.rate, 100 * MSS);
    CU_ASSERT_FALSE(policer.applies);
    for (int i = 0; i < 4; i++)
        round_of(11 * MSS, 3 * MSS, false);
    CU_ASSERT_TRUE(policer.applies);
    CU_ASSERT_EQUAL(policer.rate, 105 * MSS); /* their mean */
}

static void different_rates_show_none(void)
{
    begin();
    for (int i = 0; i < 21; i++)
        round_of((i - 1) / 4 % 2 ? 10 * MSS : 20 * MSS, 6 * MSS, false);
    CU_ASSERT_FALSE(policer.applies);
}

static void little_loss_shows_none(void) /* less than a fifth */
{
    begin();
    for (int i = 0; i < 40; i++)
        round_of(10 * MSS, MSS, false);
    CU_ASSERT_FALSE(policer.applies);
}

static void an_interval_ends_with_a_loss(void)
{
    begin();
    round_of(10 * MSS, 3 * MSS, false);
    for (int i = 0; i < 6; i++)
        round_of(10 * MSS, 0, false);
    CU_ASSERT_EQUAL(policer.rate, 0);
    round_of(10 * MSS, 30 * MSS, false);
    CU_ASSERT_EQUAL(policer.rate, 100 * MSS);
}

static void a_long_interval_and_a_slow_application_begin_anew(void)
{
    begin();
    round_of(10 * MSS, 3 * MSS, false);
    for (int i = 0; i < 17; i++)
        round_of(10 * MSS, 0, false);
    CU_ASSERT_FALSE(policer.measures);
    round_of(10 * MSS, 3 * MSS, false);
    CU_ASSERT_TRUE(policer.measures);
    round_of(10 * MSS, 3 * MSS, true);
    CU_ASSERT_FALSE(policer.measures);
}

static void its_rate_grows_old(void)
{
    begin();
    for (int i = 0; i < 9; i++)
        round_of(10 * MSS, 3 * MSS, false);
    for (int i = 0; i < 47; i++)
        round_of(10 * MSS, 0, false);
    CU_ASSERT_TRUE(policer.applies);
    CU_ASSERT_FALSE(policer_is_old(&policer));
    round_of(10 * MSS, 0, false);
    CU_ASSERT_TRUE(policer_is_old(&policer));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"two like intervals show it", two_like_intervals_show_it},
        {"different rates show none", different_rates_show_none},
        {"little loss shows none", little_loss_shows_none},
        {"an interval ends with a loss", an_interval_ends_with_a_loss},
        {"a long interval and a slow application begin anew",
         a_long_interval_and_a_slow_application_begin_anew},
        {"its rate grows old", its_rate_grows_old},
    };
    return UNIT_MAIN("policer", tests);
}
