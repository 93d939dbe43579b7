/* BBR, version 1 (draft-cardwell-iccrg-bbr-congestion-control-00, as in Linux's tcp_bbr.c): a model
 * of the path, not loss, decides how much leaves and how fast. The model has two numbers, the
 * largest delivery rate of the last ten rounds and the minimum round trip of the last ten seconds;
 * their product is what the path holds without a queue. While a policer (policer.h) is detected,
 * its rate replaces the largest one.
 *
 *     STARTUP    paces at 2.89 times the rate, until it has not grown by 25 % for three rounds
 *     DRAIN      paces at the inverse, until the queue of STARTUP is gone
 *     PROBE_BW   eight phases of a round trip each: 5/4, then 3/4, then six times 1
 *     PROBE_RTT  after ten seconds without a shorter round trip: 200 ms with four segments in
 *                flight, so that the round trip without a queue can be measured again
 *
 * This version ignores ECN. */
#include "base/bytes.h"
#include "base/max_filter.h"
#include "tcp/policer.h"

enum mode { STARTUP, DRAIN, PROBE_BW, PROBE_RTT };

/* Gains in 256ths. */
#define UNIT 256u
#define HIGH_GAIN 739u /* 2 / ln 2, the smallest that doubles the rate each round */
#define DRAIN_GAIN 88u
#define CWND_GAIN 512u
#define CYCLE 8u
#define CYCLE_RANDOM 7u /* phases in which the cycle may begin: all but the draining one */

#define BW_ROUNDS 10u
#define FULL_ROUNDS 3u
#define MIN_RTT_TIME RILL_SECONDS(10)
#define PROBE_RTT_TIME RILL_MILLISECONDS(200)
#define SEGMENTS_MIN 4u
#define FIRST_SEGMENTS 10u /* the initial window of RFC 6928: until there is a measurement */
#define EXTRA_ROUNDS 5u    /* in each half of the filter for aggregation */
#define EXTRA_MAX RILL_MILLISECONDS(100)    /* at the estimated rate */
#define EXTRA_EPOCH_MAX (UINT32_C(1) << 30) /* bytes; then a new epoch begins */

struct CC_STATE bbr {
    struct max_filter bw; /* bytes a second, over rounds */
    struct policer policer;
    uint64_t pacing_rate; /* bytes a second; 0: not known yet */
    uint64_t full_bw;     /* the rate that must grow by a quarter */
    uint64_t round_from;  /* a sample sent after so many delivered bytes begins a round */
    uint64_t limited_to;  /* samples sent before so many delivered bytes belong to PROBE_RTT */
    rill_time min_rtt, min_rtt_at;
    rill_time probe_done_at; /* 0: the flight is not down to four segments yet */
    rill_time cycle_at;
    rill_time epoch_at; /* ACK aggregation: counts the bytes since then that exceed the rate */
    uint32_t epoch_acked, extra[2];
    uint32_t prior_cwnd; /* cwnd before recovery or PROBE_RTT reduced it */
    uint32_t rounds;
    uint8_t mode, cycle, full_rounds, extra_rounds, extra_half;
    bool full, round_start, probe_round, resumed;
    bool recovering, conserving; /* recovery from a loss is active; it is in its first round */
};

_Static_assert(sizeof(struct bbr) <= CC_PRIVATE, "a plug-in's own state");

static void bbr_start(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                      uint32_t mss)
{
    (void)w, (void)mss;
    struct bbr *b = cc_private(s);
    *b = (struct bbr){
        .min_rtt = RILL_NEVER, .min_rtt_at = ack->now, .cycle_at = ack->now, .epoch_at = ack->now};
}

/* ------------------------------------------------------------- the model */

static uint64_t max_bw(const struct bbr *b)
{
    return max_filter_value(&b->bw);
}

/* The rate of the model. */
static uint64_t model_bw(const struct bbr *b)
{
    return b->policer.applies ? b->policer.rate : max_bw(b);
}

