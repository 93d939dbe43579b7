/* What a connection sends now (RFC 9293 3.8, 3.7; RFC 1122 4.2.3; RFC 5681). Output is pulled: it
 * looks at the state and builds at most one segment (or one superframe) at a time, with the
 * freshest acknowledgement and window. Sending and sending again are one path: a range of
 * positions, from which SYN, text and FIN follow.
 *
 * Who joins `sending`: whoever has new text or a FIN (call.c), owes an ACK (text.c, input.c) or a
 * window update (call.c), got an acknowledgement or a wider window (ack.c), changed what holds text
 * back (tcp_apply), whose timer ran out (expire.c), or who dies with an RST owed (conn.c). Joining
 * is a hint; what is sent is decided here. */
#include "tcp/check.h"
#include "tcp/life.h"
#include "tcp/listen.h"
#include "tcp/note.h"
#include "tcp/option.h"
#include "tcp/recovery.h"
#include "tcp/settings.h"
#include "tcp/state.h"
#include "tcp/tcp.h"
#include "tcp/text.h"
#include "tcp/timer.h"

/* What is to leave: positions [from, to), and why. */
struct choice {
    enum { SEND_NOTHING, SEND_RANGE, SEND_AGAIN, SEND_ACK, SEND_PROBE, SEND_RESET } what;
    position from, to;
    uint32_t record; /* of the flight, for SEND_AGAIN */
    enum rill_reason reason;
};

/* RFC 9293 3.7.1: Eff.snd.MSS = min(SendMSS + 20, MMS_S) - TCPhdrsize. */
static void update_mss(struct tcp_conn *c, const struct tcp_path *path)
{
    uint32_t segment = min_of(c->peer_mss + TCP_HEADER, path->segment_max);
    uint32_t options = c->timestamps ? OPTION_TIMESTAMP_BYTES : 0;
    if (c->busy && c->sack &&
        (c->busy->beyond.count || c->busy->duplicate.to > c->busy->duplicate.from))
        options = TCP_HEADER_MAX - TCP_HEADER; /* room for SACK blocks */
    c->mss = (uint16_t)(segment - TCP_HEADER - options);
}

/* One past the last position that the peer's window allows. */
static position window_end(const struct tcp_conn *c)
{
    return c->snd.una + c->snd.wnd;
}

/* May a segment leave that is not full? Nagle (SHLD-7) and the sender's silly window avoidance
 * (MUST-38). */
static bool may_send_short(const struct tcp_conn *c, position to)
{
    if (c->probe_owed) /* it has waited long enough: RFC 1122 4.2.3.4's override */
        return true;
    if (to < c->snd.end) /* the window cuts it */
        return to - c->snd.nxt >= (position)c->snd.wnd_max / 2;
    if (c->fin_queued)
        return true;
    return !c->cork && !c->more && (c->nodelay || c->snd.nxt == c->snd.una);
}

/* As much new text as window, cwnd and the device allow; whole segments, or a last short one. */
static struct choice choose_new(struct tcp_conn *c, const struct tcp_path *path)
{
    struct choice nothing = {.what = SEND_NOTHING};
    position limit = min_of(conn_send_limit(c), window_end(c));
    position room = limit - c->snd.nxt;
    if (room <= 0 || flight_count(&c->flight) >= FLIGHT_MAX)
        return nothing;
    uint32_t allowed = recovery_allowance(c), mss = c->mss;
    if (allowed < min_of((uint32_t)min_of(room, UINT32_MAX), mss)) {
        c->cwnd_limited = true;
        return nothing;
    }
    uint32_t most = max_of(path->gso_max / mss * mss, mss);
    uint32_t length = (uint32_t)min_of(room, (position)min_of(allowed, most));
    position to = c->snd.nxt + (length >= mss ? length - length % mss : length);
    if (to + 1 == conn_send_limit(c) && c->fin_queued && to < window_end(c))
        to++; /* the FIN goes along with the last text */
    if (length < mss && !may_send_short(c, to))
        return nothing;
    return (struct choice){SEND_RANGE, c->snd.nxt, to, 0, RILL_REASON_DATA};
}

