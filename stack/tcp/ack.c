#include "tcp/ack.h"

#include "tcp/accecn.h"
#include "tcp/cwnd.h"
#include "tcp/delivery.h"
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/option.h"
#include "tcp/progress.h"
#include "tcp/recovery.h"
#include "tcp/reset.h"
#include "tcp/scoreboard.h"
#include "tcp/sending.h"
#include "tcp/stats.h"
#include "tcp/timer.h"
#include "tcp/tuning.h"
#include "tcp/undo.h"

/* SND.WND follows the newest segment (EV-34). An old one that arrives late must not restore an old
 * window. DEVIATION: a repeated segment that acknowledges more than any before it is new as an ACK,
 * and its window counts, as in Linux; else SND.UNA would carry the right edge beyond what the peer
 * has ever offered. */
static bool take_window(struct tcp_conn *c, const struct segment *s)
{
    if (s->seq < c->snd.wl1 && s->ack <= c->snd.una)
        return false;
    bool changed = c->snd.wnd != s->window;
    c->snd.wnd = s->window;
    c->snd.wl1 = max_of(c->snd.wl1, s->seq);
    c->snd.wnd_max = max_of(c->snd.wnd_max, s->window);
    return changed;
}

static bool is_measurable(const struct flight_record *f)
{
    return f->length && !f->retransmitted && !f->sacked;
}

rill_time ack_measure(const struct tcp *t, const struct tcp_conn *c, const struct tcp_options *o,
                      const struct flight_record *last)
{
    if (last->sent_at == RILL_NEVER) /* a cookie, whose timestamp encodes options */
        return 0;
    if (is_measurable(last))
        return max_of(t->now - last->sent_at, 1);
    return option_echo_age(t, c, o);
}

/* Removes acknowledged records from the flight. Returns the last one (length 0: none), the newest
 * transmission that this ACK proves. If any of them was retransmitted, the last one counts as
 * retransmitted, too: the ACK may answer the repair of a hole, so it gives no RTT sample. */
static struct flight_record acknowledge_records(struct tcp_conn *c, position una,
                                                struct ack_sample *ack)
{
    struct flight_record last = {0};
    bool again = false;
    while (flight_count(&c->flight)) {
        struct flight_record oldest = *flight_at(&c->flight, 0);
        if (!oldest.sacked && oldest.from + oldest.length <= una)
            delivery_take(c, 0, ack);
        if (!flight_acknowledge(&c->flight, una))
            break;
        again |= oldest.retransmitted && !oldest.sacked;
        last = oldest;
    }
    last.retransmitted |= again;
    return last;
}

/* SND.UNA moves: bytes leave the ring, records leave the flight. */
static void advance(struct tcp *t, struct tcp_conn *c, const struct segment *s,
                    struct ack_sample *ack)
{
    ack->acked = (uint32_t)(s->ack - c->snd.una);
    ack->una_advanced = true;
    struct flight_record last = acknowledge_records(c, s->ack, ack);
    if (last.length && (is_measurable(&last) || !ack->rtt)) { /* else a SACK has measured it */
        ack->rtt = ack_measure(t, c, &s->header->options, &last);
        ack->rtt_from = last.from;
    }
    c->snd.una = s->ack;
    scoreboard_advance(t, c);
    if (progress_acked(t, c))
        conn_wake_owner(t, c, EVENT_STATE);
    if (c->snd.una >= c->snd.end)
        ring_release(&t->rings, &c->send_ring);
}

/* Karn: the back-off stays until there is a sample (RFC 6298 5). */
static void take_rtt(struct tcp_conn *c, const struct ack_sample *ack)
{
    if (!ack->rtt)
        return;
    if (!undo_takes_rtt(c, ack->rtt_from, ack->rtt))
        rtt_sample(&c->rtt, ack->rtt);
    c->backoff = 0;
}

static struct ack_sample sample_of(const struct tcp *t, const struct tcp_conn *c,
                                   const struct segment *s)
{
    return (struct ack_sample){.now = t->now,
                               .flight = (uint32_t)(c->snd.nxt - c->snd.una),
                               .echo_age = option_echo_age(t, c, &s->header->options),
                               .srtt = RILL_MICROSECONDS(c->rtt.srtt),
                               .growth_max = cwnd_growth_max(t, c),
                               .window_limited = cwnd_may_grow(c),
                               .echoed = c->ecn && !conn_accurate(c) && segment_has(s, TCP_ECE)};
}