static uint32_t pacing_gain(const struct bbr *b)
{
    static const uint16_t cycle_gain[CYCLE] = {UNIT * 5 / 4, UNIT * 3 / 4, UNIT, UNIT,
                                               UNIT,         UNIT,         UNIT, UNIT};
    switch ((enum mode)b->mode) {
    case STARTUP:
        return HIGH_GAIN;
    case DRAIN:
        return DRAIN_GAIN;
    case PROBE_BW:
        return b->policer.applies ? UNIT : cycle_gain[b->cycle];
    case PROBE_RTT:
        break;
    }
    return UNIT;
}

static uint32_t cwnd_gain(const struct bbr *b)
{
    return b->mode == PROBE_BW ? CWND_GAIN : b->mode == PROBE_RTT ? UNIT : HIGH_GAIN;
}

/* The bytes that arrive within `time` at this rate, times the gain, rounded up. */
static uint32_t bytes_in(uint64_t bw, rill_time time, uint32_t gain)
{
    uint64_t us = (uint64_t)min_of(time / 1000, RILL_SECONDS(64) / 1000);
    uint64_t bytes = min_of(bw, UINT64_C(1) << 37) * us / 1000000;
    return (uint32_t)min_of((bytes * gain + UNIT - 1) / UNIT, (uint64_t)UINT32_MAX / 2);
}

/* A millisecond at the pacing rate, in whole segments. */
static uint32_t burst(const struct bbr *b, uint32_t mss)
{
    bool singles = b->pacing_rate && b->pacing_rate < CC_SINGLES_BELOW;
    uint32_t bytes = (uint32_t)min_of(b->pacing_rate / 1024, (uint64_t)UINT16_MAX);
    return max_of(bytes / mss, singles ? 1u : 2u) * mss;
}

/* Adds segments to the product, so that the hosts at both ends are busy: three bursts, and an even
 * number, so that no delayed ACK stalls the sender. */
static uint32_t with_quanta(const struct bbr *b, uint64_t bytes, uint32_t mss)
{
    uint64_t segments = (bytes + 3 * (uint64_t)burst(b, mss) + mss - 1) / mss;
    segments += segments & 1;
    if (b->mode == PROBE_BW && b->cycle == 0)
        segments += 2; /* the probe must exceed even a small product */
    return (uint32_t)min_of(segments * mss, (uint64_t)UINT32_MAX / 2);
}

/* What the path holds at this rate, times the gain. */
static uint32_t product(const struct bbr *b, uint64_t bw, uint32_t gain, uint32_t mss)
{
    return b->min_rtt == RILL_NEVER ? FIRST_SEGMENTS * mss : bytes_in(bw, b->min_rtt, gain);
}

static uint32_t inflight_at(const struct bbr *b, uint32_t gain, uint32_t mss)
{
    return with_quanta(b, product(b, max_bw(b), gain, mss), mss);
}

/* What will be in flight when pacing lets the next burst leave. */
static uint32_t inflight_then(const struct bbr *b, const struct ack_sample *ack, uint32_t inflight,
                              uint32_t mss)
{
    uint32_t then = inflight + (pacing_gain(b) > UNIT ? burst(b, mss) : 0);
    return then - min_of(then, bytes_in(model_bw(b), ack->paced, UNIT));
}

static bool is_limited(const struct bbr *b, const struct ack_sample *ack)
{
    return ack->rate.app_limited || ack->rate.prior_total < b->limited_to;
}

/* Samples limited by the application, and those of PROBE_RTT, count only if they raise the rate. */
static void take_bandwidth(struct bbr *b, const struct ack_sample *ack)
{
    const struct rate_sample *r = &ack->rate;
    b->round_start = false;
    if (!r->interval)
        return;
    if (r->prior_total >= b->round_from) {
        b->round_from = ack->total;
        b->round_start = true;
        b->rounds++;
        b->conserving = false;
    }
    if (!is_limited(b, ack) || r->bandwidth >= max_bw(b))
        max_filter_take(&b->bw, BW_ROUNDS, b->rounds, r->bandwidth);
}

