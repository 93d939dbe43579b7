#include "tcp/text.h"

#include "tcp/accecn.h"
#include "tcp/buffer.h"
#include "tcp/life.h"
#include "tcp/stats.h"
#include "tcp/timer.h"
#include "tcp/tuning.h"

#define MSS_MIN 536u /* smaller segments may be keystrokes, not a limit of the peer */

uint32_t text_peer_mss(const struct tcp_conn *c)
{
    return max_of(c->rcv_mss, MSS_MIN);
}

/* SHLD-18. In order: cumulatively (MUST-59). At once for the first segments of a stream, and for
 * more than one full segment (SHLD-19); otherwise within the delay. The delay timer always runs: if
 * our text is sent before it expires, that text is an answer. A conversation of questions and
 * answers needs no quick ACKs, because the answers carry them. */
static void acknowledge_in_order(struct tcp *t, struct tcp_conn *c, bool waits_already,
                                 uint32_t segments)
{
    bool several = c->rcv.nxt - c->rcv.acked > text_peer_mss(c);
    c->acks_pending = 0; /* this ACK covers those pending before */
    if (!waits_already || c->ack_at == RILL_NEVER)
        timer_ack(t, c, conn_ack_delay(t, c));
    if (several || (c->quick_acks && !c->interactive)) {
        if (c->quick_acks)
            c->quick_acks = (c->quick_acks - min_of(c->quick_acks, segments)) & 31u;
        conn_schedule_ack(t, c, RILL_REASON_ACK_NOW);
    }
}

void text_acknowledge_fin(struct tcp *t, struct tcp_conn *c)
{
    if (!t->config->delay_fin_ack) {
        c->acks_pending = 0;
        conn_schedule_ack(t, c, RILL_REASON_ACK_NOW);
        return;
    }
    c->interactive = true; /* the application's own FIN probably follows at once */
    if (c->busy) /* as in Linux: the FIN's ACK covers it, so the peer will not retransmit it */
        c->busy->duplicate = (struct range){0};
    acknowledge_in_order(t, c, c->rcv.acked < c->rcv.nxt - 1, 1);
}

/* The number of segments that the peer has sent. */
static uint32_t pieces_of(const struct segment *s)
{
    return tcp_pieces(s->text.length, s->joined);
}

/* MAY-13. Out of order: at once. Without SACK, the sender counts every duplicate ACK (RFC 5681
 * 4.2), so each segment that a device has joined gets one; with SACK, the last one is enough. */
static void acknowledge_out_of_order(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    t->counters->value[RILL_TcpExtTCPOFOQueue]++;
    stats_out_of_order(t, c);
    c->interactive = false;
    if (c->sack)
        c->acks_pending = 0;
    for (uint32_t i = c->sack ? 1 : min_of(pieces_of(s), ACKS_PENDING_MAX); i > 0; i--)
        conn_schedule_ack(t, c, RILL_REASON_ACK_DUPLICATE);
}

/* The FIN counts after all data before it has arrived; until then its position is stored. */
static void settle_fin(struct tcp_conn *c, struct segment *s)
{
    position fin_at = s->from + (position)s->text.length;
    if (s->fin && fin_at > c->rcv.nxt) {
        if (c->busy)
            c->busy->fin_at = fin_at;
        s->fin = false;
    }
    if (c->busy && c->busy->fin_at && c->busy->fin_at == c->rcv.nxt)
        s->fin = true;
}

/* The size of the peer's segments. If a device has joined them (a superframe), it reports the size;
 * without a report, no more is believed than our MSS option allows, which is the port's. The
 * segments that we send may be shorter: our path may be narrower than the peer's. */
static void note_size(struct tcp_conn *c, const struct segment *s)
{
    size_t length = min_of(s->text.length, s->joined ? s->joined : s->largest);
    c->rcv_mss = (uint16_t)max_of(c->rcv_mss, length);
}

/* RFC 2883 4: the first duplicate range of each segment; for several segments, those that touch. */
static void note_duplicate(struct tcp *t, struct tcp_conn *c, struct range r)
{
    if (!c->sack || r.from >= r.to || !conn_busy(t, c))
        return;
    struct range *d = &c->busy->duplicate;
    if (d->to == d->from)
        *d = r;
    else if (r.from <= d->to && r.to >= d->from)
        *d = (struct range){min_of(d->from, r.from), max_of(d->to, r.to)};
}

void text_note_duplicate(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    position to = s->from + (position)s->text.length + s->fin; /* the FIN as in Linux */
    struct range twice = {s->from, min_of(to, c->rcv.nxt)};
    if (conn_accurate(c))
        accecn_note_duplicate(c, twice);
    note_duplicate(t, c, twice);
}

