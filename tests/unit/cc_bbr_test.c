/* BBR on synthetic samples: a path of 1 MB/s and 100 ms, so that it holds 100 segments. */
#include "tcp/cc.h"

#include "unit.h"

#include <string.h>

#define MSS 1000
#define RATE 1000000 /* bytes a second */
#define RTT RILL_MILLISECONDS(100)

static struct cc_window w;
static struct cc_state state;
static struct ack_sample ack; /* what the next ACK says */

static void begin(void)
{
    memset(&state, 0xff, sizeof state);
    w = (struct cc_window){10 * MSS, CC_NO_THRESHOLD};
    ack = (struct ack_sample){.now = RILL_SECONDS(100), .rtt = RTT, .srtt = RTT, .min_rtt = RTT};
    cc_bbr.start(&w, &state, &ack, MSS);
}

static uint64_t pacing(void)
{
    return cc_bbr.pacing_rate(&w, &state);
}

/* One ACK for so many bytes, `after` the last one, whose sample is of this rate. The sample began
 * when all but what is in flight now had been delivered. */
static void acked(uint32_t bytes, uint32_t rate, uint32_t in_flight, rill_time after)
{
    ack.now += after;
    ack.delivered = bytes;
    ack.in_flight = in_flight;
    uint64_t before = ack.total;
    ack.total += bytes;
    ack.rate.interval = RTT;
    ack.rate.bandwidth = rate;
    ack.rate.delivered = bytes;
    ack.rate.prior_total = before;
    cc_bbr.acked(&w, &state, &ack, MSS);
    ack.lost = 0;
}

/* A round in one ACK. */
static void round_of(uint32_t rate, uint32_t in_flight)
{
    acked(10 * MSS, rate, in_flight, RTT);
}

/* STARTUP at the path's rate until it is full, then DRAIN until the queue is gone. */
static void become_steady(void)
{
    begin();
    for (int i = 0; i < 4; i++)
        round_of(RATE, 200 * MSS);
    round_of(RATE, 90 * MSS);
}

/* Is the pacing rate so many 256ths of the rate? All of it is a hundredth less. */
static bool paced_at(uint64_t gain)
{
    uint64_t expected = (uint64_t)RATE * gain / 256 * 99 / 100;
    return pacing() == expected;
}

static void startup_paces_at_the_high_gain(void)
{
    begin();
    round_of(RATE, 50 * MSS);
    CU_ASSERT(paced_at(739));
    round_of(RATE / 2, 50 * MSS); /* the largest rate counts */
    CU_ASSERT(paced_at(739));
    CU_ASSERT_EQUAL(w.cwnd, 30 * MSS);
}