/* The oldest lost record, if cwnd has room for it (the first of all always goes). */
static struct choice choose_again(struct tcp *t, struct tcp_conn *c)
{
    struct choice nothing = {.what = SEND_NOTHING};
    uint32_t i = flight_first_lost(&c->flight);
    if (i == flight_count(&c->flight))
        return nothing;
    struct flight_record *f = flight_at(&c->flight, i);
    if (f->length > c->mss &&
        state_is_synchronized(conn_state(c))) { /* the path has become narrower */
        if (!flight_split(&c->flight, t->memory, i, f->from + c->mss))
            return nothing;
        f = flight_at(&c->flight, i);
    }
    if (i > 0 && recovery_allowance(c) < f->length)
        return nothing;
    bool timeout = !c->busy || c->busy->recovery.state == RECOVERY_TIMEOUT;
    return (struct choice){SEND_AGAIN, f->from, f->from + f->length, i,
                           timeout ? RILL_REASON_RETRANSMIT_TIMEOUT : RILL_REASON_RETRANSMIT_FAST};
}

/* The one decision list. */
static struct choice choose(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path)
{
    enum rill_tcp_state state = conn_state(c);
    if (c->reset_owed)
        return (struct choice){.what = SEND_RESET, .reason = RILL_REASON_ABORT};
    if (c->dead)
        return (struct choice){.what = SEND_NOTHING};
    if (state == RILL_TCP_SYN_SENT && c->snd.nxt == 0)
        return (struct choice){SEND_RANGE, 0, 1, 0, RILL_REASON_SYN};
    struct choice again = choose_again(t, c);
    if (again.what)
        return again;
    if (state_is_synchronized(state)) {
        struct choice fresh = choose_new(c, path);
        if (fresh.what)
            return fresh;
    }
    if (c->probe_owed)
        return (struct choice){.what = SEND_PROBE, .reason = RILL_REASON_WINDOW_PROBE};
    if (c->ack_owed)
        return (struct choice){.what = SEND_ACK, .reason = c->ack_reason};
    if (c->window_owed && text_window_edge(t, c) > c->rcv.edge)
        return (struct choice){.what = SEND_ACK, .reason = RILL_REASON_WINDOW_UPDATE};
    return (struct choice){.what = SEND_NOTHING};
}

/* The window field, and with it the edge that is promised from now on. Rounded up, so that scaling
 * never seems to pull the edge back (RFC 7323 2.4), unless that would promise more than the buffer
 * and one step. */
static uint16_t offer_window(const struct tcp *t, struct tcp_conn *c)
{
    position unit = (position)1 << c->rcv_scale;
    position edge = max_of(text_window_edge(t, c), c->rcv.nxt);
    position units = (edge - c->rcv.nxt + unit - 1) / unit;
    if (c->rcv.nxt + units * unit > c->rcv.read + tcp_receive_buffer(t, c) + unit)
        units = (edge - c->rcv.nxt) / unit;
    units = min_of(units, UINT16_MAX);
    c->rcv.edge = max_of(c->rcv.edge, c->rcv.nxt + units * unit);
    return (uint16_t)units;
}

static void write_sack(struct tcp_conn *c, struct tcp_options *o)
{
    struct range r[TCP_SACK_MAX];
    unsigned n = 0, most = o->has_timestamps ? TCP_SACK_MAX - 1 : TCP_SACK_MAX;
    if (!c->sack || !c->busy)
        return;
    struct range *d = &c->busy->duplicate;
    if (d->to > d->from) /* D-SACK comes first, and once: RFC 2883 4 */
        r[n++] = *d;
    *d = (struct range){0, 0};
    n += ranges_recent(&c->busy->beyond, r + n, most - n);
    for (unsigned i = 0; i < n; i++)
        o->sack[i] =
            (struct tcp_sack_block){seq_wrap(r[i].from, c->irs), seq_wrap(r[i].to, c->irs)};
    o->sack_count = (uint8_t)n;
}

