/* What a connection sends now (RFC 9293 3.8, 3.7; RFC 1122 4.2.3; RFC 5681). Output is pulled: it
 * looks at the state and builds at most one segment (or one superframe) at a time, with the latest
 * acknowledgement and window. Transmission and retransmission are one path: a range of positions,
 * from which SYN, data and FIN follow.
 *
 * A connection joins `sending` if it has new data or a FIN (call.c), a pending ACK (text.c,
 * input.c) or a window update (call.c), got an acknowledgement or a larger window (ack.c), opens
 * (call.c, synsent.c), has a smaller path MTU (tcp.c), has a changed option that held data back
 * (tcp_apply), has an expired timer (expire.c), or ends with an RST (life.c). Joining is a hint;
 * this file decides what is sent. */
#include "tcp/accecn.h"
#include "tcp/buffer.h"
#include "tcp/burst.h"
#include "tcp/check.h"
#include "tcp/cwnd.h"
#include "tcp/ecn.h"
#include "tcp/emit.h"
#include "tcp/fastopen_active.h"
#include "tcp/frto.h"
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/option.h"
#include "tcp/pace.h"
#include "tcp/progress.h"
#include "tcp/record.h"
#include "tcp/sending.h"
#include "tcp/state.h"
#include "tcp/stats.h"
#include "tcp/syn.h"
#include "tcp/tcp.h"
#include "tcp/text.h"
#include "tcp/timer.h"
#include "tcp/tracepoint.h"
#include "tcp/urgent.h"
#include "wire/ip4.h"

/* The most text that one frame can carry before the port cuts it. */
#define TRAIN_TEXT (IP4_TOTAL_MAX - IP4_HEADER_MAX - TCP_HEADER_MAX)

/* RFC 9293 3.7.1, MUST-16: Eff.snd.MSS = min(SendMSS + 20, MMS_S) - TCPhdrsize. */
static void update_mss(const struct tcp *t, struct tcp_conn *c, const struct tcp_path *path)
{
    uint32_t segment = min_of((uint32_t)c->peer_mss + TCP_HEADER, mtu_segment_max(c, path));
    c->mss = (uint16_t)(segment - TCP_HEADER - option_plan(t, c, segment).bytes);
    if (c->window.cwnd == 0)
        c->window.cwnd = cc_initial_window(t->config->initial_window, c->mss);
    c->window.cwnd = max_of(c->window.cwnd, c->mss); /* it counts in segments */
}

/* One past the last position that the peer's window allows. */
static position window_end(const struct tcp_conn *c)
{
    return c->snd.una + c->snd.wnd;
}

/* Nagle in Minshall's variant, as in Linux: one short segment at a time, so that the tail of a
 * large write does not wait for the acknowledgement of earlier segments. */
static bool short_in_flight(const struct tcp_conn *c)
{
    return c->busy ? c->busy->short_to > c->snd.una : c->snd.una < c->snd.nxt;
}

/* May a segment leave that is not full? Nagle (SHLD-7) and the sender's silly window avoidance
 * (MUST-38). */
static bool may_send_short(const struct tcp_conn *c, position to)
{
    if (c->probe_pending) /* the override timer of RFC 1122 4.2.3.4 has expired */
        return true;
    if (to < c->snd.end && record_ends_at(c, to))
        return true;
    if (to < c->snd.end) /* the window limits it, not the data */
        return to - c->snd.nxt >= (position)c->snd.wnd_max / 2;
    if (c->fin_queued)
        return true;
    return c->push_now ||
           (!c->cork && !c->more && (c->nodelay || !short_in_flight(c))); /* MUST-17, MAY-16 */
}

/* Our SYN, with text where Fast Open allows that (RFC 7413 4.2.2). */
static struct choice choose_syn(struct tcp *t, const struct tcp_conn *c,
                                const struct tcp_path *path)
{
    position room = tcp_fast_open_room(t, c, path->segment_max);
    return (struct choice){SEND_RANGE, 0, min_of(c->snd.end, 1 + room), 0, RILL_REASON_SYN};
}

/* If no device cuts superframes: whole segments that the port cuts as one frame. Paced segments are
 * sent one by one. */
static uint32_t train_text(const struct tcp *t, const struct tcp_conn *c,
                           const struct tcp_path *path)
{
    uint32_t mss = c->mss, segments = pace_is_on(t, c) ? 1 : max_of(path->train_max, 1u);
    return min_of(segments, max_of(TRAIN_TEXT / mss, 1u)) * mss;
}

/* Is there a record for one more segment in flight? */
static bool may_send_another(struct tcp *t, struct tcp_conn *c)
{
    return flight_reserve(&c->flight, t->memory, !buffer_is_scarce(t));
}

/* As much new text as window, cwnd and the device allow: whole segments (SHLD-28, SHLD-27), or a
 * short one at the end. If the window has shrunk, the room is zero or negative: MUST-34,
 * SHLD-15. */
