/* DCTCP, RFC 8257: switches mark packets while their queue exceeds a threshold. The fraction of
 * marked bytes tells how full the queue is, and cwnd is reduced by half of this fraction. Loss
 * response and growth are those of Reno; if the peer did not agree to ECN, it is Reno. The
 * receiver's half, the echo of each mark, is in ecn.h; with accurate ECN (accecn.h) the peer counts
 * the marks instead. */
#include "base/bytes.h"
#include "tcp/cc.h"

/* DCTCP.Alpha in 2^20ths; g = 1/16 (4.2). */
#define ALPHA_ONE (UINT32_C(1) << 20)
#define G_SHIFT 4

struct CC_STATE dctcp {
    uint64_t marked, acked; /* bytes in the current observation window */
    uint64_t counted;       /* ack->total of the last counted ACK */
    uint32_t alpha;
    uint32_t avoided; /* as in Reno */
};

static void dctcp_start(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                        uint32_t mss)
{
    (void)w, (void)ack, (void)mss;
    struct dctcp *d = cc_private(s);
    *d = (struct dctcp){.alpha = ALPHA_ONE}; /* 3.3: the conservative initial value */
}

/* The bytes of the ACK that had a mark. */
static uint64_t marked_bytes(const struct ack_sample *ack)
{
    if (!ack->echoed || ack->marked >= ack->segments)
        return ack->echoed ? ack->delivered : 0;
    return (uint64_t)ack->delivered * ack->marked / ack->segments;
}

/* 3.3, steps 1 to 8. An ACK that reports congestion is counted before alpha is used. */
static void count(struct dctcp *d, const struct ack_sample *ack)
{
    if (!ack->delivered || ack->total == d->counted)
        return;
    d->counted = ack->total;
    d->acked += ack->delivered;
    d->marked += marked_bytes(ack);
    if (!ack->round_began)
        return;
    uint32_t part = (uint32_t)(d->marked * ALPHA_ONE / d->acked);
    d->alpha = d->alpha - (d->alpha >> G_SHIFT) + (part >> G_SHIFT);
    d->marked = d->acked = 0;
}

static void dctcp_acked(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                        uint32_t mss)
{
    struct dctcp *d = cc_private(s);
    count(d, ack);
    cc_reno_grow(w, &d->avoided, ack, mss);
}

/* 3.3 step 9; 3.5 after a loss. */
static void dctcp_congested(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                            uint32_t mss)
{
    struct dctcp *d = cc_private(s);
    count(d, ack);
    d->avoided = 0;
    if (ack->lost)
        w->ssthresh = cc_reno_half(w, ack, mss);
    else
        w->ssthresh =
            max_of(w->cwnd - (uint32_t)((uint64_t)w->cwnd * d->alpha / ALPHA_ONE / 2), 2 * mss);
}

static void dctcp_timed_out(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                            uint32_t mss)
{
    struct dctcp *d = cc_private(s);
    d->avoided = 0;
    cc_reno_time_out(w, ack, mss);
}

static struct cc_facts dctcp_facts(const struct cc_state *s)
{
    const struct dctcp *d = (const struct dctcp *)s->word;
    return (struct cc_facts){
        .alpha = d->alpha / (ALPHA_ONE / 1024), .marked = d->marked, .acked = d->acked};
}

const struct cc_ops cc_dctcp = {
    .name = "dctcp",
    .exact_ecn = true,
    .start = dctcp_start,
    .acked = dctcp_acked,
    .congested = dctcp_congested,
    .timed_out = dctcp_timed_out,
    .facts = dctcp_facts,
};
