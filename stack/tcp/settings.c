#include "tcp/settings.h"

#include "tcp/life.h"
#include "tcp/progress.h"
#include "tcp/recovery.h"
#include "tcp/state.h"
#include "tcp/timer.h"

#include <errno.h>

static bool settings_are_default(const struct tcp_settings *s)
{
    const struct tcp_buffers *b = &s->buffers;
    bool buffers = b->send || b->receive || b->window_clamp || b->low_water || b->unsent;
    return !buffers && !s->keepalive && !s->pacing_max && !s->user_timeout && !s->progress &&
           !s->linger2 && !s->syn_retries && !s->minimum_rto && !s->maximum_rto &&
           !s->delayed_ack && s->discovery == IP4_DISCOVERY_WANT;
}

static int apply_extras(struct tcp *t, struct tcp_conn *c, const struct tcp_settings *s)
{
    struct tcp_extras *x = conn_extras(t, c);
    if (!x || progress_want(t, c, s->progress) < 0)
        return -ENOBUFS;
    x->buffers = s->buffers;
    x->pacing_max = s->pacing_max;
    if (!x->user_timeout) { /* its time starts now */
        x->probed_since = RILL_NEVER;
        timer_look_at_window(c, t->now);
    }
    x->user_timeout = s->user_timeout;
    x->linger2 = s->linger2;
    x->syn_retries = s->syn_retries;
    x->minimum_rto = s->minimum_rto;
    x->maximum_rto = s->maximum_rto;
    x->delayed_ack = s->delayed_ack;
    x->has_discovery = true;
    x->discovery = s->discovery;
    rill_time idle = x->keepalive_idle;
    x->keepalive_idle =
        s->keepalive_idle ? s->keepalive_idle : t->config->keepalive_idle; /* MUST-27 */
    x->keepalive_interval =
        s->keepalive_interval ? s->keepalive_interval : t->config->keepalive_interval;
    x->keepalive_count = s->keepalive_count ? s->keepalive_count : t->config->keepalive_count;
    if (!c->keepalive) {
        x->keepalive_at = t->now + x->keepalive_idle;
        x->keepalive_sent = 0;
    } else {
        x->keepalive_at += x->keepalive_idle - idle; /* still counted from the last segment */
    }
    c->keepalive = s->keepalive; /* MUST-24, MUST-25: off unless asked for; MAY-5 */
    return 0;
}

/* The new plug-in starts with the window of the old one. */
static void change_congestion(struct tcp *t, struct tcp_conn *c, const struct cc_ops *cc)
{
    const struct cc_ops *before = conn_cc(c);
    if (cc == before)
        return;
    c->cc = cc_number(cc) & CC_NUMBER_MASK;
    struct ack_sample none = {.now = t->now};
    if (!c->busy)
        return;
    cc->start(&c->window, &c->busy->cc, &none, c->mss);
    recovery_taken_over(t, c, before);
}

int tcp_apply(struct tcp *t, struct tcp_conn *c, const struct tcp_settings *s)
{
    c->more &= !c->cork || s->cork; /* removing the cork also releases data of MSG_MORE */
    c->nodelay = s->nodelay;
    c->cork = s->cork;
    c->oob_inline = s->oob_inline;
    c->recverr = s->recverr;
    c->sender.tos = s->tos; /* MUST-48, SHLD-21, SHLD-22 */
    c->sender.ttl = s->ttl; /* MUST-49 */
    change_congestion(t, c, settings_cc(t, s));
    if (c->extras || !settings_are_default(s)) {
        int failed = apply_extras(t, c, s);
        if (failed)
            return failed;
    }
    if (c->sender.head.in_table) {
        timer_arm(t, &c->sender, timer_next(c));
        sender_join(t, &c->sender); /* TCP_NODELAY or the end of TCP_CORK may release data */
    }
    return 0;
}

void tcp_quickack(struct tcp *t, struct tcp_conn *c, int value)
{
    c->interactive = !value;
    if (!value || c->dead || !state_is_synchronized(conn_state(c)))
        return;
    bool waits = c->rcv.acked < c->rcv.nxt;
    c->interactive = waits && !(value & 1);
    if (!c->interactive)
        c->quick_acks = t->config->quick_acks & 31u; /* limits it to the field's range */
    if (waits && !c->acks_pending)
        conn_schedule_ack(t, c, RILL_REASON_ACK_NOW);
}