static void without_a_sample_it_begins_with_window_and_round_trip(void)
{
    begin();
    CU_ASSERT_EQUAL(pacing(), 0);
    ack.delivered = MSS;
    ack.total = MSS;
    cc_bbr.acked(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(pacing(), 100000 * 739 / 256 * 99 / 100); /* 10 segments in 100 ms */
    uint64_t first = pacing();
    round_of(RATE / 100, 10 * MSS);
    CU_ASSERT_EQUAL(pacing(), first); /* before the path is full nothing takes it back */
}

static void three_rounds_without_a_quarter_more_end_startup(void)
{
    begin();
    round_of(RATE / 2, 300 * MSS);
    round_of(RATE, 300 * MSS);
    round_of(RATE, 300 * MSS);
    round_of(RATE * 6 / 5, 300 * MSS);
    CU_ASSERT(pacing() > 2 * RATE); /* two rounds of three */
    round_of(RATE * 6 / 5, 300 * MSS);
    CU_ASSERT_EQUAL(pacing(), (uint64_t)RATE * 6 / 5 * 88 / 256 * 99 / 100); /* DRAIN */
    CU_ASSERT_EQUAL(w.ssthresh, 130 * MSS); /* 120, three bursts of three segments, made even */
}

static void a_slow_application_ends_no_startup(void)
{
    begin();
    round_of(RATE, 50 * MSS);
    ack.rate.app_limited = true;
    for (int i = 0; i < 10; i++)
        round_of(RATE / 10, 50 * MSS);
    CU_ASSERT(paced_at(739));
}

static void drain_ends_when_the_queue_is_gone(void)
{
    begin();
    for (int i = 0; i < 4; i++)
        round_of(RATE, 200 * MSS);
    CU_ASSERT(paced_at(88));
    round_of(RATE, 150 * MSS);
    CU_ASSERT(paced_at(88));
    round_of(RATE, 100 * MSS);
    CU_ASSERT(paced_at(320) || paced_at(256)); /* PROBE_BW: not in the phase that drains */
}

/* Counts the rounds until it paces at this gain. */
static int rounds_until(uint64_t gain, uint32_t in_flight)
{
    int rounds = 0;
    while (!paced_at(gain) && rounds < 20) {
        acked(10 * MSS, RATE, in_flight, RTT + 1);
        rounds++;
    }
    return rounds;
}

static void eight_phases_probe_drain_and_cruise(void)
{
    become_steady();
    CU_ASSERT(rounds_until(320, 100 * MSS) <= 7);
    for (int i = 0; i < 3; i++) { /* it takes as long as it takes to be there */
        acked(10 * MSS, RATE, 100 * MSS, RTT + 1);
        CU_ASSERT(paced_at(320));
    }
    acked(10 * MSS, RATE, 130 * MSS, RTT + 1);
    CU_ASSERT(paced_at(192));
    acked(MSS, RATE, 120 * MSS, RTT / 2);
    CU_ASSERT(paced_at(192));
    acked(MSS, RATE, 95 * MSS, 1); /* drained: no longer than needed */
    CU_ASSERT(paced_at(256));
    CU_ASSERT_EQUAL(rounds_until(320, 100 * MSS), 6);
}

static void loss_ends_probing(void)
{
    become_steady();
    rounds_until(320, 100 * MSS);
    ack.lost = MSS;
    acked(10 * MSS, RATE, 100 * MSS, RTT + 1);
    CU_ASSERT(paced_at(192));
}

static void cwnd_is_twice_what_the_path_holds(void)
{
    become_steady();
    rounds_until(256, 100 * MSS);
    for (int i = 0; i < 30; i++)
        acked(10 * MSS, RATE, 100 * MSS, RTT / 10); /* as fast as it is sent */
    /* 200, three bursts of two and what one ACK tells; two more in the phase that probes */
    CU_ASSERT(w.cwnd >= 216 * MSS && w.cwnd <= 218 * MSS);
}

/* Each ACK tells of 40 ms: 40 segments more keep it going. */
static void aggregated_acks_add_to_cwnd(void)
{
    become_steady();
    for (int i = 0; i < 30; i++)
        acked(40 * MSS, RATE, 100 * MSS, RILL_MILLISECONDS(40));
    CU_ASSERT(w.cwnd >= 246 * MSS && w.cwnd <= 248 * MSS);
}

static void the_largest_rate_of_ten_rounds_counts(void)
{
    become_steady();
    for (int i = 0; i < 10; i++)
        round_of(RATE / 2, 100 * MSS);
    CU_ASSERT(pacing() > RATE * 3 / 5);
    round_of(RATE / 2, 100 * MSS);
    CU_ASSERT(pacing() <= RATE * 5 / 8);
}

/* Ten seconds without a shorter round trip: 200 ms with four segments. */
static void an_old_round_trip_is_measured_anew(void)
{
    become_steady();
    uint32_t before = 0;
    while (ack.now < RILL_SECONDS(110)) {
        before = w.cwnd;
        acked(10 * MSS, RATE, 100 * MSS, RTT);
    }
    ack.rtt = RTT * 2;
    acked(10 * MSS, RATE, 100 * MSS, RTT + RILL_MILLISECONDS(100));
    CU_ASSERT_EQUAL(w.cwnd, 4 * MSS);
    CU_ASSERT(paced_at(256));
    acked(10 * MSS, RATE, 4 * MSS, RTT); /* now it is so low; from here on 200 ms */
    for (int i = 0; i < 19; i++)
        acked(MSS, RATE / 20, 4 * MSS, RTT / 10);
    acked(MSS, RATE / 20, 4 * MSS, RTT / 10 - 1);
    CU_ASSERT_EQUAL(w.cwnd, 4 * MSS);
    acked(MSS, RATE / 20, 4 * MSS, 1);
    CU_ASSERT(w.cwnd >= before);
    CU_ASSERT(pacing() >= RATE * 7 / 10); /* what was sent meanwhile makes the rate no lower */
}

static void a_pause_saves_the_dip(void)
{
    become_steady();
    ack.now += RILL_SECONDS(20);
    cc_bbr.resumed(&w, &state, &ack, MSS);
    CU_ASSERT(paced_at(256)); /* neither above nor below */
    acked(10 * MSS, RATE, 100 * MSS, RTT);
    CU_ASSERT(w.cwnd > 4 * MSS);
}

/* cwnd is where the model has it. */
static uint32_t become_wide(void)
{
    become_steady();
    for (int i = 0; i < 30; i++)
        acked(10 * MSS, RATE, 100 * MSS, RTT / 10);
    return w.cwnd;
}

static void recovery_sends_what_arrives_for_a_round(void)
{
    uint32_t before = become_wide();
    ack.lost = 3 * MSS;
    cc_bbr.congested(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(w.cwnd, before); /* loss is no congestion */
    ack.loss_recovery = true;
    acked(MSS, RATE, 90 * MSS, 1);
    CU_ASSERT_EQUAL(w.cwnd, 91 * MSS);
    acked(10 * MSS, RATE, 91 * MSS, RTT); /* the next round */
    acked(10 * MSS, RATE, 91 * MSS, 1);
    CU_ASSERT_EQUAL(w.cwnd, 111 * MSS);
    ack.loss_recovery = false;
    acked(MSS, RATE, 91 * MSS, 1);
    CU_ASSERT(w.cwnd >= before - 10 * MSS); /* restored; ACKs are less aggregated now */
}

static void a_mark_says_nothing(void)
{
    uint32_t before = become_wide();
    ack.echoed = true;
    cc_bbr.congested(&w, &state, &ack, MSS);
    ack.in_recovery = true;
    acked(MSS, RATE, 90 * MSS, 1);
    CU_ASSERT(w.cwnd >= before - 10 * MSS);
}

static void a_slow_application_makes_the_rate_no_lower(void)
{
    become_steady();
    ack.rate.app_limited = true;
    for (int i = 0; i < 15; i++)
        round_of(RATE / 2, 100 * MSS);
    CU_ASSERT(pacing() >= RATE * 7 / 10);
    round_of(2 * RATE, 100 * MSS); /* but higher */
    CU_ASSERT(pacing() >= 2 * RATE * 7 / 10);
}

/* But these rounds count: then what was measured before them is too old. */
static void rounds_of_a_slow_application_count(void)
{
    become_steady();
    ack.rate.app_limited = true;
    for (int i = 0; i < 11; i++)
        round_of(RATE / 2, 100 * MSS);
    CU_ASSERT(pacing() >= RATE * 7 / 10);
    ack.rate.app_limited = false;
    round_of(RATE / 2, 100 * MSS);
    CU_ASSERT(pacing() <= RATE * 5 / 8);
}

/* What pacing keeps back for 50 ms: 50 segments arrive meanwhile. */
static void what_arrives_until_the_next_burst_is_no_queue(void)
{
    begin();
    for (int i = 0; i < 4; i++)
        round_of(RATE, 200 * MSS);
    ack.paced = RTT / 2;
    round_of(RATE, 160 * MSS);
    CU_ASSERT(paced_at(88));
    round_of(RATE, 150 * MSS);
    CU_ASSERT(paced_at(320) || paced_at(256));
}

/* An old round trip is not replaced by one that a delayed ACK may have made longer. */
static void a_delayed_ack_measures_no_round_trip(void)
{
    become_steady();
    ack.now += RILL_SECONDS(11);
    cc_bbr.resumed(&w, &state, &ack, MSS);
    ack.rtt = 2 * RTT;
    ack.segments = 1;
    ack.acked = MSS / 2;
    acked(MSS / 2, RATE, 100 * MSS, RTT);
    CU_ASSERT_EQUAL(cc_bbr.facts(&state).min_rtt, RTT);
    ack.acked = MSS;
    acked(MSS, RATE, 100 * MSS, RTT);
    CU_ASSERT_EQUAL(cc_bbr.facts(&state).min_rtt, 2 * RTT);
}

/* A quarter of what is sent is lost, at a tenth of the rate of the time before. */
static void a_policers_rate_is_the_rate(void)
{
    become_wide();
    for (int i = 0; i < 12; i++) {
        ack.lost = 3 * MSS;
        round_of(RATE / 10, 50 * MSS);
    }
    CU_ASSERT(pacing() > RATE / 11 && pacing() < RATE / 9);
    for (int i = 0; i < 48; i++)
        round_of(RATE / 10, 50 * MSS);
    CU_ASSERT_EQUAL(cc_bbr.facts(&state).bandwidth, RATE / 10);
    bool probes = false;
    for (int i = 0; i < 8; i++) {
        acked(10 * MSS, RATE / 10, 10 * MSS, RTT + 1);
        probes |= cc_bbr.facts(&state).pacing_gain > 256;
    }
    CU_ASSERT_TRUE(probes);
}

static void after_a_time_out_cwnd_returns_at_once(void)
{
    uint32_t before = become_wide();
    cc_bbr.timed_out(&w, &state, &ack, MSS);
    ack.loss_recovery = true;
    acked(MSS, RATE, 2 * MSS, 1);
    CU_ASSERT(w.cwnd <= 4 * MSS);
    ack.loss_recovery = false;
    acked(MSS, RATE, 2 * MSS, 1);
    CU_ASSERT(w.cwnd >= before - 10 * MSS);
}

static void a_time_out_begins_with_one_segment_and_keeps_the_model(void)
{
    become_steady();
    uint32_t before = w.cwnd;
    cc_bbr.timed_out(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(w.cwnd, MSS);
    acked(10 * MSS, RATE / 10, 10 * MSS, RTT);
    CU_ASSERT(pacing() > RATE / 2);
    cc_bbr.undone(&w, &state, &ack, MSS);
    CU_ASSERT(w.cwnd >= before);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"startup paces at the high gain", startup_paces_at_the_high_gain},
        {"without a sample it begins with window and round trip",
         without_a_sample_it_begins_with_window_and_round_trip},
        {"three rounds without a quarter more end startup",
         three_rounds_without_a_quarter_more_end_startup},
        {"a slow application ends no startup", a_slow_application_ends_no_startup},
        {"drain ends when the queue is gone", drain_ends_when_the_queue_is_gone},
        {"eight phases probe, drain and cruise", eight_phases_probe_drain_and_cruise},
        {"loss ends probing", loss_ends_probing},
        {"cwnd is twice what the path holds", cwnd_is_twice_what_the_path_holds},
        {"aggregated ACKs add to cwnd", aggregated_acks_add_to_cwnd},
        {"the largest rate of ten rounds counts", the_largest_rate_of_ten_rounds_counts},
        {"an old round trip is measured anew", an_old_round_trip_is_measured_anew},
        {"a pause saves the dip", a_pause_saves_the_dip},
        {"recovery sends what arrives for a round", recovery_sends_what_arrives_for_a_round},
        {"a mark says nothing", a_mark_says_nothing},
        {"a slow application makes the rate no lower", a_slow_application_makes_the_rate_no_lower},
        {"rounds of a slow application count", rounds_of_a_slow_application_count},
        {"what arrives until the next burst is no queue",
         what_arrives_until_the_next_burst_is_no_queue},
        {"a delayed ACK measures no round trip", a_delayed_ack_measures_no_round_trip},
        {"a policer's rate is the rate", a_policers_rate_is_the_rate},
        {"after a time-out cwnd returns at once", after_a_time_out_cwnd_returns_at_once},
        {"a time-out begins with one segment and keeps the model",
         a_time_out_begins_with_one_segment_and_keeps_the_model},
    };
    return UNIT_MAIN("cc_bbr", tests);
}
