#include "tcp/cwnd.h"

#include "tcp/pace.h"

#define NON_VALIDATED_PERIOD RILL_SECONDS(300)

static void note(struct tcp_conn *c, bool limited)
{
    struct tcp_busy *b = c->busy;
    uint32_t out = (uint32_t)(c->snd.nxt - c->snd.una);
    if (!b) {
        c->cwnd_limited = limited;
    } else if (limited || c->snd.una >= b->cwnd_usage_end ||
               (!c->cwnd_limited && out > b->cwnd_usage_max)) {
        c->cwnd_limited = limited;
        b->cwnd_usage_max = out;
        b->cwnd_usage_end = c->snd.nxt;
    }
}

void cwnd_resumed(struct tcp *t, struct tcp_conn *c)
{
    const struct cc_ops *cc = conn_cc(c);
    struct ack_sample none = {.now = t->now};
    if (c->busy && cc->resumed)
        cc->resumed(&c->window, &c->busy->cc, &none, c->mss);
}

/* RFC 5681 4.1: cwnd no longer describes the path. ssthresh remembers it (RFC 2861 3.1). */
void cwnd_idle(const struct tcp *t, struct tcp_conn *c)
{
    struct cc_window *w = &c->window;
    if (!t->config->slow_start_after_idle || conn_cc(c)->rate_based)
        return;
    w->ssthresh = max_of(w->ssthresh, w->cwnd - w->cwnd / 4);
    w->cwnd = min_of(w->cwnd, cc_initial_window(t->config->initial_window, c->mss));
}

/* RFC 7661 4.2 and 4.4.3: if less than half of cwnd is used, it is kept for the non-validated
 * period, then halved, but not below the initial window. */
static void validate(const struct tcp *t, struct tcp_conn *c)
{
    struct tcp_busy *b = c->busy;
    struct cc_window *w = &c->window;
    if (!b)
        return;
    bool used = c->cwnd_limited || b->cwnd_usage_max >= w->cwnd / 2 || conn_cc(c)->rate_based;
    if (used || !b->used_at) {
        b->used_at = t->now;
    } else if (t->now - b->used_at >= NON_VALIDATED_PERIOD) {
        b->used_at = t->now;
        w->ssthresh = max_of(w->ssthresh, w->cwnd - w->cwnd / 4);
        uint32_t initial = cc_initial_window(t->config->initial_window, c->mss);
        w->cwnd = min_of(w->cwnd, max_of(w->cwnd / 2, initial));
    }
}

void cwnd_sent(const struct tcp *t, struct tcp_conn *c)
{
    note(c, conn_in_flight(c) + c->mss > c->window.cwnd);
    validate(t, c);
}

void cwnd_limits(struct tcp_conn *c)
{
    note(c, true);
}

bool cwnd_may_grow(const struct tcp_conn *c)
{
    bool slow_start = c->window.cwnd < c->window.ssthresh;
    return c->cwnd_limited ||
           (slow_start && c->busy && c->window.cwnd < 2 * c->busy->cwnd_usage_max);
}

uint32_t cwnd_growth_max(const struct tcp *t, const struct tcp_conn *c)
{
    unsigned segments = t->config->slow_start_segments;
    return segments && !pace_is_on(t, c) ? segments * c->mss : UINT32_MAX;
}

uint32_t cwnd_in_flight(const struct tcp_conn *c)
{
    uint32_t out = conn_in_flight(c);
    if (c->snd.una == 0 && out && fast_open_is_pending(c))
        out--; /* as in Linux, the SYN-ACK does not use cwnd */
    if (c->busy && !c->sack)
        out -= min_of(out, c->busy->recovery.duplicates * c->mss);
    return out;
}

uint32_t cwnd_allowance(const struct tcp_conn *c)
{
    uint32_t out = cwnd_in_flight(c);
    if (out == 0) /* one segment may always leave, even if the MSS now exceeds cwnd */
        return max_of(c->window.cwnd, c->mss);
    return c->window.cwnd > out ? c->window.cwnd - out : 0;
}
