/* MUST-19. RFC 5681 with appropriate byte counting (RFC 3465). DEVIATION: its L is not 2 but has no
 * bound, as in Linux: receivers that join segments acknowledge many at once, and bursts are bounded
 * where they leave (burst.h). What happens during recovery (RFC 6582, RFC 6675) is recovery.c's:
 * while it lasts cwnd stands at ssthresh and the estimate of what is in flight does the rest. */
#include "base/bytes.h"
#include "tcp/cc.h"

#define RENO_ACKED 0 /* word: bytes acknowledged since cwnd last grew in congestion avoidance */

static void reno_start(struct cc_window *w, struct cc_state *s, uint32_t mss)
{
    (void)w, (void)mss;
    *s = (struct cc_state){{0}};
}

static void reno_acked(struct cc_window *w, struct cc_state *s, const struct ack_news *news,
                       uint32_t mss)
{
    if (!news->window_limited)
        return;
    uint32_t acked = news->delivered;
    if (w->cwnd < w->ssthresh) { /* slow start, RFC 5681 equation 2 */
        uint32_t grown = min_of(acked, w->ssthresh - w->cwnd);
        w->cwnd += grown;
        acked -= grown;
    }
    s->word[RENO_ACKED] += acked;
    if (s->word[RENO_ACKED] >= w->cwnd) { /* one MSS for each window, equation 3 */
        s->word[RENO_ACKED] -= w->cwnd;
        w->cwnd += mss;
    }
}

/* RFC 5681 equation 4. */
static uint32_t reno_half(uint32_t flight, uint32_t mss)
{
    return max_of(flight / 2, 2 * mss);
}

static void reno_lost(struct cc_window *w, struct cc_state *s, uint32_t flight, uint32_t mss)
{
    w->ssthresh = w->cwnd = reno_half(flight, mss);
    s->word[RENO_ACKED] = 0;
}

static void reno_timed_out(struct cc_window *w, struct cc_state *s, uint32_t flight, uint32_t mss,
                           bool first)
{
    if (first)
        w->ssthresh = reno_half(flight, mss);
    w->cwnd = mss; /* the loss window */
    s->word[RENO_ACKED] = 0;
}

const struct cc_ops cc_reno = {
    .name = "reno",
    .start = reno_start,
    .acked = reno_acked,
    .lost = reno_lost,
    .timed_out = reno_timed_out,
};
