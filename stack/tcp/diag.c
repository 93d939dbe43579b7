#include "tcp/diag.h"

#include "tcp/buffer.h"
#include "tcp/call.h"
#include "tcp/cwnd.h"
#include "tcp/pace.h"
#include "tcp/state.h"
#include "tcp/timer.h"
#include "tcp/timewait.h"

#include <stdio.h>

/* Only one of several listeners that share a port is in the table. */
static bool is_there(const struct head *h)
{
    return h->kind == HEAD_LISTENER ? h->state == RILL_TCP_LISTEN : h->in_table;
}

const struct head *diag_next(const struct tcp *t, enum head_kind kind, uint32_t *index)
{
    const struct pool *p = &t->pool[kind];
    while (*index <= p->made) {
        const struct head *h = pool_find(p, (*index)++);
        if (h && is_there(h))
            return h;
    }
    return NULL;
}

/* ------------------------------------------------------------------ timers */

static void fill_timer(const struct tcp *t, struct rill_status *s, enum rill_timer which,
                       rill_time at, unsigned tries)
{
    if (at == RILL_NEVER)
        return;
    assert(s->timers < RILL_STATUS_TIMERS);
    s->timer[s->timers++] = (struct rill_status_timer){
        .left = max_of(at - t->now, 0), .which = (uint8_t)which, .tries = (uint8_t)tries};
}

static enum rill_timer shown_timer(enum main_timer r)
{
    static const uint8_t name[] = {
        [TIMER_RETRANSMIT] = RILL_TIMER_RETRANSMIT, [TIMER_REORDER] = RILL_TIMER_REORDER,
        [TIMER_PROBE] = RILL_TIMER_PROBE,           [TIMER_PERSIST] = RILL_TIMER_PERSIST,
        [TIMER_QUIET] = RILL_TIMER_QUIET,           [TIMER_FIN_WAIT_2] = RILL_TIMER_FIN_WAIT_2,
    };
    return name[r];
}

static void fill_timers(const struct tcp *t, const struct tcp_conn *c, struct rill_status *s)
{
    if (c->timer != TIMER_NONE)
        fill_timer(t, s, shown_timer(c->timer), c->timer_at, c->unanswered);
    fill_timer(t, s, RILL_TIMER_PACING, pace_deadline(c), 0);
    fill_timer(t, s, RILL_TIMER_DELAYED_ACK, c->ack_at, 0);
    fill_timer(t, s, RILL_TIMER_KEEPALIVE, timer_keepalive(c),
               c->extras ? c->extras->keepalive_sent : 0);
}

/* ------------------------------------------------------------- connections */

/* What output would report. If neither cwnd nor the window has room, it is the smaller one. */
static enum rill_limit limit_of(const struct tcp *t, const struct tcp_conn *c)
{
    position waits = (position)conn_unsent(c), next = min_of(waits, (position)c->mss);
    position room = c->snd.una + c->snd.wnd - c->snd.nxt, allowed = cwnd_allowance(c);
    if (!state_is_synchronized(conn_state(c)) || c->snd.una >= conn_send_limit(c))
        return RILL_LIMIT_NONE;
    if (!waits)
        return c->snd.end - c->snd.una >= tcp_send_buffer(t, c) ? RILL_LIMIT_BUFFER
                                                                : RILL_LIMIT_APPLICATION;
    if (min_of(room, allowed) < next)
        return room < allowed ? RILL_LIMIT_WINDOW : RILL_LIMIT_CWND;
    if (pace_deadline(c) != RILL_NEVER)
        return RILL_LIMIT_PACING;
    return waits < c->mss ? RILL_LIMIT_SMALL : RILL_LIMIT_NONE;
}

static uint32_t ring_memory(const struct ring *r)
{
    return r ? r->capacity : 0;
}

static uint32_t connection_memory(const struct tcp *t, const struct tcp_conn *c)
{
    size_t sum = t->pool[HEAD_CONNECTION].size;
    sum += (c->busy ? sizeof *c->busy : 0) + (c->extras ? sizeof *c->extras : 0) +
           (conn_accurate(c) ? sizeof *conn_accurate(c) : 0);
    return (uint32_t)sum;
}

static rill_time limited(const struct tcp_stats *s, enum stats_limit limit)
{
    return RILL_MILLISECONDS(s->limited[limit - 1]);
}

static void fill_stats(const struct tcp_stats *s, struct rill_status_detail *d)
{
    d->segs_in = s->segs_in;
    d->segs_out = s->segs_out;
    d->bytes_retransmitted = s->bytes_retrans;
    d->rwnd_limited = limited(s, LIMIT_WINDOW);
    d->sndbuf_limited = limited(s, LIMIT_BUFFER);
    d->busy = limited(s, LIMIT_BUSY) + d->rwnd_limited + d->sndbuf_limited;
}

