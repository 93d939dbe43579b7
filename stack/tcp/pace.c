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

static rill_time time_of_two_bursts(const struct tcp *t, const struct tcp_conn *c)
{
    uint64_t bytes = 2 * (uint64_t)pace_burst(t, c);
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
    if (p->at > t->now) /* a wait from a lower rate is shortened to the current rate */
        p->at = min_of(p->at, t->now + time_of_two_bursts(t, c));
    if (p->at <= t->now)
        p->left = pace_burst(t, c);
    p->waits = text && !p->left;
    return p->waits;
}

/* If the timer woke late, the lost time is made good, up to half of the time for these bytes (as in
 * Linux), because a timer is never early. */
void pace_sent(const struct tcp *t, struct tcp_conn *c, uint32_t bytes)
{
    if (!c->busy || !pace_is_on(t, c) || c->snd.nxt <= FREE_SEGMENTS * (position)c->mss)
        return;
    uint64_t rate = pace_rate(c);
    if (rate == UINT64_MAX)
        return;
    struct pace *p = &c->busy->pace;
    rill_time takes = (rill_time)(bytes * (uint64_t)RILL_SECONDS(1) / max_of(rate, 1u));
    rill_time late = max_of(t->now - p->at, 0);
    p->at = max_of(p->at, t->now) + takes - min_of(late, takes / 2);
    p->left -= min_of(p->left, bytes);
}
