#include "tcp/pace.h"

#define BURSTS_A_SECOND 1024 /* a little less than one for each millisecond */
#define FREE_SEGMENTS 10     /* the initial window */

/* The rate of cwnd and the round trip: as in Linux, 200 % of it in slow start, then 120 %. */
static uint64_t window_rate(const struct tcp_conn *c)
{
    uint64_t percent = c->window.cwnd < c->window.ssthresh / 2 ? 200 : 120;
    return c->rtt.srtt ? c->window.cwnd * percent * 10000 / c->rtt.srtt : UINT64_MAX;
}

uint64_t pace_rate(const struct tcp_conn *c)
{
    const struct cc_ops *cc = conn_cc(c);
    uint64_t max = c->extras ? c->extras->pacing_max : 0, rate = 0;
    if (c->busy && cc->pacing_rate)
        rate = cc->pacing_rate(&c->window, &c->busy->cc);
    if (!rate)
        rate = window_rate(c);
    return max ? min_of(rate, max) : rate;
}

uint32_t pace_burst(const struct tcp *t, const struct tcp_conn *c)
{
    uint64_t rate = pace_rate(c);
    bool singles = conn_cc(c)->rate_based && rate < CC_SINGLES_BELOW;
    uint64_t min = (singles ? 1 : t->config->burst_segments) * (uint64_t)c->mss;
    return (uint32_t)min_of(max_of(rate / BURSTS_A_SECOND, min), (uint64_t)UINT32_MAX);
}

bool pace_is_on(const struct tcp *t, const struct tcp_conn *c)
{
    return t->config->pacing || conn_cc(c)->pacing_rate || (c->extras && c->extras->pacing_max);
}

static rill_time time_of(const struct tcp_conn *c, uint64_t bytes)
{
    return (rill_time)(bytes * (uint64_t)RILL_SECONDS(1) / max_of(pace_rate(c), 1u));
}

bool pace_holds(const struct tcp *t, struct tcp_conn *c)
{
    struct pace *p = c->busy ? &c->busy->pace : NULL;
    if (!p)
        return false;
    p->waits = false;
    if (!pace_is_on(t, c))
        return false;
    bool text = c->snd.nxt < conn_send_limit(c) || flight_lost(&c->flight);
    if (!text) /* nothing was held back */
        p->missed = 0;
    if (p->at > t->now) /* a wait from a lower rate is shortened to the current rate */
        p->at = min_of(p->at, t->now + time_of(c, 2 * (uint64_t)pace_burst(t, c)));
    if (p->at <= t->now)
        p->left = (uint32_t)min_of((uint64_t)pace_burst(t, c) + p->missed, (uint64_t)UINT32_MAX);
    p->waits = text && !p->left;
    return p->waits;
}

void pace_expired(const struct tcp *t, struct tcp_conn *c)
{
    struct pace *p = &c->busy->pace;
    uint64_t late = (uint64_t)min_of(t->now - p->at, time_of(c, FREE_SEGMENTS * (uint64_t)c->mss));
    p->missed = (uint32_t)(late * pace_rate(c) / (uint64_t)RILL_SECONDS(1));
    p->at = t->now;
    p->waits = false;
}

/* Text that comes after a silence makes good half of the time for these bytes, as in Linux. */
void pace_sent(const struct tcp *t, struct tcp_conn *c, uint32_t bytes)
{
    if (!c->busy || !pace_is_on(t, c) || c->snd.nxt <= FREE_SEGMENTS * (position)c->mss)
        return;
    struct pace *p = &c->busy->pace;
    uint32_t made_good = min_of(bytes, p->missed);
    rill_time takes = time_of(c, bytes - made_good), late = max_of(t->now - p->at, 0);
    p->at = max_of(p->at, t->now) + takes - min_of(late, takes / 2);
    p->left -= min_of(p->left, bytes);
    p->missed -= made_good;
}
