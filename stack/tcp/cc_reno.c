/* MUST-19. RFC 5681 with appropriate byte counting (RFC 3465). DEVIATION: its L is not 2 but has no
 * bound, as in Linux: receivers that join segments acknowledge many at once, and bursts are bounded
 * where they leave (burst.h). What happens during recovery (RFC 6582, RFC 6675) is recovery.c's:
 * while it lasts cwnd stands at ssthresh and the estimate of what is in flight does the rest. */
#include "base/bytes.h"
#include "tcp/cc.h"

struct CC_STATE reno {
    uint32_t acked; /* bytes since cwnd last grew in congestion avoidance */
};

static void reno_start(struct cc_window *w, struct cc_state *s, const struct ack_news *news,
                       uint32_t mss)
{
    (void)w, (void)news, (void)mss;
    struct reno *r = cc_private(s);
    *r = (struct reno){0};
}

static void reno_acked(struct cc_window *w, struct cc_state *s, const struct ack_news *news,
                       uint32_t mss)
{
    struct reno *r = cc_private(s);
    if (news->in_recovery || !news->window_limited)
        return;
    uint32_t left = news->delivered - cc_slow_start(w, news->delivered);
    r->acked += left;
    if (r->acked >= w->cwnd) { /* one MSS for each window, equation 3 */
        r->acked -= w->cwnd;
        w->cwnd += mss;
    }
}

/* RFC 5681 equation 4. */
static uint32_t reno_half(uint32_t flight, uint32_t mss)
{
    return max_of(flight / 2, 2 * mss);
}

static void reno_congested(struct cc_window *w, struct cc_state *s, const struct ack_news *news,
                           uint32_t mss)
{
    struct reno *r = cc_private(s);
    w->ssthresh = reno_half(news->flight, mss);
    r->acked = 0;
}

static void reno_timed_out(struct cc_window *w, struct cc_state *s, const struct ack_news *news,
                           uint32_t mss)
{
    struct reno *r = cc_private(s);
    if (!news->again)
        w->ssthresh = reno_half(news->flight, mss);
    w->cwnd = mss; /* the loss window */
    r->acked = 0;
}

const struct cc_ops cc_reno = {
    .name = "reno",
    .start = reno_start,
    .acked = reno_acked,
    .congested = reno_congested,
    .timed_out = reno_timed_out,
};
