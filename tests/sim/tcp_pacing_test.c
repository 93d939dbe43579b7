/* When text leaves: at once, or at a rate (SO_MAX_PACING_RATE, tcp.pacing, BBR). */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "socket/rill.h"
#include "tcp/conn.h"
#include "tcp/delivery.h"
#include "tcp/status.h"

#include <stdio.h>
#include <sys/socket.h>

#define MSS 1460
#define RATE (100 * MSS) /* bytes a second: two segments, the least burst, in 20 ms */
#define BURST RILL_MILLISECONDS(20)
#define WINDOW 20 /* segments */

static struct peer w;
static const struct tcp_options with_sack = {
    .has_mss = true, .mss = PEER_MSS, .has_sack_permitted = true};

static int64_t seg(int n)
{
    return 1 + (int64_t)n * MSS;
}

static void set_rate(uint64_t rate)
{
    rill_use(w.rill);
    CU_ASSERT_EQUAL(rill_setsockopt(w.fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate), 0);
}

static void configure(const char *congestion)
{
    peer_configure(&w);
    snprintf(w.config.tcp.congestion, sizeof w.config.tcp.congestion, "%s", congestion);
    w.config.tcp.slow_start_segments = 0;
}

/* The first ten segments have left and are acknowledged; cwnd is 20. */
static void begin_with(const struct tcp_options *o, rill_time round_trip)
{
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, o);
    app_sends(&w, 10 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 10);
    peer_after(&w, round_trip);
    peer_sends(&w, TCP_ACK, 1, seg(10));
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, WINDOW * MSS);
}

/* Without SACK, so that no loss probe is among what leaves. */
static void begin(const char *congestion)
{
    configure(congestion);
    begin_with(&peer_plain, RILL_MILLISECONDS(100));
}

/* When each of the next segments leaves, from now on. */
static void expect_times(int first, int count, const rill_time *after)
{
    rill_time start = w.now;
    peer_after(&w, RILL_MILLISECONDS(400));
    for (int i = 0; i < count; i++) {
        CU_ASSERT_TRUE_FATAL(peer_takes(&w, &w.got));
        CU_ASSERT_EQUAL(w.got.seq, seg(first + i));
        CU_ASSERT_EQUAL(w.got.when - start, after[i]);
    }
}

static void without_a_rate_all_leaves_at_once(void)
{
    begin("reno");
    app_sends(&w, WINDOW * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), WINDOW);
    peer_close(&w);
}

static void text_leaves_in_bursts_at_the_rate(void)
{
    begin("reno");
    set_rate(RATE);
    app_sends(&w, 7 * MSS);
    /* The first segment makes up for the silence before it by half of what it takes. */
    rill_time first = BURST * 3 / 4;
    expect_times(
        10, 7, (rill_time[]){0, 0, first, first, first + BURST, first + BURST, first + 2 * BURST});
    peer_close(&w);
}

static void the_clock_may_begin_below_zero(void)
{
    configure("reno");
    w.now = -RILL_SECONDS(1000);
    begin_with(&peer_plain, RILL_MILLISECONDS(100));
    set_rate(RATE);
    app_sends(&w, 7 * MSS);
    rill_time first = BURST * 3 / 4;
    expect_times(
        10, 7, (rill_time[]){0, 0, first, first, first + BURST, first + BURST, first + 2 * BURST});
    peer_close(&w);
}

/* Had the processor been free, 4.5 segments more would have left in these 45 ms. */
static void what_a_late_timer_held_back_leaves_at_once(void)
{
    begin("reno");
    set_rate(RATE);
    app_sends(&w, WINDOW * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 2);
    w.now += BURST * 3 / 4 + RILL_MILLISECONDS(45);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 7);
    rill_time left_early = BURST * 5 / 4; /* what 2.5 segments of the 7 take */
    expect_times(19, 4,
                 (rill_time[]){left_early, left_early, left_early + BURST, left_early + BURST});
    peer_close(&w);
}

static void a_late_timer_makes_no_burst_of_more_than_ten_segments(void)
{
    begin("reno");
    set_rate(10 * RATE);
    app_sends(&w, WINDOW * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 2);
    w.now += RILL_MILLISECONDS(200);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 2 + 10);
    peer_close(&w);
}

static void the_first_ten_segments_leave_at_once(void)
{
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &peer_plain);
    set_rate(RATE);
    app_sends(&w, 20 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 10);
    peer_close(&w);
}

static void the_configuration_paces_by_window_and_round_trip(void)
{
    configure("reno");
    w.config.tcp.pacing = true;
    begin_with(&peer_plain, RILL_MILLISECONDS(100));
    rill_time half = RILL_MICROSECONDS(peer_conn(&w)->rtt.srtt / 2), start = w.now;
    app_sends(&w, WINDOW * MSS);
    peer_after(&w, RILL_MILLISECONDS(100));
    CU_ASSERT_EQUAL(peer_takes_all(&w), WINDOW); /* slow start: in half a round trip */
    CU_ASSERT(w.got.when - start > half * 7 / 10);
    CU_ASSERT(w.got.when - start < half);
    peer_close(&w);
}

static void acknowledgements_do_not_wait(void)
{
    begin("reno");
    set_rate(RATE);
    app_sends(&w, 6 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 2);
    peer_sends(&w, TCP_ACK, 1, seg(10), 100);
    peer_expects(&w, TCP_ACK, seg(12), 101, 0);
    peer_close(&w);
}

