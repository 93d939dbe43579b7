#include "tcp/share.h"

#define SHARE_AGE RILL_SECONDS(3600) /* TCP_METRICS_TIMEOUT */

static bool is_old(const struct tcp *t, const struct metrics_shared *m)
{
    return t->now - m->learned_at >= SHARE_AGE;
}

const struct metrics_shared *share_find(struct tcp *t, const struct tcp_conn *c)
{
    if (!t->config->metrics)
        return NULL;
    const struct metrics *m = metrics_find(&t->metrics, c->sender.head.flow.remote);
    return m && !is_old(t, &m->shared) ? &m->shared : NULL;
}

struct metrics_shared *share_for(struct tcp *t, const struct tcp_conn *c)
{
    if (!t->config->metrics)
        return NULL;
    struct metrics *m = metrics_for(&t->metrics, c->sender.head.flow.remote);
    if (!m)
        return NULL;
    if (is_old(t, &m->shared))
        m->shared = (struct metrics_shared){0};
    m->shared.learned_at = t->now;
    return &m->shared;
}

/* The handshake's segments are short, so longer segments may have longer round trips. As in Linux,
 * the stored value only raises the first RTO, to at least three round trips, and later samples
 * lower it. */
static void take_rtt(struct rtt *r, const struct metrics_shared *m, rill_time rto_min)
{
    if (m->srtt <= r->srtt)
        return;
    uint32_t minimum = (uint32_t)(rto_min / RILL_MICROSECONDS(1));
    uint32_t rto = m->srtt + max_of(max_of(4 * m->rttvar, 2 * m->srtt), minimum);
    if (r->srtt == 0)
        r->srtt = m->srtt;
    r->rttvar = (rto - r->srtt) / 4;
}

void share_start(struct tcp *t, struct tcp_conn *c)
{
    const struct metrics_shared *m = share_find(t, c);
    if (!m)
        return;
    take_rtt(&c->rtt, m, conn_rto_min(t, c));
    if (t->config->metrics_ssthresh && m->ssthresh)
        c->window.ssthresh = m->ssthresh;
}

/* RFC 9040 6.2, merge(): up at once, down by an eighth. An RTO that is too long does less harm than
 * one that is too short. */
static void merge_rtt(struct metrics_shared *m, const struct rtt *r)
{
    uint32_t difference = m->srtt > r->srtt ? m->srtt - r->srtt : r->srtt - m->srtt;
    uint32_t deviation = m->srtt ? max_of(difference / 2, r->rttvar) : r->rttvar;
    m->srtt = m->srtt > r->srtt ? m->srtt - difference / 8 : r->srtt;
    m->rttvar = m->rttvar > deviation ? m->rttvar - (m->rttvar - deviation) / 4 : deviation;
}

/* Only a threshold found by congestion: in the first slow start there is none. */
static void merge_ssthresh(struct metrics_shared *m, const struct tcp_conn *c)
{
    const struct cc_window *w = &c->window;
    bool recovers = c->busy && c->busy->recovery.state != RECOVERY_NONE;
    bool first_slow_start = w->ssthresh >= CC_NO_THRESHOLD;
    if (first_slow_start) { /* the path is better than before */
        if (m->ssthresh && w->cwnd / 2 > m->ssthresh)
            m->ssthresh = w->cwnd / 2;
    } else if (w->cwnd >= w->ssthresh && !recovers) {
        m->ssthresh = max_of(w->cwnd / 2, w->ssthresh);
    } else if (m->ssthresh && w->ssthresh > m->ssthresh) {
        m->ssthresh = w->ssthresh;
    }
}

void share_end(struct tcp *t, const struct tcp_conn *c)
{
    bool measured = c->rtt.srtt && !c->backoff;
    if (!measured && !share_find(t, c))
        return;
    struct metrics_shared *m = share_for(t, c);
    if (!m)
        return;
    if (!measured) { /* an old value would be worse than none */
        m->srtt = m->rttvar = 0;
        return;
    }
    merge_rtt(m, &c->rtt);
    merge_ssthresh(m, c);
}
