/* SEGMENT ARRIVES (RFC 9293 3.10.7). The parents here keep every branch and every state change in
 * the RFC's order; what each step computes stands in its own file. EV-n: the RFC's events, numbered
 * in tests/conformance/rfc9293.tsv. */
#include "tcp/accecn.h"
#include "tcp/ack.h"
#include "tcp/check.h"
#include "tcp/cookie.h"
#include "tcp/ecn.h"
#include "tcp/fastopen_active.h"
#include "tcp/life.h"
#include "tcp/listen.h"
#include "tcp/mtu.h"
#include "tcp/option.h"
#include "tcp/reset.h"
#include "tcp/share.h"
#include "tcp/state.h"
#include "tcp/stats.h"
#include "tcp/syn.h"
#include "tcp/synsent.h"
#include "tcp/tcp.h"
#include "tcp/text.h"
#include "tcp/timer.h"
#include "tcp/timewait.h"
#include "tcp/tracepoint.h"
#include "tcp/urgent.h"
#include "wire/ip4.h"

#include <errno.h>

static struct segment segment_of(const struct tcp_conn *c, const struct tcp_arrival *in)
{
    const struct tcp_header *h = in->header;
    position seq = seq_unwrap(h->seq, c->irs, c->rcv.nxt);
    return (struct segment){
        .header = h,
        .seq = seq,
        .ack = seq_unwrap(h->ack, c->iss, c->snd.una),
        .from = seq + ((h->flags & TCP_SYN) != 0),
        .text = in->text,
        .window = (uint32_t)h->window << /* 32 bits, never negative: MUST-1, REC-1 */
                  (h->flags & TCP_SYN ? 0 : c->snd_scale),
        .fin = h->flags & TCP_FIN,
        .port = in->port,
        .ecn = in->ecn,
        .joined = in->joined,
        .largest = in->port_segment_max - TCP_HEADER,
    };
}

/* RFC 9293 3.10.7.4, first, the four cases of the table. If the window is closed, a segment at
 * RCV.NXT is acceptable for its ACK, URG and RST (EV-17, MUST-66): trim removes its text.
 * DEVIATION: an empty segment exactly at the right edge is accepted, too, because a peer that has
 * filled the window beyond a hole sends its ACKs from there. */
static bool acceptable(const struct tcp_conn *c, const struct segment *s)
{
    uint32_t length = segment_length(s);
    if (length == 0 || segment_has(s, TCP_RST)) /* the text of an RST is ignored: SHLD-2 */
        return s->seq >= c->rcv.nxt && s->seq <= c->rcv.edge;
    if (c->rcv.nxt == c->rcv.edge && s->seq == c->rcv.nxt)
        return true;
    return s->seq < c->rcv.edge && s->seq + length > c->rcv.nxt;
}

/* Only text that is new and inside the window is used (EV-19):
 *
 *        from            rcv.nxt              rcv.edge          to
 *         |== old ==========|== taken ===========|== cut =========|FIN
 */
static void trim(const struct tcp_conn *c, struct segment *s)
{
    position to = s->from + (position)s->text.length;
    bool bare_fin =
        s->text.length == 0 && to == c->rcv.nxt; /* needs no room: taken at a closed window too */
    if (to < c->rcv.nxt || (to >= c->rcv.edge && !bare_fin))
        s->fin = false;
    if (to > c->rcv.edge)
        s->text = span_first(s->text, (size_t)max_of(c->rcv.edge - s->from, 0));
    if (s->from < c->rcv.nxt) {
        size_t old = min_of((size_t)(c->rcv.nxt - s->from), s->text.length);
        s->text = span_skip(s->text, old);
        s->from += (position)old;
    }
}

/* The segment has failed the first check, or is too old for PAWS (RFC 7323 5.3 R1). An ACK tells
 * the peer our RCV.NXT (EV-15) and, as in Linux, reports a duplicate; an RST gets no answer
 * (EV-16). Empty segments get two answers in a second, so that two confused ends cannot keep each
 * other busy. */
static void refuse(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    if (segment_has(s, TCP_RST))
        return;
    if (s->from < c->rcv.nxt)
        text_note_duplicate(t, c, s);
    bool probe = s->seq == c->rcv.nxt - 1; /* a zero-window or keep-alive probe: always answered */
    if (!segment_length(s) && !probe && !reset_may_answer(t, &c->sender.head.flow))
        return;
    if (c->sack) /* one ACK, with the D-SACK, is enough */
        c->acks_pending = 0;
    conn_schedule_ack(t, c, RILL_REASON_ACK_DUPLICATE);
}

