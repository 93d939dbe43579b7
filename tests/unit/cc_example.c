/* TCP Westwood+ (Grieco and Mascolo, 2004): it grows as Reno does, but after congestion ssthresh is
 * what the path has just been carrying, its delivery rate times its shortest round trip. So a loss
 * that no queue has caused costs next to nothing. */
#include "base/bytes.h"
#include "tcp/cc.h"

struct CC_STATE westwood {
    uint64_t bandwidth; /* bytes a second, smoothed; 0: not known yet */
    rill_time min_rtt;
    uint32_t avoided; /* bytes acknowledged since cwnd last grew in congestion avoidance */
};

_Static_assert(sizeof(struct westwood) <= CC_PRIVATE, "a plug-in's own state");

static void westwood_start(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                           uint32_t mss)
{
    (void)w, (void)ack, (void)mss;
    struct westwood *p = cc_private(s);
    *p = (struct westwood){0};
}

/* What the application held down says nothing of the path, unless it is more than was known. */
static void take_sample(struct westwood *p, const struct rate_sample *r)
{
    if (!r->interval || (r->app_limited && r->bandwidth < p->bandwidth))
        return;
    p->bandwidth = p->bandwidth ? p->bandwidth - p->bandwidth / 8 + r->bandwidth / 8 : r->bandwidth;
}

static void westwood_acked(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                           uint32_t mss)
{
    struct westwood *p = cc_private(s);
    take_sample(p, &ack->rate);
    p->min_rtt = ack->min_rtt;
    cc_reno_grow(w, &p->avoided, ack, mss);
}

/* Bytes that the path holds without a queue; never less than two segments, nor more than cwnd. */
static uint32_t path_holds(const struct westwood *p, const struct cc_window *w, uint32_t mss)
{
    uint64_t us = (uint64_t)(p->min_rtt / RILL_MICROSECONDS(1));
    uint64_t bytes = min_of(p->bandwidth * us / 1000000, (uint64_t)w->cwnd);
    return max_of((uint32_t)bytes, 2 * mss);
}

static void westwood_congested(struct cc_window *w, struct cc_state *s,
                               const struct ack_sample *ack, uint32_t mss)
{
    (void)ack;
    struct westwood *p = cc_private(s);
    w->ssthresh = path_holds(p, w, mss);
    p->avoided = 0;
}

static void westwood_timed_out(struct cc_window *w, struct cc_state *s,
                               const struct ack_sample *ack, uint32_t mss)
{
    struct westwood *p = cc_private(s);
    if (!ack->again)
        w->ssthresh = path_holds(p, w, mss);
    w->cwnd = mss; /* the loss window: RFC 5681 3.1 */
    p->avoided = 0;
}

extern const struct cc_ops cc_westwood;
const struct cc_ops cc_westwood = {
    .name = "westwood",
    .start = westwood_start,
    .acked = westwood_acked,
    .congested = westwood_congested,
    .timed_out = westwood_timed_out,
};