/* Aggregated ACKs would leave the sender idle between them. So cwnd grows by the bytes delivered
 * beyond the rate, at most by the largest such excess of the last five to ten rounds. */
static void take_aggregation(struct bbr *b, const struct cc_window *w, const struct ack_sample *ack)
{
    if (!ack->rate.interval)
        return;
    if (b->round_start && ++b->extra_rounds >= EXTRA_ROUNDS) {
        b->extra_rounds = 0;
        b->extra_half ^= 1;
        b->extra[b->extra_half] = 0;
    }
    uint32_t expected = bytes_in(model_bw(b), ack->now - b->epoch_at, UNIT);
    if (b->epoch_acked <= expected || b->epoch_acked > EXTRA_EPOCH_MAX) {
        b->epoch_acked = expected = 0;
        b->epoch_at = ack->now;
    }
    b->epoch_acked += ack->delivered;
    uint32_t extra = min_of(b->epoch_acked - expected, w->cwnd);
    b->extra[b->extra_half] = max_of(b->extra[b->extra_half], extra);
}

/* ------------------------------------------------------------ the states */

static void advance_cycle(struct bbr *b, rill_time now)
{
    b->cycle = (uint8_t)((b->cycle + 1) % CYCLE);
    b->cycle_at = now;
}

/* The clock selects the first phase, so that flows that begin together do not stay synchronized. */
static void enter_probe_bw(struct bbr *b, rill_time now)
{
    b->mode = PROBE_BW;
    b->cycle = (uint8_t)(CYCLE - 1 - (uint64_t)now / 1000 % CYCLE_RANDOM);
    advance_cycle(b, now);
}

/* After its time the rate of a policer is measured again. */
static void take_policer(struct bbr *b, const struct ack_sample *ack)
{
    bool counts = !b->policer.applies || b->mode == PROBE_BW;
    policer_take(&b->policer, ack, b->round_start && counts, is_limited(b, ack));
    if (!policer_is_old(&b->policer))
        return;
    b->policer = (struct policer){0};
    enter_probe_bw(b, ack->now);
}

/* A phase lasts a round trip. A probing phase lasts until the path is full or a loss occurs, too; a
 * draining phase ends early when the queue is gone. */
static bool phase_is_over(const struct bbr *b, const struct ack_sample *ack, uint32_t mss)
{
    uint32_t gain = pacing_gain(b), before = ack->in_flight + ack->delivered + ack->lost;
    uint32_t inflight = inflight_then(b, ack, before, mss);
    bool round_trip = ack->now - b->cycle_at > b->min_rtt;
    if (gain > UNIT)
        return round_trip && (ack->lost || inflight >= inflight_at(b, gain, mss));
    if (gain < UNIT)
        return round_trip || inflight <= inflight_at(b, UNIT, mss);
    return round_trip;
}

static void look_whether_full(struct bbr *b, const struct ack_sample *ack)
{
    uint64_t bw = max_bw(b);
    if (b->full || !b->round_start || is_limited(b, ack))
        return;
    if (bw >= b->full_bw * 5 / 4) {
        b->full_bw = bw;
        b->full_rounds = 0;
        return;
    }
    b->full = ++b->full_rounds >= FULL_ROUNDS;
}

static void keep_cwnd(struct bbr *b, const struct cc_window *w)
{
    bool cut = b->recovering || b->mode == PROBE_RTT;
    b->prior_cwnd = cut ? max_of(b->prior_cwnd, w->cwnd) : w->cwnd;
}

static void leave_probe_rtt(struct bbr *b, struct cc_window *w, rill_time now)
{
    b->min_rtt_at = now;
    w->cwnd = max_of(w->cwnd, b->prior_cwnd);
    if (b->full)
        enter_probe_bw(b, now);
    else
        b->mode = STARTUP;
}

