#include "tcp/usage.h"

static void note(struct tcp_conn *c, bool limited)
{
    struct tcp_busy *b = c->busy;
    uint32_t out = (uint32_t)(c->snd.nxt - c->snd.una);
    if (!b) {
        c->cwnd_limited = limited;
    } else if (limited || c->snd.una >= b->usage_to || (!c->cwnd_limited && out > b->usage_most)) {
        c->cwnd_limited = limited;
        b->usage_most = out;
        b->usage_to = c->snd.nxt;
    }
}

void usage_sent(struct tcp_conn *c)
{
    note(c, conn_in_flight(c) + c->mss > c->window.cwnd);
}

void usage_held_back(struct tcp_conn *c)
{
    note(c, true);
}

bool usage_allows_growth(const struct tcp_conn *c)
{
    bool slow_start = c->window.cwnd < c->window.ssthresh;
    return c->cwnd_limited || (slow_start && c->busy && c->window.cwnd < 2 * c->busy->usage_most);
}

uint32_t usage_growth_most(const struct tcp *t, const struct tcp_conn *c)
{
    unsigned segments = t->config->slow_start_segments;
    return segments ? segments * c->mss : UINT32_MAX;
}

uint32_t usage_in_flight(const struct tcp_conn *c)
{
    uint32_t out = conn_in_flight(c);
    if (c->busy && !c->sack)
        out -= min_of(out, c->busy->recovery.duplicates * c->mss);
    return out;
}

uint32_t usage_allowance(const struct tcp_conn *c)
{
    uint32_t out = usage_in_flight(c);
    if (out ==
        0) /* one segment may always leave, however much the MSS has grown since cwnd was set */
        return max_of(c->window.cwnd, c->mss);
    return c->window.cwnd > out ? c->window.cwnd - out : 0;
}