static void write_options(struct tcp *t, struct tcp_conn *c, struct tcp_options *o)
{
    o->has_timestamps = c->timestamps;
    o->timestamp_value = option_timestamp(t, c->ts_offset);
    o->timestamp_echo = c->ts_recent;
    write_sack(c, o);
}

/* Ports, numbers, ACK, window: what every segment of a synchronized connection says. */
static void write_header(struct tcp *t, struct tcp_conn *c, position seq, struct tcp_emission *out)
{
    const struct flow *f = &c->sender.head.flow;
    out->header = (struct tcp_header){
        .source = f->local_port,
        .destination = f->remote_port,
        .seq = seq_wrap(seq, c->iss),
        .ack = seq_wrap(c->rcv.nxt, c->irs),
        .flags = TCP_ACK,
        .window = offer_window(t, c),
    };
    write_options(t, c, &out->header.options);
}

/* SYN or SYN-ACK: the offer of RFC 9293 3.7.1 and RFC 7323 2.2; the window is never scaled. */
static void write_syn(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path,
                      struct tcp_emission *out)
{
    bool answer = conn_state(c) == RILL_TCP_SYN_RECEIVED;
    uint32_t buffer = tcp_receive_buffer(t, c);
    uint16_t mss = (uint16_t)(path->port_segment_max - TCP_HEADER);
    struct option_offer offer = {
        .mss = !answer && c->peer_mss ? min_of(mss, c->peer_mss) : mss,
        .scale = option_scale(buffer),
        .window_scaling = answer ? c->window_scaling : t->config->window_scaling,
        .timestamps = answer ? c->timestamps : t->config->timestamps,
        .sack = answer ? c->sack : t->config->sack,
        .timestamp_value = option_timestamp(t, c->ts_offset),
        .timestamp_echo = answer ? c->ts_recent : 0,
    };
    const struct flow *f = &c->sender.head.flow;
    out->header = (struct tcp_header){
        .source = f->local_port,
        .destination = f->remote_port,
        .seq = c->iss,
        .flags = TCP_SYN | (answer ? TCP_ACK : 0),
        .window = (uint16_t)min_of(buffer, UINT16_MAX),
    };
    if (answer)
        out->header.ack = seq_wrap(c->rcv.nxt, c->irs);
    option_write_syn(&out->header.options, &offer);
}

/* The range as a segment: text out of the ring, FIN where the range passes the end of it. */
static void write_range(struct tcp *t, struct tcp_conn *c, const struct choice *what,
                        struct tcp_emission *out)
{
    write_header(t, c, what->from, out);
    position text_to = min_of(what->to, c->snd.end);
    if (text_to > what->from) {
        out->length = (uint32_t)(text_to - what->from);
        out->text_count = ring_show(c->send_ring, what->from, out->length, out->text);
        out->gso_size = out->length > c->mss ? c->mss : 0;
        if (text_to == c->snd.end) /* the end of what was written: MUST-61 */
            out->header.flags |= TCP_PSH;
    }
    if (what->to > c->snd.end)
        out->header.flags |= TCP_FIN;
}

/* One record for each segment of a range that leaves for the first time. False: no memory for the
 * first of them. */
static bool note_flight(struct tcp *t, struct tcp_conn *c, struct choice *what)
{
    position at = what->from;
    while (at < what->to) {
        position text = min_of(at + c->mss, min_of(what->to, c->snd.end));
        position to = what->to - text <= 1 ? what->to : text; /* a FIN rides with the last text */
        if (to == at)
            to = what->to;
        struct flight_record r = {.from = at, .length = (uint32_t)(to - at), .sent_at = t->now};
        if (!flight_append(&c->flight, t->memory, &r))
            break;
        at = to;
    }
    what->to = at;
    return at > what->from;
}