/* Waits until at most four segments are in flight, then for 200 ms and a round. */
static void stay_in_probe_rtt(struct bbr *b, struct cc_window *w, const struct ack_sample *ack,
                              uint32_t mss)
{
    b->limited_to = ack->total + ack->in_flight;
    if (!b->probe_done_at) {
        if (ack->in_flight > SEGMENTS_MIN * mss)
            return;
        b->probe_done_at = ack->now + PROBE_RTT_TIME;
        b->probe_round = false;
        b->round_from = ack->total;
        return;
    }
    b->probe_round |= b->round_start;
    if (b->probe_round && ack->now >= b->probe_done_at)
        leave_probe_rtt(b, w, ack->now);
}

/* One segment that is not full: its ACK may have been delayed. */
static bool may_be_delayed(const struct ack_sample *ack, uint32_t mss)
{
    return ack->segments == 1 && ack->acked && ack->acked < mss;
}

static void take_rtt(struct bbr *b, struct cc_window *w, const struct ack_sample *ack, uint32_t mss)
{
    bool old = ack->now > b->min_rtt_at + MIN_RTT_TIME;
    if (ack->rtt && (ack->rtt < b->min_rtt || (old && !may_be_delayed(ack, mss)))) {
        b->min_rtt = ack->rtt;
        b->min_rtt_at = ack->now;
    }
    if (old && !b->resumed && b->mode != PROBE_RTT) {
        keep_cwnd(b, w);
        b->mode = PROBE_RTT;
        b->probe_done_at = 0;
    }
    if (b->mode == PROBE_RTT)
        stay_in_probe_rtt(b, w, ack, mss);
    b->resumed = false; /* the pause has emptied the queue: PROBE_RTT is not needed */
}

static void change_mode(struct bbr *b, struct cc_window *w, const struct ack_sample *ack,
                        uint32_t mss)
{
    if (b->mode == PROBE_BW && phase_is_over(b, ack, mss))
        advance_cycle(b, ack->now);
    look_whether_full(b, ack);
    if (b->mode == STARTUP && b->full) {
        b->mode = DRAIN;
        w->ssthresh = inflight_at(b, UNIT, mss);
    }
    if (b->mode == DRAIN && inflight_then(b, ack, ack->in_flight, mss) <= inflight_at(b, UNIT, mss))
        enter_probe_bw(b, ack->now);
    take_rtt(b, w, ack, mss);
}

/* ----------------------------------------------------------- the controls */

/* Paces 1 % below the model's rate, so that errors of the model build no queue. Until the path has
 * been full, the rate never decreases, because the first samples are too low. A sample may precede
 * the first RTT measurement (a SACK of retransmitted data): then no rate is set. The draft's
 * nominal rate, a window in a millisecond, would not limit sending either. */
static void set_pacing(struct bbr *b, const struct cc_window *w, const struct ack_sample *ack)
{
    uint64_t bw = model_bw(b);
    if (!b->pacing_rate && !ack->srtt)
        return;
    if (!b->pacing_rate)
        bw = max_of(bw, (uint64_t)w->cwnd * RILL_SECONDS(1) / (uint64_t)ack->srtt);
    uint64_t rate = bw * pacing_gain(b) / UNIT * 99 / 100;
    if (b->full || rate > b->pacing_rate)
        b->pacing_rate = rate;
}

/* In the first round of fast recovery cwnd allows as much as is delivered, later up to twice that.
 * With the ACK that ends recovery, also that after a time-out, cwnd is restored. True: in the first
 * round. */
static bool recover(struct bbr *b, struct cc_window *w, const struct ack_sample *ack, uint32_t mss)
{
    if (ack->lost)
        w->cwnd = max_of(w->cwnd - min_of(w->cwnd, ack->lost), mss);
    if (ack->loss_recovery && !b->recovering) {
        b->conserving = true;
        b->round_from = ack->total;
        w->cwnd = ack->in_flight + ack->delivered;
    } else if (!ack->loss_recovery && b->recovering) {
        b->conserving = false;
        w->cwnd = max_of(w->cwnd, b->prior_cwnd);
    }
    b->recovering = ack->loss_recovery;
    if (b->conserving)
        w->cwnd = max_of(w->cwnd, ack->in_flight + ack->delivered);
    return b->conserving;
}

