/* HyStart++ (RFC 9406 4.2): rounds with given round trips. */
#include "tcp/hystart.h"

#include "unit.h"

#define MSS 1000
#define L (8 * MSS)

static struct hystart h;
static struct cc_window w;

static void begin(void)
{
    hystart_begin(&h);
    w = (struct cc_window){10 * MSS, CC_NO_THRESHOLD};
}

/* Returns by how much cwnd grows for an ACK of so many bytes. */
static uint32_t acked(uint32_t bytes, rill_time rtt, bool round_began)
{
    struct ack_sample ack = {.delivered = bytes,
                             .rtt = rtt,
                             .round_began = round_began,
                             .growth_max = L,
                             .window_limited = true};
    uint32_t before = w.cwnd;
    hystart_acked(&h, &w, &ack, MSS);
    return w.cwnd - before;
}

/* A round of so many samples, all of this length. */
static void round_of(unsigned samples, rill_time rtt)
{
    for (unsigned i = 0; i < samples; i++)
        acked(MSS, rtt, i == 0);
}

static bool conservative(void)
{
    return acked(4 * MSS, 0, false) == MSS;
}

static void one_ack_lets_it_grow_by_eight_segments(void)
{
    begin();
    CU_ASSERT_EQUAL(acked(3 * MSS, RILL_MILLISECONDS(10), true), 3 * MSS);
    CU_ASSERT_EQUAL(acked(20 * MSS, RILL_MILLISECONDS(10), false), L);
}

static void a_rise_by_an_eighth_makes_it_conservative(void)
{
    begin();
    round_of(8, RILL_MILLISECONDS(80));
    round_of(8, RILL_MILLISECONDS(90) - 1); /* RttThresh: 10 ms */
    CU_ASSERT_FALSE(conservative());
    begin();
    round_of(8, RILL_MILLISECONDS(80));
    round_of(7, RILL_MILLISECONDS(90));
    CU_ASSERT_FALSE(conservative()); /* seven samples are too few */
    acked(MSS, RILL_MILLISECONDS(90), false);
    CU_ASSERT_TRUE(conservative());
}

static void the_threshold_is_4_to_16_ms(void)
{
    begin();
    round_of(8, RILL_MILLISECONDS(8));
    round_of(8, RILL_MILLISECONDS(12) - 1);
    CU_ASSERT_FALSE(conservative());
    round_of(8, RILL_MILLISECONDS(16) - 1);
    CU_ASSERT_TRUE(conservative());
    begin();
    round_of(8, RILL_MILLISECONDS(400));
    round_of(8, RILL_MILLISECONDS(416) - 1);
    CU_ASSERT_FALSE(conservative());
    round_of(8, RILL_MILLISECONDS(432));
    CU_ASSERT_TRUE(conservative());
}

static void the_least_sample_of_a_round_counts(void)
{
    begin();
    round_of(8, RILL_MILLISECONDS(40));
    acked(MSS, RILL_MILLISECONDS(40), true);
    for (int i = 0; i < 20; i++)
        acked(MSS, RILL_MILLISECONDS(100), false);
    CU_ASSERT_FALSE(conservative());
}

static void five_rounds_later_it_ends(void)
{
    begin();
    round_of(8, RILL_MILLISECONDS(40));
    round_of(8, RILL_MILLISECONDS(50)); /* what is left of this round is the first of the five */
    for (int i = 0; i < 4; i++) {
        round_of(8, RILL_MILLISECONDS(50));
        CU_ASSERT_EQUAL(w.ssthresh, CC_NO_THRESHOLD);
    }
    acked(MSS, RILL_MILLISECONDS(50), true);
    CU_ASSERT_EQUAL(w.ssthresh, w.cwnd);
}

static void below_the_baseline_it_goes_on(void)
{
    begin();
    round_of(8, RILL_MILLISECONDS(40));
    round_of(8, RILL_MILLISECONDS(50));
    CU_ASSERT_TRUE(conservative());
    round_of(8, RILL_MILLISECONDS(50) - 1);
    CU_ASSERT_FALSE(conservative());
    round_of(8, RILL_MILLISECONDS(60)); /* and it is watched on */
    CU_ASSERT_TRUE(conservative());
}

static void an_unused_window_does_not_grow(void)
{
    begin();
    struct ack_sample ack = {.delivered = MSS, .growth_max = L};
    hystart_acked(&h, &w, &ack, MSS);
    CU_ASSERT_EQUAL(w.cwnd, 10 * MSS);
}

/* After how many ms of ACKs, so far apart, does slow start end? Round trip: 40 ms. */
static rill_time ended_after(uint32_t cwnd, rill_time gap, uint32_t growth_max)
{
    begin();
    w.cwnd = cwnd;
    rill_time t = 0;
    for (; t <= RILL_MILLISECONDS(100) && w.ssthresh == CC_NO_THRESHOLD; t += gap) {
        struct ack_sample ack = {.now = RILL_SECONDS(100) + t,
                                 .min_rtt = RILL_MILLISECONDS(40),
                                 .round_began = t == 0,
                                 .growth_max = growth_max};
        hystart_acked(&h, &w, &ack, MSS);
    }
    return (t - gap) / RILL_MILLISECONDS(1);
}

static void a_long_train_of_acks_ends_it(void)
{
    CU_ASSERT_EQUAL(ended_after(16 * MSS, RILL_MILLISECONDS(1), L), 21); /* (40 + 1) / 2 */
    CU_ASSERT_EQUAL(w.ssthresh, w.cwnd);
    CU_ASSERT_EQUAL(ended_after(16 * MSS, RILL_MILLISECONDS(1), UINT32_MAX), 42);
    CU_ASSERT_EQUAL(ended_after(16 * MSS, RILL_MILLISECONDS(3), L), 99);  /* no train */
    CU_ASSERT_EQUAL(ended_after(15 * MSS, RILL_MILLISECONDS(1), L), 100); /* too small */
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"one ACK lets it grow by eight segments", one_ack_lets_it_grow_by_eight_segments},
        {"a rise by an eighth makes it conservative", a_rise_by_an_eighth_makes_it_conservative},
        {"a long train of ACKs ends it", a_long_train_of_acks_ends_it},
        {"the threshold is 4 to 16 ms", the_threshold_is_4_to_16_ms},
        {"the least sample of a round counts", the_least_sample_of_a_round_counts},
        {"five rounds later it ends", five_rounds_later_it_ends},
        {"below the baseline it goes on", below_the_baseline_it_goes_on},
        {"an unused window does not grow", an_unused_window_does_not_grow},
    };
    return UNIT_MAIN("hystart", tests);
}