/* A later ACK has overtaken this one, but its SACK blocks may still be new. */
static void take_overtaken(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    struct ack_sample ack = sample_of(t, c, s);
    ack.echoed = false; /* recovery has already answered for this window of data */
    scoreboard_take(t, c, s, &ack);
    if (!ack.sacked && !ack.duplicates_reported)
        return;
    ack.delivered = ack.sacked;
    ack.rtt = 0; /* it was on its way for longer than usual */
    recovery_take_ack(t, c, &ack);
    stats_acked(t, c, &ack);
    if (c->snd.una < c->snd.nxt)
        timer_watch(t, c);
    conn_update_sending(t, c);
}

static enum rill_drop take_old(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    if (s->ack < c->snd.una - (position)c->snd.wnd_max) { /* EV-33, MAY-12: RFC 5961 5.2 */
        conn_challenge(t, c);
        return RILL_DROP_TCP_ACK_OLD;
    }
    take_overtaken(t, c, s); /* EV-32: its text may be new */
    return RILL_DROP_NONE;
}

/* Data from a peer that has acknowledged everything: it can only change the send window. In bulk
 * transfer nearly every segment is like this. */
static bool acknowledges_nothing_new(const struct tcp_conn *c, const struct segment *s)
{
    return s->text.length && s->ack == c->snd.nxt && c->snd.una == c->snd.nxt &&
           c->timer != TIMER_PERSIST && !s->header->options.sack_count &&
           !segment_has(s, TCP_ECE) && !conn_accurate(c);
}

static void take_window_only(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    take_window(c, s);
    stats_ack_in(t, c);
    c->more = false;
    c->unanswered = 0;
    conn_update_sending(t, c);
}

static void take_current(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    struct ack_sample ack = sample_of(t, c, s);
    bool window_changed = take_window(c, s);
    uint32_t sacked_before = flight_sacked(&c->flight);
    scoreboard_take(t, c, s, &ack);
    if (s->ack > c->snd.una)
        advance(t, c, s, &ack);
    else
        ack.repeats = segment_length(s) == 0 && !window_changed;
    take_rtt(c, &ack);
    ack.duplicate = ack.repeats && ack.flight;
    ack.delivered = ack.acked + flight_sacked(&c->flight) - sacked_before;
    if (conn_accurate(c))
        accecn_take_ack(c, s, &ack);
    else
        ack.marked = ack.echoed ? ack.segments : 0;
    ack.srtt = RILL_MICROSECONDS(c->rtt.srtt); /* the sample is in it now */
    recovery_take_ack(t, c, &ack);
    stats_acked(t, c, &ack);
    c->more = false; /* as in Linux: the next ACK releases data that MSG_MORE held back */
    if (ack.una_advanced)
        mtu_take_ack(t, c);
    tuning_forget(t, c);
    c->unanswered = 0;
    c->soft_error = 0; /* as in Linux: a peer that we hear can be reached */
    if (c->timer == TIMER_PERSIST && c->snd.wnd)
        c->backoff = 0;
    if (ack.una_advanced || c->timer == TIMER_PERSIST)
        timer_acknowledged(t, c); /* RFC 6298 5.3: with each advance, and with nothing else */
    else if (c->snd.una < c->snd.nxt && (ack.sacked || ack.lost || c->timer != TIMER_PROBE))
        timer_watch(t, c); /* RFC 8985 7.2: nothing else makes a probe wait longer */
    if (ack.una_advanced)
        conn_wake_owner(t, c, EVENT_WRITABLE); /* there is room in the send buffer */
    conn_update_sending(t, c);
}

enum rill_drop ack_take(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    if (s->ack > c->snd.nxt) { /* EV-31: acknowledges data not sent yet */
        conn_challenge(t, c);
        return RILL_DROP_TCP_ACK_FUTURE;
    }
    if (s->ack < c->snd.una)
        return take_old(t, c, s);
    if (acknowledges_nothing_new(c, s))
        take_window_only(t, c, s);
    else
        take_current(t, c, s);
    return RILL_DROP_NONE;
}