static bool emit_range(struct tcp *t, struct tcp_conn *c, struct choice *what,
                       const struct tcp_path *path, struct tcp_emission *out)
{
    if (what->what == SEND_AGAIN) {
        flight_set_resent(&c->flight, what->record, t->now);
        t->counters->value[RILL_TcpRetransSegs]++;
    } else {
        if (!note_flight(
                t, c, what)) /* one is in flight already; the next goes when it is acknowledged */
            return false;
        c->snd.nxt = what->to;
    }
    if (what->from == 0)
        write_syn(t, c, path, out);
    else
        write_range(t, c, what, out);
    if (c->repair != REPAIR_RETRANSMIT) /* RFC 6298 5.1 */
        timer_restart(t, c);
    return true;
}

/* RFC 9293 EV-60 and 3.10.7.1; Linux acknowledges with it, and so do we. Then nothing is left to
 * say. */
static void emit_reset(struct tcp *t, struct tcp_conn *c, struct tcp_emission *out)
{
    write_header(t, c, c->snd.nxt, out);
    out->header.flags = TCP_RST | TCP_ACK;
    out->header.window = 0;
    out->header.options.sack_count = 0;
    c->reset_owed = false;
    t->counters->value[RILL_TcpOutRsts]++;
}

/* Fills in one choice. False: it came to nothing for want of memory. */
static bool emit(struct tcp *t, struct tcp_conn *c, struct choice *what,
                 const struct tcp_path *path, struct tcp_emission *out)
{
    switch (what->what) {
    case SEND_RANGE:
    case SEND_AGAIN:
        return emit_range(t, c, what, path, out);
    case SEND_ACK:
        write_header(t, c, c->snd.nxt, out);
        return true;
    case SEND_PROBE: /* one before SND.UNA and empty, as Linux and BSD keep-alives do: the peer must
                        answer it */
        write_header(t, c, c->snd.una - 1, out);
        return true;
    case SEND_RESET:
        emit_reset(t, c, out);
        return true;
    case SEND_NOTHING:
        return false;
    }
    return false;
}

/* Whatever left carried the acknowledgement. */
static void settle_acks(struct tcp_conn *c)
{
    c->rcv.acked = c->rcv.nxt;
    if (c->ack_owed)
        c->ack_owed--;
    c->probe_owed = c->window_owed = false;
    timer_stop_ack(c);
}

/* Nothing to say: it leaves the list; whoever changes that puts it back. What waits for the window
 * is probed. */
static void rest(struct tcp *t, struct tcp_conn *c)
{
    list_remove(&c->sender.node);
    if (c->dead)
        return;
    if (c->snd.una == c->snd.nxt && c->snd.nxt < conn_send_limit(c) && c->repair != REPAIR_PERSIST)
        timer_restart(t, c);
    if (t->check)
        tcp_check(t, c);
}

static bool conn_output(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path,
                        struct tcp_emission *out)
{
    if (!c->dead && conn_state(c) != RILL_TCP_SYN_SENT)
        update_mss(c, path);
    c->cwnd_limited = false;
    struct choice what = choose(t, c, path);
    if (what.what == SEND_NOTHING || !emit(t, c, &what, path, out)) {
        rest(t, c);
        return false;
    }
    out->tos = c->sender.tos;
    out->ttl = c->sender.ttl;
    settle_acks(c);
    note_out(t, &c->sender.head, out, what.reason);
    list_remove(&c->sender.node); /* to the tail, behind the others */
    if (what.what != SEND_RESET)
        sender_join(t, &c->sender);
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
        listen_output(t, (struct tcp_syn *)s, path, out);
        note_out(t, &s->head, out, RILL_REASON_SYN);
    } else {
        sent = conn_output(t, conn_of(&s->head), path, out);
    }
    t->counters->value[RILL_TcpOutSegs] += sent;
    return sent;
}
