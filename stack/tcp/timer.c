#include "tcp/timer.h"

#include "tcp/pace.h"
#include "tcp/state.h"
#include "tcp/tlp.h"

#define RESTART_THRESHOLD 4 /* segments: rrthresh */

bool timer_reserve(struct tcp *t)
{
    return heap_reserve(&t->timers, t->pool[HEAD_CONNECTION].count + t->pool[HEAD_SYN].count + 1);
}

void timer_arm(struct tcp *t, struct sender *s, rill_time when)
{
    if (when < heap_time_of(&t->timers, &s->wake))
        heap_set(&t->timers, &s->wake, when);
}

void timer_set(struct tcp *t, struct tcp_conn *c, enum main_timer kind, rill_time after)
{
    c->timer = kind;
    c->timer_at = t->now + after;
    timer_arm(t, &c->sender, c->timer_at);
}

void timer_stop(struct tcp_conn *c)
{
    c->timer = TIMER_NONE;
    c->timer_at = RILL_NEVER;
}

void timer_ack(struct tcp *t, struct tcp_conn *c, rill_time after)
{
    c->ack_at = t->now + after;
    timer_arm(t, &c->sender, c->ack_at);
}

void timer_stop_ack(struct tcp_conn *c)
{
    c->ack_at = RILL_NEVER;
}

rill_time timer_keepalive(const struct tcp_conn *c)
{
    if (!c->keepalive || !state_is_synchronized(conn_state(c)) || c->snd.una < c->snd.nxt)
        return RILL_NEVER; /* RFC 9293 MUST-26: only when nothing is outstanding */
    return c->extras->keepalive_at;
}

rill_time timer_next(const struct tcp_conn *c)
{
    return min_of(min_of(c->timer_at, c->ack_at), min_of(timer_keepalive(c), pace_deadline(c)));
}

/* How long an orphan stays in FIN_WAIT_2. As in Linux, at least three and a half RTOs, so that the
 * peer can retransmit a lost FIN. */
static rill_time fin_wait_2_time(const struct tcp *t, const struct tcp_conn *c)
{
    rill_time set = c->extras ? c->extras->linger2 : 0;
    return max_of(set > 0 ? set : t->config->fin_wait_2, conn_rto(t, c, 0) * 7 / 2);
}

void timer_retransmit(struct tcp *t, struct tcp_conn *c, rill_time after)
{
    timer_set(t, c, TIMER_RETRANSMIT, after);
    if (c->busy)
        c->busy->rto_at = c->timer_at;
}

void timer_watch(struct tcp *t, struct tcp_conn *c)
{
    const struct tcp_busy *b = c->busy;
    if (!b)
        return;
    if (b->rack.wait < b->rto_at) {
        timer_set(t, c, TIMER_REORDER, max_of(b->rack.wait - t->now, 0));
    } else if (tlp_is_wanted(t, c)) {
        rill_time at = min_of(t->now + tlp_timeout(t, c), b->rto_at);
        timer_set(t, c, TIMER_PROBE, max_of(at - t->now, 0));
    } else {
        timer_set(t, c, TIMER_RETRANSMIT, max_of(b->rto_at - t->now, 0));
    }
}

void timer_look_at_window(struct tcp_conn *c, rill_time probe)
{
    struct tcp_extras *x = c->extras;
    if (!x)
        return;
    if (!conn_window_holds(c) || pace_deadline(c) != RILL_NEVER)
        x->probed_since = RILL_NEVER;
    else if (c->timer != TIMER_PERSIST || x->probed_since == RILL_NEVER)
        x->probed_since = probe;
}

rill_time timer_window_left(const struct tcp *t, const struct tcp_conn *c)
{
    const struct tcp_extras *x = c->extras;
    if (!x || !x->user_timeout || x->probed_since == RILL_NEVER || c->timer != TIMER_PERSIST)
        return RILL_NEVER;
    return max_of(x->probed_since + x->user_timeout - t->now, 0);
}

/* Data held back by a cork or by pacing uses this timer, too, but only time with a closed window is
 * counted. */
static void persist(struct tcp *t, struct tcp_conn *c, rill_time wait)
{
    timer_look_at_window(c, t->now + wait);
    c->timer = TIMER_PERSIST; /* timer_window_left is without end before */
    timer_set(t, c, TIMER_PERSIST, min_of(wait, timer_window_left(t, c)));
}

void timer_restart(struct tcp *t, struct tcp_conn *c)
{
    rill_time rto = conn_rto(t, c, c->backoff);
    if (c->snd.una < c->snd.nxt) {
        timer_retransmit(t, c, rto);
        timer_watch(t, c);
    } else if (c->snd.nxt < conn_send_limit(c))
        persist(t, c, rto);
    else if (c->orphan && conn_state(c) == RILL_TCP_FIN_WAIT_2) {
        if (c->timer != TIMER_FIN_WAIT_2) /* set once: segments from the peer do not extend it */
            timer_set(t, c, TIMER_FIN_WAIT_2, fin_wait_2_time(t, c));
    } else if (c->busy)
        timer_set(t, c, TIMER_QUIET, rto);
    else
        timer_stop(c);
    timer_arm(t, &c->sender, timer_next(c));
}

/* RFC 7765 4: fewer than four segments are in flight and no data waits, so duplicate ACKs cannot
 * repair the oldest one. The time since it was sent is subtracted from the wait. */
static rill_time restart_credit(const struct tcp *t, const struct tcp_conn *c)
{
    const struct flight *f = &c->flight;
    if (!t->config->rto_restart)
        return 0;
    uint32_t out = flight_count(f);
    bool last_ones = out && out < RESTART_THRESHOLD && c->snd.nxt == conn_send_limit(c);
    return last_ones ? t->now - flight_at(f, 0)->sent_at : 0;
}

void timer_acknowledged(struct tcp *t, struct tcp_conn *c)
{
    timer_restart(t, c);
    rill_time credit = restart_credit(t, c);
    rill_time rto = credit ? conn_rto(t, c, c->backoff) : 0;
    if (credit >= rto)
        return;
    timer_retransmit(t, c, rto - credit);
    timer_watch(t, c);
    timer_arm(t, &c->sender, timer_next(c));
}