static void what_is_lost_waits_for_its_time_too(void)
{
    configure("reno");
    begin_with(&with_sack, 0);
    app_sends(&w, 12 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 12);
    set_rate(RATE);
    uint32_t irs = w.irs;
    peer_sends(&w, TCP_ACK, 1, seg(10),
               .options = {.sack_count = 1,
                           .sack[0] = {{irs + (uint32_t)seg(16)}, {irs + (uint32_t)seg(22)}}});
    rill_time start = w.now;
    unsigned count = peer_takes_all(&w);
    CU_ASSERT_EQUAL(count, 2);
    peer_after(&w, RILL_MILLISECONDS(20));
    CU_ASSERT_EQUAL(peer_takes_all(&w), 2);
    CU_ASSERT_EQUAL(w.got.seq, seg(13));
    CU_ASSERT_EQUAL(w.got.when - start, BURST * 3 / 4);
    peer_close(&w);
}

/* At 100 bytes a second a segment takes longer than the time-out: nobody is asked for a window. */
static void a_slow_rate_is_no_closed_window(void)
{
    begin("reno");
    set_rate(100);
    app_sends(&w, 5 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 2);
    peer_sends(&w, TCP_ACK, 1, seg(12));
    rill_time start = w.now;
    CU_ASSERT_EQUAL(peer_waits(&w, RILL_SECONDS(60)), BURST * 3 / 4 * RATE / 100);
    peer_expects(&w, TCP_ACK, seg(12), 1, MSS);
    CU_ASSERT_EQUAL(w.got.when, start + BURST * 3 / 4 * RATE / 100);
    peer_close(&w);
}

static void a_rate_that_is_lifted_holds_nothing_back(void)
{
    begin("reno");
    set_rate(RATE);
    app_sends(&w, 7 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 2);
    set_rate(UINT64_MAX);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 5);
    peer_close(&w);
}

static void the_status_says_what_holds_text_back(void)
{
    struct tcp_status s;
    begin("reno");
    tcp_status(&w.rill->net.tcp, peer_conn(&w), &s);
    CU_ASSERT(!s.pacing && !s.pacing_waits);
    CU_ASSERT_EQUAL(s.pacing_max, UINT64_MAX);
    set_rate(RATE);
    app_sends(&w, 7 * MSS);
    peer_takes_all(&w);
    tcp_status(&w.rill->net.tcp, peer_conn(&w), &s);
    CU_ASSERT(s.pacing && s.pacing_waits);
    CU_ASSERT_EQUAL(s.pacing_rate, RATE);
    CU_ASSERT_EQUAL(s.pacing_max, RATE);
    peer_close(&w);
}

static void bbr_paces_of_its_own(void)
{
    struct tcp_status s;
    begin("bbr");
    app_sends(&w, WINDOW * MSS);
    CU_ASSERT(peer_takes_all(&w) < WINDOW);
    tcp_status(&w.rill->net.tcp, peer_conn(&w), &s);
    CU_ASSERT(s.pacing && s.pacing_waits);
    peer_close(&w);
}

/* Its model is worth more than the memory of an idle connection's busy part. */
static void bbr_keeps_its_model_over_a_pause(void)
{
    begin("bbr");
    uint32_t cwnd = peer_conn(&w)->window.cwnd;
    peer_after(&w, RILL_SECONDS(5));
    CU_ASSERT_PTR_NOT_NULL(peer_conn(&w)->busy);
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, cwnd);
    peer_close(&w);
    begin("cubic");
    peer_after(&w, RILL_SECONDS(5));
    CU_ASSERT_PTR_NULL(peer_conn(&w)->busy);
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, 10 * MSS);
    peer_close(&w);
}

/* Its records were counted when duplicate ACKs told of them. BBR would take the sample for a round
 * in which nothing arrived, and forget the rate of another. */
static void an_ack_that_delivers_nothing_more_tells_a_rate(void)
{
    static struct tcp_busy busy;
    struct tcp_conn c = {.busy = &busy};
    struct ack_sample ack = {.now = RILL_SECONDS(1), .segments = 2};
    busy.delivery.total = 5000;
    ack.rate = (struct rate_sample){.interval = RILL_MILLISECONDS(100), .prior_total = 4000};
    delivery_conclude(&c, &ack);
    CU_ASSERT_EQUAL(ack.total, 5000);
    CU_ASSERT_EQUAL(ack.rate.bandwidth, 10000);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"without a rate all leaves at once", without_a_rate_all_leaves_at_once},
        {"text leaves in bursts at the rate", text_leaves_in_bursts_at_the_rate},
        {"the clock may begin below zero", the_clock_may_begin_below_zero},
        {"what a late timer held back leaves at once", what_a_late_timer_held_back_leaves_at_once},
        {"a late timer makes no burst of more than ten segments",
         a_late_timer_makes_no_burst_of_more_than_ten_segments},
        {"the first ten segments leave at once", the_first_ten_segments_leave_at_once},
        {"the configuration paces by window and round trip",
         the_configuration_paces_by_window_and_round_trip},
        {"acknowledgements do not wait", acknowledgements_do_not_wait},
        {"what is lost waits for its time, too", what_is_lost_waits_for_its_time_too},
        {"a slow rate is no closed window", a_slow_rate_is_no_closed_window},
        {"a rate that is lifted holds nothing back", a_rate_that_is_lifted_holds_nothing_back},
        {"the status says what holds text back", the_status_says_what_holds_text_back},
        {"BBR paces of its own", bbr_paces_of_its_own},
        {"BBR keeps its model over a pause", bbr_keeps_its_model_over_a_pause},
        {"an ACK that delivers nothing more tells a rate",
         an_ack_that_delivers_nothing_more_tells_a_rate},
    };
    return UNIT_MAIN("tcp_pacing", tests);
}