/* Second: RFC 5961 3.2 and EV-20 to EV-24. */
static enum rill_drop take_reset(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    if (s->seq != c->rcv.nxt) {
        conn_challenge(t, c); /* in the window but not exact: EV-21 */
        return RILL_DROP_TCP_RST;
    }
    enum rill_tcp_state state = conn_state(c);
    int error = ECONNRESET;
    if (state == RILL_TCP_SYN_RECEIVED && !fast_open_is_pending(c))
        error = ECONNREFUSED;
    else if (state == RILL_TCP_CLOSING || state == RILL_TCP_LAST_ACK)
        error = 0; /* EV-22: both sides had closed */
    else if (state == RILL_TCP_CLOSE_WAIT)
        error = EPIPE; /* as in Linux: the peer's FIN had arrived */
    enum rill_counter counted =
        state == RILL_TCP_SYN_RECEIVED ? RILL_TcpAttemptFails : RILL_TcpEstabResets;
    t->counters->value[counted]++;
    conn_end(t, c, RILL_REASON_RESET, error);
    return RILL_DROP_NONE;
}

/* SYN_RECEIVED, our SYN acknowledged (EV-29). */
static void establish(struct tcp *t, struct tcp_conn *c)
{
    tcp_set_state(t, &c->sender.head, RILL_TCP_ESTABLISHED, RILL_REASON_SEGMENT);
    share_start(t, c);
    mtu_start(t, c);
    if (c->rcv.acked == 0) /* two SYNs have crossed, and the peer's SYN-ACK came before ours left */
        conn_schedule_ack(t, c, RILL_REASON_ACK_NOW);
    if (c->unaccepted && !c->fast_open)
        listen_enqueue(t, c);                /* with Fast Open this was done at the SYN */
    fast_open_repeat_text(t, c);             /* two SYNs have crossed, and ours carried text */
    timer_arm(t, &c->sender, timer_next(c)); /* keep-alive begins here */
    conn_wake_owner(t, c, EVENT_STATE);
}

/* EV-35. True: the connection has ended, because the application does not want to wait for the
 * peer's FIN (TCP_LINGER2). The peer gets the RST of a connection that does not exist. */
static bool enter_fin_wait_2(struct tcp *t, struct tcp_conn *c, const struct tcp_arrival *in,
                             struct tcp_reply *reply)
{
    tcp_set_state(t, &c->sender.head, RILL_TCP_FIN_WAIT_2, RILL_REASON_SEGMENT);
    if (!conn_skips_fin_wait_2(c)) {
        timer_restart(t, c);
        if (c->orphan)
            conn_release_idle(t, c);
        return false;
    }
    t->counters->value[RILL_TcpExtTCPAbortOnLinger]++;
    reset_reply(t, in, reply);
    conn_end(t, c, RILL_REASON_ABORT, 0);
    return true;
}

/* Fifth, after the ACK was taken: changes the state. True: the connection has ended. */
static bool advance_state(struct tcp *t, struct tcp_conn *c, const struct tcp_arrival *in,
                          struct tcp_reply *reply)
{
    bool fin_acked = c->fin_queued && c->snd.una == conn_send_limit(c);
    switch (conn_state(c)) {
    case RILL_TCP_SYN_RECEIVED:
        establish(t, c);
        if (c->fin_queued) /* the application has closed already: EV-57 */
            tcp_set_state(t, &c->sender.head, RILL_TCP_FIN_WAIT_1, RILL_REASON_CALL);
        return false;
    case RILL_TCP_FIN_WAIT_1:
        return fin_acked && enter_fin_wait_2(t, c, in, reply);
    case RILL_TCP_CLOSING:
        if (fin_acked)
            timewait_enter(t, c, RILL_REASON_SEGMENT, c->acks_pending ? reply : NULL); /* EV-36 */
        return fin_acked;
    case RILL_TCP_LAST_ACK:
        if (fin_acked) {
            share_end(t, c);
            conn_end(t, c, RILL_REASON_SEGMENT, 0); /* EV-37 */
        }
        return fin_acked;
    default:
        return false;
    }
}

