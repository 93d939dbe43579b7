#include "tcp/tally.h"

#include "tcp/buffer.h"
#include "tcp/usage.h"

#define REORDERING_MOST 300u /* segments; Linux: tcp_max_reordering */

_Static_assert(sizeof(struct tcp_conn) % _Alignof(struct tcp_tally) == 0, "it lies behind it");

size_t tally_conn_size(const struct rill_tcp_config *config)
{
    return sizeof(struct tcp_conn) + (config->tally ? sizeof(struct tcp_tally) : 0);
}

bool tally_kept(const struct tcp *t)
{
    return t->pool[HEAD_CONNECTION].size > sizeof(struct tcp_conn);
}

/* NULL: none is kept. */
static struct tcp_tally *tally_of(const struct tcp *t, const struct tcp_conn *c)
{
    return tally_kept(t) ? (struct tcp_tally *)(c + 1) : NULL;
}

void tally_state(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_tally *y = tally_of(t, c);
    if (y)
        y->state_since = milliseconds_of(t->now);
}

void tally_start(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_tally *y = tally_of(t, c);
    if (y) {
        y->data_sent_at = y->data_received_at = y->ack_received_at = milliseconds_of(t->now);
        y->rate_app_limited = true; /* as in Linux, until something is measured */
    }
    tally_state(t, c);
}

void tally_answered(struct tcp *t, struct tcp_conn *c, unsigned syn_acks)
{
    struct tcp_tally *y = tally_of(t, c);
    if (!y)
        return;
    y->segs_in = 1;
    y->segs_out = syn_acks;
}

static void take_rtt(struct tcp_tally *y, rill_time rtt)
{
    if (!rtt)
        return;
    uint32_t us = (uint32_t)min_of(max_of(rtt / RILL_MICROSECONDS(1), 1), UINT32_MAX);
    if (!y->min_rtt || us < y->min_rtt)
        y->min_rtt = us;
}

void tally_opened(struct tcp *t, struct tcp_conn *c, rill_time rtt)
{
    struct tcp_tally *y = tally_of(t, c);
    if (!y)
        return;
    y->delivered++;
    take_rtt(y, rtt);
    tally_start(t, c); /* as in Linux: times of silence start here */
}

void tally_in(struct tcp *t, struct tcp_conn *c, const struct tcp_arrival *in)
{
    struct tcp_tally *y = tally_of(t, c);
    if (!y)
        return;
    uint32_t largest = in->port_segment_max - TCP_HEADER; /* what our MSS option allows */
    uint32_t segments = tcp_pieces(in->text.length, in->joined ? in->joined : largest);
    y->segs_in += segments;
    if (!in->text.length)
        return;
    y->data_segs_in += segments;
    y->data_received_at = milliseconds_of(t->now);
}

void tally_out(struct tcp *t, struct tcp_conn *c, const struct tcp_emission *out, bool again)
{
    struct tcp_tally *y = tally_of(t, c);
    if (!y)
        return;
    uint32_t segments = tcp_pieces(out->length, out->gso_size);
    y->segs_out += segments;
    if (!out->length)
        return;
    y->data_segs_out += segments;
    y->bytes_sent += out->length;
    y->bytes_retrans += again ? out->length : 0;
    y->data_sent_at = milliseconds_of(t->now);
}

void tally_heard(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_tally *y = tally_of(t, c);
    if (y)
        y->ack_received_at = milliseconds_of(t->now);
}

void tally_acked(struct tcp *t, struct tcp_conn *c, const struct ack_news *news)
{
    struct tcp_tally *y = tally_of(t, c);
    if (!y)
        return;
    y->ack_received_at = milliseconds_of(t->now);
    y->delivered += news->segments;
    y->delivered_ce += news->echoed ? news->segments : 0;
    y->dsack_dups += news->duplicates_told;
    take_rtt(y, news->rtt);
    if (!news->rate.bandwidth || !c->busy)
        return;
    y->delivery_rate = c->busy->delivery.bandwidth;
    y->rate_app_limited = c->busy->delivery.app_limited;
}

void tally_reordered(struct tcp *t, struct tcp_conn *c, uint32_t bytes)
{
    struct tcp_tally *y = tally_of(t, c);
    if (!y)
        return;
    uint32_t mss = max_of(c->mss, 1u);
    uint32_t distance = min_of((bytes + mss - 1) / mss, REORDERING_MOST);
    if (y->reord_seen < UINT16_MAX)
        y->reord_seen++;
    y->reordering = max_of((uint32_t)y->reordering, distance) & 511u;
}

void tally_out_of_order(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_tally *y = tally_of(t, c);
    if (y)
        y->rcv_ooopack++;
}

/* Linux: tcp_write_xmit checks cwnd first, then the window; tcp_cwnd_validate checks the buffer. */
static enum tally_limit limit_of(const struct tcp *t, const struct tcp_conn *c)
{
    if (c->snd.una == 0 || c->snd.una >= conn_send_limit(c))
        return LIMIT_NONE;
    position next = min_of((position)conn_unsent(c), (position)c->mss);
    if (usage_allowance(c) < max_of(next, 1))
        return LIMIT_BUSY;
    if (next)
        return conn_window_holds(c) ? LIMIT_WINDOW : LIMIT_BUSY;
    return c->snd.end - c->snd.una >= tcp_send_buffer(t, c) ? LIMIT_BUFFER : LIMIT_BUSY;
}

/* Adds the time of the current limit; its measurement starts anew. */
static void settle(struct tcp_tally *y, uint32_t now)
{
    if (y->limit)
        y->limited[y->limit - 1] += now - y->limit_since;
    y->limit_since = now;
}

void tally_limits(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_tally *y = tally_of(t, c);
    if (!y)
        return;
    enum tally_limit limit = limit_of(t, c);
    if (limit == LIMIT_NONE && y->limit == LIMIT_NONE)
        return;
    settle(y, milliseconds_of(t->now));
    y->limit = limit & 3u;
}

struct tcp_tally tally_read(const struct tcp *t, const struct tcp_conn *c)
{
    const struct tcp_tally *y = tally_of(t, c);
    if (!y)
        return (struct tcp_tally){0};
    struct tcp_tally copy = *y;
    uint32_t now = milliseconds_of(t->now);
    settle(&copy, now);
    copy.data_sent_at = now - copy.data_sent_at;
    copy.data_received_at = now - copy.data_received_at;
    copy.ack_received_at = now - copy.ack_received_at;
    copy.state_since = now - copy.state_since;
    return copy;
}