static void fill_detail(const struct tcp *t, const struct tcp_conn *c, const struct tcp_status *s,
                        struct rill_status_detail *d)
{
    *d = (struct rill_status_detail){
        .rto = s->rto,
        .srtt = s->srtt,
        .rttvar = s->rttvar,
        .mss = s->mss,
        .rcv_mss = s->rcv_mss,
        .cwnd = s->cwnd,
        .ssthresh = s->ssthresh,
        .in_flight = c->snd.una ? conn_in_flight(c) : 0,
        .peer_window = s->snd_wnd,
        .window = s->receive_window,
        .unacked = s->unacked,
        .lost = s->lost,
        .sacked = s->sacked,
        .retransmits = s->total_retransmits,
        .bytes_acked = s->bytes_acked,
        .bytes_received = s->bytes_received,
        .pacing_rate = s->pacing && s->pacing_rate != UINT64_MAX ? s->pacing_rate : 0,
        .unsent = s->bytes_unsent,
        .send_buffer = tcp_send_buffer(t, c),
        .receive_buffer = tcp_receive_buffer(t, c),
        .send_memory = ring_memory(c->send_ring),
        .receive_memory = ring_memory(c->receive_ring),
        .connection_memory = connection_memory(t, c),
        .snd_scale = s->snd_scale,
        .rcv_scale = s->rcv_scale,
        .timestamps = s->timestamps,
        .sack = s->sack,
        .window_scaling = s->window_scaling,
        .ecn = s->ecn,
        .accurate_ecn = conn_accurate(c) != NULL,
    };
    snprintf(d->congestion, sizeof d->congestion, "%s", conn_cc(c)->name);
    fill_stats(&s->stats, d);
}

static void fill_conn(const struct tcp *t, const struct tcp_conn *c, struct rill_status *s)
{
    struct tcp_status status;
    tcp_status(t, c, &status);
    s->orphan = c->orphan;
    s->unaccepted = c->unaccepted;
    s->peer_closed = c->fin_received;
    s->receive_queue = (uint32_t)tcp_readable(c);
    s->send_queue = (uint32_t)tcp_unacknowledged(c);
    s->limit = (uint8_t)limit_of(t, c);
    if (stats_kept(t))
        s->age = RILL_MILLISECONDS(status.stats.state_since);
    fill_timers(t, c, s);
    fill_detail(t, c, &status, &s->detail);
}

/* ------------------------------------------------------------- the others */

static void fill_listener(const struct tcp_listener *l, struct rill_status *s)
{
    s->receive_queue = l->queued;
    s->send_queue = l->backlog;
}

static void fill_syn(const struct tcp *t, const struct tcp_syn *r, struct rill_status *s)
{
    fill_timer(t, s, RILL_TIMER_SYN_ACK, heap_time_of(&t->timers, &r->sender.wake),
               r->tries ? r->tries - 1u : 0);
}

static void fill_time_wait(const struct tcp *t, const struct tcp_time_wait *w,
                           struct rill_status *s)
{
    int32_t left = (int32_t)(w->expires - milliseconds_of(t->now));
    rill_time wait = RILL_MILLISECONDS(max_of(left, 0));
    s->peer_closed = true;
    s->age = t->config->time_wait - wait;
    fill_timer(t, s, RILL_TIMER_TIME_WAIT, t->now + wait, 0);
}

void diag_fill(const struct tcp *t, const struct head *h, struct rill_status *s)
{
    *s = (struct rill_status){
        .local = h->flow.local,
        .remote = h->flow.remote,
        .local_port = h->flow.local_port,
        .remote_port = h->flow.remote_port,
        .state = h->state,
        .age = -1,
    };
    switch (h->kind) {
    case HEAD_CONNECTION:
        s->kind = RILL_STATUS_CONNECTION;
        fill_conn(t, (const struct tcp_conn *)h, s);
        break;
    case HEAD_SYN:
        s->kind = RILL_STATUS_SYN;
        fill_syn(t, (const struct tcp_syn *)h, s);
        break;
    case HEAD_TIME_WAIT:
        s->kind = RILL_STATUS_TIME_WAIT;
        fill_time_wait(t, (const struct tcp_time_wait *)h, s);
        break;
    case HEAD_LISTENER:
        s->kind = RILL_STATUS_LISTENER;
        fill_listener((const struct tcp_listener *)h, s);
        break;
    }
}