/* Eighth: the peer's FIN is next in order. */
static void take_fin(struct tcp *t, struct tcp_conn *c, struct tcp_reply *reply)
{
    c->fin_received = true;
    c->rcv.nxt++;
    c->rcv.edge = max_of(c->rcv.edge, c->rcv.nxt);
    text_forget_beyond(t, c);
    conn_wake_owner(t, c, EVENT_STATE);
    if (conn_state(c) == RILL_TCP_ESTABLISHED) {
        text_acknowledge_fin(t, c);
    } else {
        c->acks_pending = 0; /* RCV.NXT has moved: one ACK covers everything (MUST-58) */
        conn_schedule_ack(t, c, RILL_REASON_ACK_NOW);
    }
    switch (conn_state(c)) {
    case RILL_TCP_ESTABLISHED:
        tcp_set_state(t, &c->sender.head, RILL_TCP_CLOSE_WAIT, RILL_REASON_SEGMENT); /* EV-42 */
        return;
    case RILL_TCP_FIN_WAIT_1: /* our FIN is not acknowledged yet, or advance_state had left it:
                                 EV-44 */
        tcp_set_state(t, &c->sender.head, RILL_TCP_CLOSING, RILL_REASON_SEGMENT); /* EV-43 */
        return;
    case RILL_TCP_FIN_WAIT_2:
        timewait_enter(t, c, RILL_REASON_SEGMENT, reply); /* EV-45 */
        return;
    default:
        assert(false); /* text_take passes on a FIN only in the states above */
    }
}

/* Data that no application will read (SHLD-3; RFC 2525 2.17): the application has closed, or has
 * shut down both directions. Then the connection is reset. */
static bool text_is_unwanted(const struct tcp_conn *c, const struct segment *s)
{
    bool new_text = s->text.length && s->from + (position)s->text.length > c->rcv.nxt;
    return new_text && c->fin_queued && (c->orphan || c->read_closed);
}

/* Two SYNs have crossed, and this segment answers ours: it repeats the peer's SYN (RFC 9293 figure
 * 8). */
static bool answers_crossed_syn(const struct tcp_conn *c, const struct segment *s)
{
    return conn_state(c) == RILL_TCP_SYN_RECEIVED && segment_has(s, TCP_SYN) && s->seq == 0;
}

/* The SYN that Fast Open took arrives again: our answer to it was lost, or is late. */
static bool repeats_taken_syn(const struct tcp_conn *c, const struct segment *s)
{
    return fast_open_is_pending(c) && segment_has(s, TCP_SYN) && s->seq == 0 &&
           !(s->header->flags & (TCP_ACK | TCP_RST));
}

/* The SYN-ACK, though it has arrived before: our answer to it was lost, or is late. */
static bool repeats_syn_ack(const struct segment *s)
{
    return s->seq == 0 && (s->header->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK);
}

/* Seventh and eighth. */
static enum rill_drop take_text(struct tcp *t, struct tcp_conn *c, struct segment *s,
                                struct tcp_reply *reply)
{
    enum rill_drop drop = text_take(t, c, s);
    if (drop == RILL_DROP_NONE && s->fin)
        take_fin(t, c, reply);
    return drop;
}

/* RFC 9293 3.10.7.4, from the fifth step on: takes an acceptable segment with an ACK. */
static enum rill_drop take_acceptable(struct tcp *t, struct tcp_conn *c, struct segment *s,
                                      const struct tcp_arrival *in, struct tcp_reply *reply)
{
    enum rill_drop drop = ack_take(t, c, s);
    if (drop)
        return drop;
    if (fast_open_is_pending(c) && c->snd.una)
        fast_open_settle(t, c, false);
    ecn_take(t, c, s);
    if (s->text.length && c->rcv.nxt == c->rcv.edge)
        conn_schedule_ack(t, c, RILL_REASON_ACK_DUPLICATE); /* EV-18: the window is closed */
    if (s->from < c->rcv.nxt)
        text_note_duplicate(t, c, s); /* before trim removes it: RFC 2883 4 */
    trim(c, s);
    option_take_timestamp(t, c, s);
    if (advance_state(t, c, in, reply))
        return RILL_DROP_NONE;
    if (text_is_unwanted(c, s)) {
        t->counters->value[RILL_TcpExtTCPAbortOnData]++;
        reset_reply(t, in, reply); /* as in Linux: as if there were no connection */
        conn_end(t, c, RILL_REASON_ABORT, ECONNRESET);
        return RILL_DROP_TCP_AFTER_CLOSE;
    }
    if (!state_can_receive(conn_state(c))) { /* EV-40, EV-46: acknowledged, ignored */
        if (segment_length(s))
            conn_schedule_ack(t, c, RILL_REASON_ACK_DUPLICATE);
        return s->text.length ? RILL_DROP_TCP_AFTER_CLOSE : RILL_DROP_NONE;
    }
    urgent_take(t, c, s); /* sixth */
    return take_text(t, c, s, reply);
}

/* Most segments are like this: next in order, completely inside the window, and without flags that
 * need attention. Only three steps of SEGMENT ARRIVES apply to them (Van Jacobson's header
 * prediction); the others would find nothing to do. */
