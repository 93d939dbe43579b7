#include "tcp/stats.h"

#include "tcp/buffer.h"
#include "tcp/cwnd.h"

#define REORDERING_MAX 300u /* segments; Linux: tcp_max_reordering */

_Static_assert(sizeof(struct tcp_conn) % _Alignof(struct tcp_stats) == 0, "it lies behind it");

size_t stats_conn_size(const struct rill_tcp_config *config)
{
    return sizeof(struct tcp_conn) + (config->statistics ? sizeof(struct tcp_stats) : 0);
}

bool stats_kept(const struct tcp *t)
{
    return t->pool[HEAD_CONNECTION].size > sizeof(struct tcp_conn);
}

/* NULL: none is kept. */
static struct tcp_stats *stats_of(const struct tcp *t, const struct tcp_conn *c)
{
    return stats_kept(t) ? (struct tcp_stats *)(c + 1) : NULL;
}

void stats_state(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_stats *s = stats_of(t, c);
    if (s)
        s->state_since = milliseconds_of(t->now);
}

void stats_start(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_stats *s = stats_of(t, c);
    if (s) {
        s->data_sent_at = s->data_received_at = s->ack_received_at = milliseconds_of(t->now);
        s->rate_app_limited = true; /* as in Linux, until something is measured */
    }
    stats_state(t, c);
}

void stats_answered(struct tcp *t, struct tcp_conn *c, unsigned syn_acks)
{
    struct tcp_stats *s = stats_of(t, c);
    if (!s)
        return;
    s->segs_in = 1;
    s->segs_out = syn_acks;
}

static void take_rtt(struct tcp_stats *s, rill_time rtt)
{
    if (!rtt)
        return;
    uint32_t us = (uint32_t)min_of(max_of(rtt / RILL_MICROSECONDS(1), 1), UINT32_MAX);
    if (!s->min_rtt || us < s->min_rtt)
        s->min_rtt = us;
}

void stats_opened(struct tcp *t, struct tcp_conn *c, rill_time rtt)
{
    struct tcp_stats *s = stats_of(t, c);
    if (!s)
        return;
    s->delivered++;
    take_rtt(s, rtt);
    stats_start(t, c); /* as in Linux: times of silence start here */
}

void stats_in(struct tcp *t, struct tcp_conn *c, const struct tcp_arrival *in)
{
    struct tcp_stats *s = stats_of(t, c);
    if (!s)
        return;
    uint32_t largest = in->port_segment_max - TCP_HEADER; /* what our MSS option allows */
    uint32_t segments = tcp_pieces(in->text.length, in->joined ? in->joined : largest);
    s->segs_in += segments;
    if (!in->text.length)
        return;
    s->data_segs_in += segments;
    s->data_received_at = milliseconds_of(t->now);
}

void stats_out(struct tcp *t, struct tcp_conn *c, const struct tcp_emission *out, bool again)
{
    struct tcp_stats *s = stats_of(t, c);
    if (!s)
        return;
    uint32_t segments = tcp_pieces(out->length, out->gso_size);
    s->segs_out += segments;
    if (!out->length)
        return;
    s->data_segs_out += segments;
    s->bytes_sent += out->length;
    s->bytes_retrans += again ? out->length : 0;
    s->data_sent_at = milliseconds_of(t->now);
}

void stats_ack_in(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_stats *s = stats_of(t, c);
    if (s)
        s->ack_received_at = milliseconds_of(t->now);
}

void stats_acked(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    struct tcp_stats *s = stats_of(t, c);
    if (!s)
        return;
    s->ack_received_at = milliseconds_of(t->now);
    s->delivered += ack->segments;
    s->delivered_ce += ack->marked;
    s->dsack_dups += ack->duplicates_reported;
    take_rtt(s, ack->rtt);
    if (!ack->rate.bandwidth || !c->busy)
        return;
    s->delivery_rate = c->busy->delivery.bandwidth;
    s->rate_app_limited = c->busy->delivery.app_limited;
}

void stats_reordered(struct tcp *t, struct tcp_conn *c, uint32_t bytes)
{
    struct tcp_stats *s = stats_of(t, c);
    if (!s)
        return;
    uint32_t mss = max_of(c->mss, 1u);
    uint32_t distance = min_of((bytes + mss - 1) / mss, REORDERING_MAX);
    if (s->reord_seen < UINT16_MAX)
        s->reord_seen++;
    s->reordering = max_of((uint32_t)s->reordering, distance) & 511u;
}

void stats_out_of_order(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_stats *s = stats_of(t, c);
    if (s)
        s->rcv_ooopack++;
}

/* Linux: tcp_write_xmit checks cwnd first, then the window; tcp_cwnd_validate checks the buffer. */
static enum stats_limit limit_of(const struct tcp *t, const struct tcp_conn *c)
{
    if (c->snd.una == 0 || c->snd.una >= conn_send_limit(c))
        return LIMIT_NONE;
    position next = min_of((position)conn_unsent(c), (position)c->mss);
    if (cwnd_allowance(c) < max_of(next, 1))
        return LIMIT_BUSY;
    if (next)
        return conn_window_holds(c) ? LIMIT_WINDOW : LIMIT_BUSY;
    return c->snd.end - c->snd.una >= tcp_send_buffer(t, c) ? LIMIT_BUFFER : LIMIT_BUSY;
}

/* Adds the time of the current limit; its measurement starts anew. */
static void settle(struct tcp_stats *s, uint32_t now)
{
    if (s->limit)
        s->limited[s->limit - 1] += now - s->limit_since;
    s->limit_since = now;
}

void stats_limits(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_stats *s = stats_of(t, c);
    if (!s)
        return;
    enum stats_limit limit = limit_of(t, c);
    if (limit == LIMIT_NONE && s->limit == LIMIT_NONE)
        return;
    settle(s, milliseconds_of(t->now));
    s->limit = limit & 3u;
}

struct tcp_stats stats_read(const struct tcp *t, const struct tcp_conn *c)
{
    const struct tcp_stats *s = stats_of(t, c);
    if (!s)
        return (struct tcp_stats){0};
    struct tcp_stats copy = *s;
    uint32_t now = milliseconds_of(t->now);
    settle(&copy, now);
    copy.data_sent_at = now - copy.data_sent_at;
    copy.data_received_at = now - copy.data_received_at;
    copy.ack_received_at = now - copy.ack_received_at;
    copy.state_since = now - copy.state_since;
    return copy;
}
