/* MUST-19. RFC 5681 with appropriate byte counting (RFC 3465). DEVIATION: its L is not 2 but
 * unlimited, as in Linux, because receivers that join segments acknowledge many at once, and bursts
 * are limited on output (burst.h). recovery.c handles recovery (RFC 6582, RFC 6675): meanwhile cwnd
 * stays at ssthresh, and the estimate of the data in flight controls sending. */
#include "base/bytes.h"
#include "tcp/cc.h"

struct CC_STATE reno {
    uint32_t acked; /* bytes since cwnd last grew in congestion avoidance */
};

static void reno_start(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                       uint32_t mss)
{
    (void)w, (void)ack, (void)mss;
    struct reno *r = cc_private(s);
    *r = (struct reno){0};
}

void cc_reno_grow(struct cc_window *w, uint32_t *avoided, const struct ack_sample *ack,
                  uint32_t mss)
{
    if (ack->in_recovery || !ack->window_limited)
        return;
    *avoided += ack->delivered - cc_slow_start(w, ack->delivered);
    if (*avoided >= w->cwnd) { /* equation 3: one MSS for each window */
        *avoided -= w->cwnd;
        w->cwnd += mss;
    }
}

static uint32_t half(uint32_t flight, uint32_t mss)
{
    return max_of(flight / 2, 2 * mss);
}

/* Data that limited transmit sent beyond cwnd does not count (3.2 step 2). */
uint32_t cc_reno_half(const struct cc_window *w, const struct ack_sample *ack, uint32_t mss)
{
    return half(min_of(ack->flight, w->cwnd), mss);
}

void cc_reno_time_out(struct cc_window *w, const struct ack_sample *ack, uint32_t mss)
{
    if (!ack->again)
        w->ssthresh = half(ack->flight, mss);
    w->cwnd = mss; /* the loss window */
}

static void reno_acked(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                       uint32_t mss)
{
    struct reno *r = cc_private(s);
    cc_reno_grow(w, &r->acked, ack, mss);
}

static void reno_congested(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                           uint32_t mss)
{
    struct reno *r = cc_private(s);
    w->ssthresh = cc_reno_half(w, ack, mss);
    r->acked = 0;
}

static void reno_timed_out(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                           uint32_t mss)
{
    struct reno *r = cc_private(s);
    cc_reno_time_out(w, ack, mss);
    r->acked = 0;
}

const struct cc_ops cc_reno = {
    .name = "reno",
    .start = reno_start,
    .acked = reno_acked,
    .congested = reno_congested,
    .timed_out = reno_timed_out,
};