static bool is_expected(const struct tcp_conn *c, const struct segment *s)
{
    return conn_state(c) == RILL_TCP_ESTABLISHED && !c->ecn && s->seq == c->rcv.nxt &&
           (s->header->flags & ~TCP_PSH) == TCP_ACK &&
           (position)s->text.length <= c->rcv.edge - c->rcv.nxt;
}

static enum rill_drop expected_arrives(struct tcp *t, struct tcp_conn *c, struct segment *s,
                                       struct tcp_reply *reply)
{
    enum rill_drop drop = ack_take(t, c, s); /* fifth */
    if (drop)
        return drop;
    option_take_timestamp(t, c, s);
    return take_text(t, c, s, reply);
}

/* RFC 9293 3.10.7.4, all states from SYN_RECEIVED on: decides whether the segment is acceptable. */
static enum rill_drop segment_arrives(struct tcp *t, struct tcp_conn *c, struct segment *s,
                                      const struct tcp_arrival *in, struct tcp_reply *reply)
{
    if (option_timestamp_missing(t, c->timestamps, s->header))
        return RILL_DROP_TCP_NO_TIMESTAMP;
    if (option_paws(t, c, s)) {
        t->counters->value[RILL_TcpExtPAWSEstab]++;
        refuse(t, c, s);
        return RILL_DROP_TCP_PAWS;
    }
    if (is_expected(c, s))
        return expected_arrives(t, c, s, reply);
    if (repeats_taken_syn(c, s)) {
        if (c->snd.nxt)
            flight_set_lost(&c->flight, 0);
        sender_join(t, &c->sender);
        return RILL_DROP_TCP_SYN_CHALLENGE;
    }
    bool crossed = answers_crossed_syn(c, s);
    if (conn_accurate(c) && !crossed && repeats_syn_ack(s))
        accecn_take_syn_again(c, s);
    if (!crossed && !acceptable(c, s)) { /* first */
        refuse(t, c, s);
        return RILL_DROP_TCP_SEQUENCE;
    }
    if (segment_has(s, TCP_RST)) /* second */
        return take_reset(t, c, s);
    if (segment_has(s, TCP_SYN) && !crossed) { /* fourth: RFC 5961 4.2, EV-26 */
        conn_challenge(t, c);
        return RILL_DROP_TCP_SYN_CHALLENGE;
    }
    if (!segment_has(s, TCP_ACK)) /* fifth: EV-28 */
        return RILL_DROP_TCP_NO_ACK;
    if (conn_state(c) == RILL_TCP_SYN_RECEIVED && (s->ack <= c->snd.una || s->ack > c->snd.nxt)) {
        reset_reply(t, in, reply); /* EV-30 */
        return RILL_DROP_TCP_ACK_FUTURE;
    }
    return take_acceptable(t, c, s, in, reply);
}

/* A segment for a connection: SYN_SENT uses raw sequence numbers, the later states use
 * positions. */
static enum rill_drop conn_arrives(struct tcp *t, struct tcp_conn *c, const struct tcp_arrival *in,
                                   struct tcp_reply *reply)
{
    if (c->keepalive) { /* MUST-26: any segment from the peer restarts the wait */
        c->extras->keepalive_at = t->now + c->extras->keepalive_idle;
        c->extras->keepalive_sent = 0;
    }
    stats_in(t, c, in);
    if (conn_state(c) == RILL_TCP_SYN_SENT)
        return synsent_arrives(t, c, in, reply);
    struct segment s = segment_of(c, in);
    return segment_arrives(t, c, &s, in, reply);
}

/* RFC 9293 MUST-57, MUST-63; RFC 1122 4.2.3.10; net has dropped martians already. */
static bool address_is_bad(const struct tcp_arrival *in)
{
    return in->to_group || !in->header->source || !in->header->destination;
}

/* The third ACK has created a connection, which processes this same segment. */
static enum rill_drop third_ack_arrives(struct tcp *t, struct tcp_conn *made,
                                        const struct tcp_arrival *in, struct tcp_reply *reply)
{
    enum rill_drop drop = conn_arrives(t, made, in, reply);
    assert(conn_state(made) != RILL_TCP_SYN_RECEIVED);
    return drop;
}