static uint32_t target_cwnd(const struct bbr *b, uint32_t mss)
{
    uint64_t bw = model_bw(b), bytes = product(b, bw, cwnd_gain(b), mss);
    if (b->full)
        bytes += min_of(max_of(b->extra[0], b->extra[1]), bytes_in(bw, EXTRA_MAX, UNIT));
    return with_quanta(b, bytes, mss);
}

static void set_cwnd(struct bbr *b, struct cc_window *w, const struct ack_sample *ack, uint32_t mss)
{
    if (ack->delivered && !recover(b, w, ack, mss)) {
        uint32_t target = target_cwnd(b, mss);
        if (b->full)
            w->cwnd = min_of(w->cwnd + ack->delivered, target);
        else if (w->cwnd < target || ack->total < FIRST_SEGMENTS * mss)
            w->cwnd += ack->delivered;
        w->cwnd = max_of(w->cwnd, SEGMENTS_MIN * mss);
    }
    if (b->mode == PROBE_RTT)
        w->cwnd = min_of(w->cwnd, SEGMENTS_MIN * mss);
}

static void bbr_acked(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                      uint32_t mss)
{
    struct bbr *b = cc_private(s);
    take_bandwidth(b, ack);
    take_policer(b, ack);
    take_aggregation(b, w, ack);
    change_mode(b, w, ack, mss);
    set_pacing(b, w, ack);
    set_cwnd(b, w, ack, mss);
}

/* Loss is no sign of congestion; recovery only limits what is sent meanwhile. */
static void bbr_congested(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                          uint32_t mss)
{
    (void)mss;
    struct bbr *b = cc_private(s);
    if (ack->lost)
        keep_cwnd(b, w);
}

static void bbr_timed_out(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                          uint32_t mss)
{
    struct bbr *b = cc_private(s);
    if (!ack->again)
        keep_cwnd(b, w);
    b->full_bw = 0; /* the path may be another one */
    b->recovering = true;
    b->conserving = false;
    struct ack_sample loss = {.now = ack->now, .lost = mss};
    policer_take(&b->policer, &loss, true, false);
    w->cwnd = mss;
}

static void bbr_undone(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                       uint32_t mss)
{
    (void)ack, (void)mss;
    struct bbr *b = cc_private(s);
    b->full_bw = 0;
    b->full_rounds = 0;
    b->policer = (struct policer){0};
    b->recovering = b->conserving = false;
    if (b->mode != PROBE_RTT)
        w->cwnd = max_of(w->cwnd, b->prior_cwnd);
}

/* After a pause the path is empty: sending resumes at the estimated rate, with gain 1. */
static void bbr_resumed(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                        uint32_t mss)
{
    (void)mss;
    struct bbr *b = cc_private(s);
    b->resumed = true;
    b->epoch_at = ack->now;
    b->epoch_acked = 0;
    if (b->mode == PROBE_BW)
        b->pacing_rate = model_bw(b) * 99 / 100;
    else if (b->mode == PROBE_RTT && b->probe_done_at && ack->now >= b->probe_done_at)
        leave_probe_rtt(b, w, ack->now);
}

static uint64_t bbr_pacing_rate(const struct cc_window *w, const struct cc_state *s)
{
    (void)w;
    const struct bbr *b = (const struct bbr *)s->word;
    return b->pacing_rate;
}

static struct cc_facts bbr_facts(const struct cc_state *s)
{
    const struct bbr *b = (const struct bbr *)s->word;
    return (struct cc_facts){.bandwidth = model_bw(b),
                             .min_rtt = b->min_rtt,
                             .pacing_gain = pacing_gain(b),
                             .cwnd_gain = cwnd_gain(b)};
}

const struct cc_ops cc_bbr = {
    .name = "bbr",
    .rate_based = true,
    .keeps_model = true,
    .start = bbr_start,
    .acked = bbr_acked,
    .congested = bbr_congested,
    .timed_out = bbr_timed_out,
    .undone = bbr_undone,
    .resumed = bbr_resumed,
    .pacing_rate = bbr_pacing_rate,
    .facts = bbr_facts,
};