static struct choice choose_new(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path)
{
    struct choice nothing = {.kind = SEND_NOTHING};
    position limit = min_of(min_of(conn_send_limit(c), window_end(c)), record_next_end(c));
    position room = frto_limit(c, limit) - c->snd.nxt;
    if (room <= 0 || !may_send_another(t, c))
        return nothing;
    bool bare_fin = c->snd.nxt == c->snd.end; /* carries no text: cwnd lets it pass, as in Linux */
    uint32_t allowed = bare_fin ? 1 : cwnd_allowance(c), mss = c->mss;
    if (allowed < min_of((uint32_t)min_of(room, UINT32_MAX), mss)) {
        cwnd_limits(c);
        return nothing;
    }
    uint32_t length = burst_take(t, c, path, (uint32_t)min_of(room, (position)allowed));
    if (urgent_is_ahead(c, c->snd.nxt) || accecn_cuts(c))
        length = min_of(length, mss);
    else if (!path->gso_max && length > mss)
        length = min_of(length, train_text(t, c, path));
    position to = c->snd.nxt + length;
    if (to + 1 == conn_send_limit(c) && c->fin_queued && to < window_end(c))
        to++; /* the FIN is sent with the last text */
    if (length < mss && !may_send_short(c, to))
        return nothing;
    return (struct choice){SEND_RANGE, c->snd.nxt, to, 0,
                           bare_fin ? RILL_REASON_FIN : RILL_REASON_DATA};
}

/* New text, unless it must probe the path (RFC 4821 7.5). A record's end forbids a probe, because a
 * probe across it would join two records. */
static struct choice choose_fresh(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path)
{
    struct choice nothing = {.kind = SEND_NOTHING};
    uint32_t text;
    if (record_next_end(c) != RECORD_NONE)
        return choose_new(t, c, path);
    switch (mtu_probe_due(t, c, path, &text)) {
    case MTU_PROBE_NOW:
        if (!may_send_another(t, c))
            return nothing;
        return (struct choice){SEND_RANGE, c->snd.nxt, c->snd.nxt + text, 0, RILL_REASON_MTU_PROBE};
    case MTU_PROBE_SOON:
        if (cwnd_allowance(c) < text)
            cwnd_limits(c);
        return nothing;
    case MTU_NO_PROBE:
        break;
    }
    return choose_new(t, c, path);
}

/* Why lost data is retransmitted. If no recovery is active, it was too long for the path. A SYN
 * that has crossed the peer's is not lost; it is sent again as a SYN-ACK (RFC 9293 3.10.7.3). */
static enum rill_reason reason_again(const struct tcp_conn *c)
{
    if (conn_state(c) == RILL_TCP_SYN_RECEIVED && !c->backoff)
        return RILL_REASON_SYN;
    switch (c->busy ? c->busy->recovery.state : RECOVERY_TIMEOUT) {
    case RECOVERY_TIMEOUT:
        return RILL_REASON_RETRANSMIT_TIMEOUT;
    case RECOVERY_FAST:
        return c->sack ? RILL_REASON_RETRANSMIT_RACK : RILL_REASON_RETRANSMIT_FAST;
    default:
        return RILL_REASON_RETRANSMIT_MTU;
    }
}

/* The oldest lost record, within a window that has shrunk (SHLD-16) or beyond it (MAY-7), if cwnd
 * has room for it. The oldest record of all needs no room. */
static struct choice choose_again(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path)
{
    struct choice nothing = {.kind = SEND_NOTHING};
    uint32_t i = flight_first_lost(&c->flight);
    if (i == flight_count(&c->flight) || (i && c->snd.una == 0)) /* our SYN first */
        return nothing;
    struct flight_record *f = flight_at(&c->flight, i);
    position text = min_of(f->from + f->length, c->snd.end) - f->from;
    bool whole = text > c->mss && mtu_retransmits_whole(c, path, i);
    if (text > c->mss && f->from && !whole) { /* the path MTU has shrunk */
        if (!flight_split(&c->flight, t->memory, i, f->from + c->mss))
            return nothing;
        f = flight_at(&c->flight, i);
    }
    if (i > 0 && cwnd_allowance(c) < f->length) {
        cwnd_limits(c);
        return nothing;
    }
    return (struct choice){SEND_AGAIN, f->from, f->from + f->length, i,
                           whole ? RILL_REASON_MTU_PROBE : reason_again(c)};
}

/* RFC 8985 7.3: a loss probe is new text, regardless of cwnd and Nagle, or else the last
 * segment. */
static struct choice choose_probe(struct tcp *t, struct tcp_conn *c)
{
    struct choice nothing = {.kind = SEND_NOTHING};
    c->busy->tlp.pending = false;
    position limit = min_of(min_of(conn_send_limit(c), window_end(c)), record_next_end(c));
    position room = limit - c->snd.nxt;
    if (room > 0 && may_send_another(t, c))
        return (struct choice){SEND_RANGE, c->snd.nxt, c->snd.nxt + min_of(room, (position)c->mss),
                               0, RILL_REASON_LOSS_PROBE};
    if (flight_count(&c->flight) == 0) /* everything was acknowledged in the meantime */
        return nothing;
    uint32_t last = flight_count(&c->flight) - 1;
    const struct flight_record *f = flight_at(&c->flight, last);
    if (f->lost || f->sacked || f->length > c->mss + 1u)
        return nothing;
    return (struct choice){SEND_AGAIN, f->from, f->from + f->length, last, RILL_REASON_LOSS_PROBE};
}