/* The flow has no entry: a listener accepts it, or the port is CLOSED. `beyond`: see syn_create. */
static enum rill_drop new_flow_arrives(struct tcp *t, const struct flow *f,
                                       const struct tcp_arrival *in, struct tcp_reply *reply,
                                       const seq32 *beyond)
{
    struct tcp_listener *l = listen_choose(t, f);
    if (!l) {
        reset_reply(t, in, reply); /* EV-1, EV-2 */
        return RILL_DROP_TCP_CLOSED;
    }
    bool may_be_third = (in->header->flags & (TCP_RST | TCP_SYN | TCP_ACK)) == TCP_ACK;
    if (!may_be_third || !cookie_is_awaited(t, l))
        return listen_arrives(t, l, in, reply, beyond);
    struct tcp_conn *made = NULL;
    enum rill_drop drop = cookie_arrives(t, l, in, reply, &made);
    return made ? third_ack_arrives(t, made, in, reply) : drop;
}

/* The third ACK of a SYN record. */
static enum rill_drop syn_record_arrives(struct tcp *t, struct tcp_syn *s,
                                         const struct tcp_arrival *in, struct tcp_reply *reply)
{
    struct tcp_conn *made = NULL;
    enum rill_drop drop = syn_arrives(t, s, in, reply, &made);
    return made ? third_ack_arrives(t, made, in, reply) : drop;
}

/* A SYN that is newer than all of the old connection ends TIME_WAIT and opens a new connection, if
 * there is a listener. */
static enum rill_drop time_wait_arrives(struct tcp *t, struct head *h, const struct tcp_arrival *in,
                                        struct tcp_reply *reply)
{
    seq32 beyond;
    bool heard = listen_find(t, in->destination, in->header->destination) != NULL;
    enum rill_drop drop = timewait_arrives(t, h, in, reply, heard ? &beyond : NULL);
    return h->in_table ? drop : new_flow_arrives(t, &h->flow, in, reply, &beyond);
}

/* Which entry of the flow table gets the segment. */
static enum rill_drop dispatch(struct tcp *t, const struct flow *f, const struct tcp_arrival *in,
                               struct tcp_reply *reply)
{
    head_ref ref = table_find(&t->table, f);
    if (!ref)
        return new_flow_arrives(t, f, in, reply, NULL);
    table_expect(&t->table, ref);
    struct head *h = table_at(&t->table, ref);
    if (h->kind == HEAD_CONNECTION)
        return conn_arrives(t, conn_of(h), in, reply);
    if (h->kind == HEAD_SYN)
        return syn_record_arrives(t, (struct tcp_syn *)h, in, reply);
    if (h->kind == HEAD_TIME_WAIT)
        return time_wait_arrives(t, h, in, reply);
    return RILL_DROP_TCP_ADDRESS; /* a listener's remote port is 0: address_is_bad */
}

/* The state of the flow's entry; LISTEN if a listener would accept it. */
static enum rill_tcp_state flow_state(const struct tcp *t, const struct flow *f)
{
    head_ref ref = table_find(&t->table, f);
    if (ref)
        return table_at(&t->table, ref)->state;
    return listen_find(t, f->local, f->local_port) ? RILL_TCP_LISTEN : RILL_TCP_CLOSED;
}

/* Completes the trace record with the outcome. */
static void trace_taken(struct tcp *t, struct rill_trace_record *r, const struct flow *f,
                        enum rill_tcp_state before, enum rill_drop drop, struct tcp_reply *reply)
{
    enum rill_tcp_state after = flow_state(t, f);
    if (after == RILL_TCP_LISTEN && before != RILL_TCP_LISTEN)
        after = RILL_TCP_CLOSED; /* the connection has ended; LISTEN is its listener's state */
    tracepoint_segment_taken(t, r, f, after, drop);
    reply->state = (uint8_t)after;
}

static void check_flow(const struct tcp *t, const struct flow *f)
{
    head_ref ref = table_find(&t->table, f);
    if (ref && ref_kind(ref) == HEAD_CONNECTION)
        tcp_check(t, conn_of(table_at(&t->table, ref)));
}

enum rill_drop tcp_input(struct tcp *t, const struct tcp_arrival *in, struct tcp_reply *reply)
{
    reply->pending = false; /* a function that replies sets all of its fields */
    t->counters->value[RILL_TcpInSegs]++;
    if (address_is_bad(in))
        return RILL_DROP_TCP_ADDRESS;
    struct flow f = {in->destination, in->source, in->header->destination, in->header->source};
    bool traced = trace_on(t->trace);
    enum rill_tcp_state before = traced ? flow_state(t, &f) : RILL_TCP_CLOSED;
    struct rill_trace_record *r = traced ? tracepoint_segment_in(t, &f, before, in) : NULL;
    enum rill_drop drop = dispatch(t, &f, in, reply);
    if (traced)
        trace_taken(t, r, &f, before, drop, reply);
    if (t->check)
        check_flow(t, &f);
    return drop;
}
