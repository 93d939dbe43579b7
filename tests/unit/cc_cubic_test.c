/* CUBIC against the arithmetic of RFC 9438: C = 0.4, beta = 0.7, alpha = 9/17. */
#include "tcp/cc.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define MSS 1000

static struct cc_window w;
static struct cc_state state;
static rill_time now;
static rill_time srtt;

static void begin(uint32_t cwnd, uint32_t ssthresh)
{
    memset(&state, 0xff, sizeof state);
    now = RILL_SECONDS(100);
    srtt = RILL_MILLISECONDS(100);
    w = (struct cc_window){cwnd, ssthresh};
    cc_cubic.start(&w, &state, &(struct ack_sample){.now = now}, MSS);
}

static void acked_if(uint32_t bytes, bool limited)
{
    struct ack_sample ack = {.now = now,
                             .rtt = srtt,
                             .srtt = srtt,
                             .acked = bytes,
                             .delivered = bytes,
                             .growth_max = 8 * MSS,
                             .una_advanced = true,
                             .window_limited = limited};
    cc_cubic.acked(&w, &state, &ack, MSS);
}

static void acked(uint32_t bytes)
{
    acked_if(bytes, true);
}

static void lost(void)
{
    struct ack_sample ack = {.now = now, .flight = w.cwnd, .lost = MSS};
    cc_cubic.congested(&w, &state, &ack, MSS);
    w.cwnd = w.ssthresh; /* PRR */
}

static void timed_out(bool again)
{
    struct ack_sample ack = {.now = now, .flight = w.cwnd, .again = again};
    cc_cubic.timed_out(&w, &state, &ack, MSS);
}

/* A whole window, acknowledged in the course of one round trip. */
static void round_trip(void)
{
    uint32_t window = w.cwnd;
    for (uint32_t sent = 0; sent < window; sent += MSS) {
        now += srtt / (window / MSS);
        acked(MSS);
    }
}

/* So much later it is where the function is: its target is W_cubic(t + RTT). */
static void settles_after(rill_time time)
{
    now += time - srtt;
    for (int i = 0; i < 8; i++)
        acked(w.cwnd);
}

/* Within a segment and a hundredth. */
static bool near(uint32_t got, uint32_t expected)
{
    return (uint32_t)abs((int)got - (int)expected) <= MSS + expected / 100;
}