/* Lost data before new data. But after a time-out that may be spurious, new text comes first,
 * because its ACKs tell more (RFC 5682). */
static struct choice choose_range(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path)
{
    struct choice what = {.kind = SEND_NOTHING};
    bool may_send = state_is_synchronized(conn_state(c)) || fast_open_is_pending(c);
    if (c->busy && c->busy->tlp.pending)
        what = choose_probe(t, c);
    if (!what.kind && pace_holds(t, c))
        return what;
    if (!what.kind && frto_sends_new(c)) {
        what = choose_fresh(t, c, path);
        if (!what.kind && c->snd.nxt == c->busy->recovery.point)
            frto_give_up(c);
    }
    if (!what.kind && !frto_sends_new(c))
        what = choose_again(t, c, path);
    if (!what.kind && may_send)
        what = choose_fresh(t, c, path);
    return what;
}

/* Decides what the next segment is, in order of priority. */
static struct choice choose(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path)
{
    if (c->reset_pending)
        return (struct choice){.kind = SEND_RESET, .reason = RILL_REASON_ABORT};
    if (c->dead)
        return (struct choice){.kind = SEND_NOTHING};
    if (c->snd.nxt == 0 && c->snd.end)
        return choose_syn(t, c, path);
    if (ecn_acks_apart(c)) /* RFC 9293 3.10.2: a segment with text or FIN acknowledges RCV.NXT */
        return (struct choice){.kind = SEND_ACK, .reason = RILL_REASON_ACK_NOW};
    struct choice range = choose_range(t, c, path);
    if (range.kind)
        return range;
    if (c->probe_pending)
        return (struct choice){.kind = SEND_PROBE, .reason = RILL_REASON_WINDOW_PROBE};
    if (c->acks_pending)
        return (struct choice){.kind = SEND_ACK, .reason = c->ack_reason};
    if (c->window_update_pending && text_window_edge(t, c) > c->rcv.edge)
        return (struct choice){.kind = SEND_ACK, .reason = RILL_REASON_WINDOW_UPDATE};
    return (struct choice){.kind = SEND_NOTHING};
}

/* Every segment carries the acknowledgement. */
static void settle_acks(struct tcp_conn *c)
{
    c->rcv.acked = ecn_ack(c);
    if (c->acks_pending)
        c->acks_pending--;
    if (ecn_acked(c))
        c->acks_pending = max_of(c->acks_pending, 1);
    c->probe_pending = c->window_update_pending = false;
}

/* Nothing to send: leaves the list; code that changes this puts it back. If data waits for the
 * window, probing starts. */
static void stop_sending(struct tcp *t, struct tcp_conn *c)
{
    conn_stop_sending(t, c);
    if (c->dead)
        return;
    if (c->snd.una == c->snd.nxt && c->snd.nxt < conn_send_limit(c) && c->timer != TIMER_PERSIST)
        timer_restart(t, c);
    if (t->check)
        tcp_check(t, c);
}

static bool conn_output(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path,
                        struct tcp_emission *out)
{
    if (!c->dead && conn_state(c) != RILL_TCP_SYN_SENT)
        update_mss(t, c, path);
    struct choice what = choose(t, c, path);
    if (what.kind == SEND_NOTHING) {
        stop_sending(t, c);
        return false;
    }
    emit(t, c, &what, path, out);
    out->tos |= c->sender.tos & (uint8_t)~ECN_MASK;
    out->ttl = c->sender.ttl;
    out->discovery = (uint8_t)conn_discovery(c);
    settle_acks(c);
    stats_out(t, c, out, what.kind == SEND_AGAIN);
    if (progress_sent(t, c))
        conn_wake_owner(t, c, EVENT_STATE);
    tracepoint_segment_out(t, &c->sender.head, out, what.reason, !path->gso_max);
    if (what.kind == SEND_RESET || burst_ends_turn(c, path, out->length))
        list_remove(&c->sender.node); /* to the end of the list, so that others get their turn */
    if (what.kind != SEND_RESET)
        conn_update_sending(t, c);
    else if (c->orphan)
        conn_free(t, c);
    return true;
}

bool tcp_output(struct tcp *t, struct sender *s, const struct tcp_path *path,
                struct tcp_emission *out)
{
    *out = (struct tcp_emission){0};
    bool sent = true;
    if (s->head.kind == HEAD_SYN) {
        syn_output(t, (struct tcp_syn *)s, path, out);
        tracepoint_segment_out(t, &s->head, out, RILL_REASON_SYN, false);
    } else {
        sent = conn_output(t, conn_of(&s->head), path, out);
    }
    if (sent)
        t->counters->value[RILL_TcpOutSegs] += emission_segments(out);
    return sent;
}