/* EV-41. */
static enum rill_drop take_in_order(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    position to = s->from + (position)s->text.length;
    bool filled = c->busy && c->busy->beyond.count;
    bool waits_already = c->rcv.acked < c->rcv.nxt;
    if (c->busy)
        ring_expect(&t->rings, &c->receive_ring, c->rcv.read, c->busy->tuning.held);
    if (!buffer_may_hold(t, c, to) || !ring_reserve(&t->rings, &c->receive_ring, c->rcv.read, to))
        return RILL_DROP_TCP_MEMORY;
    ring_put(c->receive_ring, s->from, s->text);
    c->rcv.nxt = to;
    note_size(c, s);
    tuning_receive(t, c, s);
    if (filled) {
        note_duplicate(t, c, ranges_shared(&c->busy->beyond, (struct range){s->from, to}));
        c->rcv.nxt = ranges_reach(&c->busy->beyond, to);
        ranges_forget_below(&c->busy->beyond, t->memory, c->rcv.nxt);
        c->quick_acks =
            max_of(c->quick_acks, 1); /* RFC 5681 4.2: a segment that fills a gap, at once */
        c->interactive = false;
    }
    acknowledge_in_order(t, c, waits_already, pieces_of(s));
    conn_wake_owner(t, c, EVENT_READABLE);
    return RILL_DROP_NONE;
}

/* SHLD-31: text that arrives out of order is kept in its place. */
static enum rill_drop take_out_of_order(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    struct range r = {s->from, s->from + (position)s->text.length};
    struct tcp_busy *b = buffer_is_scarce(t) ? NULL : conn_busy(t, c);
    if (!b || !ring_reserve(&t->rings, &c->receive_ring, c->rcv.read, r.to))
        return RILL_DROP_TCP_MEMORY;
    struct range shared = ranges_shared(&b->beyond, r);
    if (!ranges_add(&b->beyond, t->memory, r))
        return RILL_DROP_TCP_MEMORY;
    b->fin_newest = false;
    note_duplicate(t, c, shared);
    ring_put(c->receive_ring, s->from, s->text);
    acknowledge_out_of_order(t, c, s);
    return RILL_DROP_NONE;
}

enum rill_drop text_take(struct tcp *t, struct tcp_conn *c, struct segment *s)
{
    if (s->text.length) {
        enum rill_drop drop =
            s->from == c->rcv.nxt ? take_in_order(t, c, s) : take_out_of_order(t, c, s);
        if (drop) {
            t->counters->value[RILL_TcpExtTCPRcvQDrop]++;
            return drop;
        }
    } else if (s->fin && s->from > c->rcv.nxt) {
        struct tcp_busy *b = conn_busy(t, c);
        if (b)
            b->fin_newest = true;
        acknowledge_out_of_order(t, c, s);
    }
    settle_fin(c, s);
    return RILL_DROP_NONE;
}

void text_forget_beyond(struct tcp *t, struct tcp_conn *c)
{
    if (c->busy) {
        ranges_clear(&c->busy->beyond, t->memory);
        c->busy->fin_at = 0;
        c->busy->fin_newest = false;
    }
    if (c->rcv.read == conn_read_limit(c))
        ring_release(&t->rings, &c->receive_ring);
}

bool text_take_with_syn(struct tcp *t, struct tcp_conn *c, const struct tcp_arrival *in)
{
    struct segment s = {.header = in->header,
                        .from = 1,
                        .text = span_first(in->text, (size_t)(c->rcv.edge - 1)),
                        .port = in->port};
    return s.text.length && text_take(t, c, &s) == RILL_DROP_NONE;
}

/* Rounds down to units of the window scale. If the whole buffer is less than a unit, one unit is
 * offered as soon as half of the buffer is free; otherwise the window would stay closed for
 * ever. */
static position whole_units(const struct tcp_conn *c, position room, position max)
{
    position unit = (position)1 << c->rcv_scale;
    if (max < unit)
        return 2 * room >= max ? unit : 0;
    return room & -unit;
}

/* MAY-8: text occupies the window until the application reads it. */
position text_window_edge(const struct tcp *t, const struct tcp_conn *c)
{
    position held = conn_read_limit(c) - c->rcv.read;
    uint32_t buffer = tcp_receive_buffer(t, c);
    position room = max_of((position)buffer - held, 0);
    position max = buffer_window_max(t, c, buffer);
    position field = (position)UINT16_MAX << c->rcv_scale;
    room = min_of(room, min_of(max, field));
    position edge = c->rcv.nxt + whole_units(c, room, max);
    position step = min_of(max / 2, (position)c->mss);
    /* MUST-39: the edge moves by a worthwhile step or not at all, and never left (SHLD-14) */
    return edge >= c->rcv.edge + step ? edge : c->rcv.edge;
}

bool text_window_update_due(const struct tcp *t, const struct tcp_conn *c)
{
    position left = c->rcv.edge - c->rcv.nxt;
    if (c->snd.una == 0) /* our SYN-ACK, which is not acknowledged yet, offers enough */
        return false;
    if (2 * left > (position)buffer_window_max(t, c, tcp_receive_buffer(t, c)))
        return false;
    position offer = text_window_edge(t, c) - c->rcv.nxt;
    return offer > left && offer >= 2 * left;
}