static void a_loss_takes_three_tenths_of_what_was_in_flight(void) /* 4.6 */
{
    begin(100 * MSS, 200 * MSS);
    lost();
    CU_ASSERT_EQUAL(w.ssthresh, 70 * MSS);
    struct ack_sample ack = {.now = now, .flight = 10 * MSS, .lost = MSS};
    cc_cubic.congested(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(w.ssthresh, 7 * MSS); /* FlightSize, not an idle cwnd */
    ack.flight = MSS;
    cc_cubic.congested(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(w.ssthresh, 2 * MSS);
}

/* 4.2: W_max 1000, cwnd_epoch 700: K = cbrt(300 / 0.4) = 9.0856 s. */
static void it_follows_the_cubic_function(void)
{
    begin(1000 * MSS, 1000 * MSS);
    lost();
    rill_time epoch = now;
    acked(MSS); /* begins the epoch */
    static const struct {
        rill_time at;
        uint32_t window;
    } point[] = {
        {RILL_SECONDS(2), 857 * MSS},  /* 1000 - 0.4 (9.0856 - 2)^3 = 857.7 */
        {RILL_SECONDS(5), 973 * MSS},  /* 1000 - 0.4 x 4.0856^3 */
        {RILL_SECONDS(9), 1000 * MSS}, /* the plateau */
        {RILL_SECONDS(13), 1024 * MSS},
        {RILL_SECONDS(19), 1390 * MSS}, /* 1000 + 0.4 x 9.9144^3 = 1389.8 */
    };
    for (size_t i = 0; i < sizeof point / sizeof *point; i++) {
        while (now < epoch + point[i].at)
            round_trip();
        CU_ASSERT(near(w.cwnd, point[i].window));
    }
}

static void the_function_reaches_w_max_at_k(void)
{
    begin(1000 * MSS, 1000 * MSS);
    lost();
    acked(MSS);
    settles_after(RILL_MILLISECONDS(9086));
    CU_ASSERT(w.cwnd > 999 * MSS && w.cwnd <= 1000 * MSS);
}

/* Where it will be a round trip later, 1000 + 0.4 (19 - 9.0856)^3, and not yet 1000 + 0.4 x 8.9^3.
 */
static void its_target_is_a_round_trip_ahead(void)
{
    begin(1000 * MSS, 1000 * MSS);
    srtt = RILL_SECONDS(1);
    lost();
    acked(MSS);
    settles_after(RILL_SECONDS(19));
    CU_ASSERT(near(w.cwnd, 1390 * MSS));
}

static void no_ack_grows_it_beyond_half(void) /* 4.2: target <= 1.5 cwnd */
{
    begin(100 * MSS, 100 * MSS);
    lost();
    acked(MSS);
    uint32_t before = w.cwnd;
    now += RILL_SECONDS(60); /* W_cubic is far away */
    acked(1000 * MSS);
    CU_ASSERT(near(w.cwnd, before + before / 2));
}

/* 4.3: with a short round trip Reno would be faster: 9/17 segments each round trip, and one as soon
 * as W_est is where cwnd was. */
static void it_is_no_slower_than_reno(void)
{
    begin(20 * MSS, 20 * MSS);
    srtt = RILL_MILLISECONDS(1);
    lost(); /* 14 */
    for (int i = 0; i < 8; i++)
        round_trip();
    CU_ASSERT(w.cwnd > 17 * MSS && w.cwnd < 19 * MSS); /* 14 + 8 x 9/17 = 18.2 */
    while (w.cwnd < 20 * MSS)
        round_trip();
    uint32_t before = w.cwnd;
    for (int i = 0; i < 5; i++)
        round_trip();
    CU_ASSERT(abs((int)w.cwnd - (int)before - 5 * MSS) < MSS / 2);
}

/* 4.7: below the last W_max, W_max = cwnd (1 + 0.7) / 2. */
static void fast_convergence_gives_room(void)
{
    begin(1000 * MSS, 1000 * MSS);
    lost(); /* W_max 1000 */
    lost(); /* at 700: W_max 595 */
    CU_ASSERT_EQUAL(w.ssthresh, 490 * MSS);
    acked(MSS);
    now += RILL_MILLISECONDS(6404) - srtt; /* K = cbrt(105 / 0.4) */
    for (int i = 0; i < 8; i++)
        acked(490 * MSS);
    CU_ASSERT(near(w.cwnd, 595 * MSS));
    begin(1000 * MSS, 1000 * MSS);
    lost();
    w.cwnd = 1001 * MSS; /* above it: no convergence */
    lost();
    acked(MSS);
    settles_after(RILL_MILLISECONDS(9088));
    CU_ASSERT(near(w.cwnd, 1001 * MSS));
}

/* 4.8: cwnd is one segment, ssthresh 0.7; then K = 0 and W_max = cwnd where avoidance begins. */
static void a_time_out_begins_the_curve_anew(void)
{
    begin(1000 * MSS, 1000 * MSS);
    lost();
    timed_out(false);
    CU_ASSERT_EQUAL(w.cwnd, MSS);
    CU_ASSERT_EQUAL(w.ssthresh, 490 * MSS);
    timed_out(true);
    CU_ASSERT_EQUAL(w.ssthresh, 490 * MSS);
    acked(489 * MSS); /* slow start */
    CU_ASSERT_EQUAL(w.cwnd, 490 * MSS);
    acked(MSS);
    settles_after(RILL_SECONDS(5));
    CU_ASSERT(near(w.cwnd, 540 * MSS)); /* 490 + 0.4 x 5^3 */
}

/* 4.9: as if nothing had been. */
static void what_was_no_congestion_is_undone(void)
{
    begin(1000 * MSS, 1000 * MSS);
    lost();
    acked(MSS);
    now += RILL_SECONDS(5);
    for (int i = 0; i < 8; i++)
        acked(800 * MSS);
    struct cc_window before = w;
    lost();
    now += srtt;
    cc_cubic.undone(&w, &state, &(struct ack_sample){.now = now}, MSS);
    w = before; /* recovery's part */
    settles_after(RILL_MILLISECONDS(4085) - srtt);
    CU_ASSERT(near(w.cwnd, 1000 * MSS)); /* W_max and K are those of the first loss */
}

static void the_first_of_several_reductions_is_undone(void)
{
    begin(1000 * MSS, 1000 * MSS);
    lost();
    acked(MSS);
    struct cc_window before = w;
    lost();
    timed_out(false);
    cc_cubic.undone(&w, &state, &(struct ack_sample){.now = now}, MSS);
    w = before;
    settles_after(RILL_MILLISECONDS(9086));
    CU_ASSERT(near(w.cwnd, 1000 * MSS));
}

/* 5.8: the time in which cwnd was not in use is none of the curve's. */
static void an_unused_window_does_not_grow(void)
{
    begin(1000 * MSS, 1000 * MSS);
    lost();
    acked(MSS);
    uint32_t before = w.cwnd;
    for (int i = 0; i < 300; i++) {
        now += RILL_MILLISECONDS(100);
        acked_if(MSS, false);
    }
    CU_ASSERT_EQUAL(w.cwnd, before);
    settles_after(RILL_SECONDS(2));
    CU_ASSERT(near(w.cwnd, 857 * MSS)); /* as after two seconds, not after 32 */
}

static void a_pause_is_no_time_of_the_curve(void)
{
    begin(1000 * MSS, 1000 * MSS);
    lost();
    acked(MSS);
    now += RILL_SECONDS(30);
    cc_cubic.resumed(&w, &state, &(struct ack_sample){.now = now}, MSS);
    settles_after(RILL_SECONDS(2));
    CU_ASSERT(near(w.cwnd, 857 * MSS));
}

static void slow_start_reaches_the_threshold_and_no_further(void)
{
    begin(10 * MSS, 20 * MSS);
    acked(4 * MSS);
    CU_ASSERT_EQUAL(w.cwnd, 14 * MSS);
    acked(6 * MSS);
    CU_ASSERT_EQUAL(w.cwnd, 20 * MSS);
}

static void the_first_slow_start_is_hystarts(void)
{
    begin(10 * MSS, CC_NO_THRESHOLD);
    acked(20 * MSS);
    CU_ASSERT_EQUAL(w.cwnd, 18 * MSS); /* L */
}

static void in_recovery_it_holds_still(void)
{
    begin(100 * MSS, 100 * MSS);
    lost();
    struct ack_sample ack = {
        .now = now, .delivered = 50 * MSS, .in_recovery = true, .window_limited = true};
    cc_cubic.acked(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(w.cwnd, 70 * MSS);
}

/* The largest window (1 GB: RFC 7323 2.3) with the largest segments, and the smallest, after a time
 * in ms whose cube is 2^66: nothing wraps. */
static void the_arithmetic_holds_at_its_bounds(void)
{
    static const uint32_t mss[] = {88, 65495};
    for (size_t i = 0; i < 2; i++) {
        begin(1u << 30, 1u << 30);
        struct ack_sample ack = {.now = now, .delivered = 1u << 30, .window_limited = true};
        cc_cubic.acked(&w, &state, &ack, mss[i]);
        w.cwnd = 1u << 30;
        ack.now += RILL_MILLISECONDS(1 << 22);
        cc_cubic.acked(&w, &state, &ack, mss[i]);
        CU_ASSERT_EQUAL(w.cwnd, (1u << 30) + (1u << 29));
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a loss takes three tenths of what was in flight",
         a_loss_takes_three_tenths_of_what_was_in_flight},
        {"it follows the cubic function", it_follows_the_cubic_function},
        {"the function reaches W_max at K", the_function_reaches_w_max_at_k},
        {"its target is a round trip ahead", its_target_is_a_round_trip_ahead},
        {"no ACK grows it beyond half", no_ack_grows_it_beyond_half},
        {"it is no slower than Reno", it_is_no_slower_than_reno},
        {"fast convergence gives room", fast_convergence_gives_room},
        {"a time-out begins the curve anew", a_time_out_begins_the_curve_anew},
        {"what was no congestion is undone", what_was_no_congestion_is_undone},
        {"the first of several reductions is undone", the_first_of_several_reductions_is_undone},
        {"an unused window does not grow", an_unused_window_does_not_grow},
        {"a pause is no time of the curve", a_pause_is_no_time_of_the_curve},
        {"slow start reaches the threshold and no further",
         slow_start_reaches_the_threshold_and_no_further},
        {"the first slow start is HyStart's", the_first_slow_start_is_hystarts},
        {"in recovery it holds still", in_recovery_it_holds_still},
        {"the arithmetic holds at its bounds", the_arithmetic_holds_at_its_bounds},
    };
    return UNIT_MAIN("cc_cubic", tests);
}
