#include "tcp/emit.h"

#include "tcp/buffer.h"
#include "tcp/burst.h"
#include "tcp/cwnd.h"
#include "tcp/ecn.h"
#include "tcp/fastopen_active.h"
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/option.h"
#include "tcp/pace.h"
#include "tcp/recovery.h"
#include "tcp/text.h"
#include "tcp/timer.h"
#include "tcp/tlp.h"
#include "tcp/urgent.h"

/* The window field, relative to `ack`; it also sets the new right edge. Rounded up, so that scaling
 * never seems to move the edge back (RFC 7323 2.4), unless that would offer more than the buffer
 * and one step. */
static uint16_t offer_window(const struct tcp *t, struct tcp_conn *c, position ack)
{
    position unit = (position)1 << c->rcv_scale;
    position edge = max_of(text_window_edge(t, c), c->rcv.nxt);
    position units = (edge - ack + unit - 1) >> c->rcv_scale;
    if (ack + units * unit > edge &&
        ack + units * unit > c->rcv.read + tcp_receive_buffer(t, c) + unit)
        units = (edge - ack) >> c->rcv_scale;
    units = min_of(units, UINT16_MAX);
    c->rcv.edge = max_of(c->rcv.edge, ack + units * unit);
    return (uint16_t)units;
}

/* The text that has come out of order, and the FIN, which has a sequence number, too: without it
 * the peer could not tell that its last segment has come. */
static unsigned name_received(const struct tcp_conn *c, struct range *r, unsigned max)
{
    const struct tcp_busy *b = c->busy;
    struct range fin = {b->fin_at, b->fin_at + 1};
    bool alone = option_fin_stands_alone(c), newest = alone && b->fin_newest;
    unsigned n = 0;
    if (newest && n < max) /* RFC 2018 4: what caused this ACK comes first */
        r[n++] = fin;
    n += ranges_recent(&b->beyond, r + n, max - n);
    for (unsigned i = 0; i < n; i++)
        r[i].to += r[i].to == fin.from;
    if (alone && !newest && n < max)
        r[n++] = fin;
    return n;
}

static void write_sack(struct tcp_conn *c, unsigned blocks, struct tcp_options *o)
{
    struct range r[TCP_SACK_MAX];
    unsigned n = 0;
    if (!blocks)
        return;
    struct range *d = &c->busy->duplicate;
    if (d->to > d->from) /* D-SACK comes first, and once: RFC 2883 4 */
        r[n++] = *d;
    *d = (struct range){0, 0};
    n += name_received(c, r + n, blocks - n);
    for (unsigned i = 0; i < n; i++)
        o->sack[i] =
            (struct tcp_sack_block){seq_wrap(r[i].from, c->irs), seq_wrap(r[i].to, c->irs)};
    o->sack_count = (uint8_t)n;
}

static void write_options(struct tcp *t, struct tcp_conn *c, uint32_t segment_max,
                          struct tcp_options *o)
{
    o->has_timestamps = c->timestamps;
    o->timestamp_value = option_timestamp(t, c->ts_offset);
    o->timestamp_echo = c->ts_recent;
    struct option_plan plan = option_plan(t, c, segment_max);
    if (plan.ecn_fields != ACCECN_NO_OPTION)
        accecn_write_option(t, c, plan.ecn_fields, o);
    write_sack(c, plan.sack_blocks, o);
}

/* Ports, sequence numbers, ACK, window (no MSS: MUST-65): common to all segments of a synchronized
 * connection. */
static void write_header(struct tcp *t, struct tcp_conn *c, position seq,
                         const struct tcp_path *path, struct tcp_emission *out)
{
    const struct flow *f = &c->sender.head.flow;
    struct tcp_header *h = &out->header; /* all zero until here */
    h->source = f->local_port;
    h->destination = f->remote_port;
    h->seq = seq_wrap(seq, c->iss);
    h->ack = seq_wrap(ecn_ack(c), c->irs);
    h->flags = TCP_ACK | ecn_flags(c);
    h->window = offer_window(t, c, ecn_ack(c));
    write_options(t, c, path->segment_max, &h->options);
    urgent_write(c, seq, h);
}

static uint16_t syn_flags(const struct tcp *t, struct tcp_conn *c, bool answer)
{
    if (answer)
        return TCP_SYN | TCP_ACK | ecn_syn_ack_flags(c);
    return TCP_SYN | ecn_syn_flags(t, c);
}

/* Never scaled. A SYN-ACK offers the first window, less the text taken from the SYN. */
static uint16_t offer_syn_window(const struct tcp *t, struct tcp_conn *c)
{
    position window = buffer_first_window(t, conn_buffers(c));
    if (c->rcv.nxt) {
        position held = conn_read_limit(c) - c->rcv.read;
        window = min_of(window, max_of((position)tcp_receive_buffer(t, c) - held, 0));
        c->rcv.edge = max_of(c->rcv.edge, c->rcv.nxt + window);
    }
    return (uint16_t)window;
}

/* The SYN-ACK carries a new cookie, because the client's was made with the older key. */
static void write_fresh_cookie(const struct tcp *t, struct tcp_conn *c, struct tcp_options *o)
{
    const struct flow *f = &c->sender.head.flow;
    const struct tcp_listener *l = fast_open_listener(t, c);
    bool experimental = c->fast_open == FAST_OPEN_RENEWS_EXPERIMENTAL;
    bool renews = experimental || c->fast_open == FAST_OPEN_RENEWS;
    o->has_fast_open = renews && l;
    if (renews)
        c->fast_open = FAST_OPEN_PENDING;
    if (!o->has_fast_open)
        return;
    struct fast_open_keys keys = fast_open_keys_of(t, l);
    o->fast_open = fast_open_cookie(&keys.key[0], f->remote, f->local);
    o->fast_open.experimental = experimental;
}

/* The option, and the data of the SYN. A retransmitted SYN has neither. */
static void write_fast_open(struct tcp *t, struct tcp_conn *c, const struct choice *what,
                            struct tcp_emission *out)
{
    if (fast_open_is_pending(c)) {
        write_fresh_cookie(t, c, &out->header.options);
        return;
    }
    fast_open_write_syn(t, c, &out->header.options);
    out->length = (uint32_t)(what->to - 1);
    if (out->length)
        out->text_count = ring_peek(c->send_ring, 1, out->length, out->text);
}

/* SYN or SYN-ACK: what RFC 9293 3.7.1 (MUST-14, MUST-67, SHLD-5, MAY-3) and RFC 7323 2.2 offer. */
static void write_syn(struct tcp *t, struct tcp_conn *c, const struct choice *what,
                      const struct tcp_path *path, struct tcp_emission *out)
{
    bool answer = c->rcv.nxt > 0; /* the peer's SYN has arrived */
    const struct tcp_buffers *buffers = conn_buffers(c);
    uint16_t mss = (uint16_t)(path->port_segment_max - TCP_HEADER);
    if (!answer && what->kind == SEND_RANGE) /* only once: the peer may have received it */
        c->rcv_scale = option_scale(buffer_receive_max(t, buffers)) & 15u;
    struct option_offer offer = {
        .mss = !answer && c->peer_mss ? min_of(mss, c->peer_mss) : mss,
        .scale = c->rcv_scale,
        .window_scaling = answer ? c->window_scaling : t->config->window_scaling,
        .timestamps = answer ? c->timestamps : t->config->timestamps,
        .sack = answer ? c->sack : t->config->sack,
        .order = t->config->syn_order,
        .timestamp_value = option_timestamp(t, c->ts_offset),
        .timestamp_echo = answer ? c->ts_recent : 0,
    };
    const struct flow *f = &c->sender.head.flow;
    out->header = (struct tcp_header){
        .source = f->local_port,
        .destination = f->remote_port,
        .seq = c->iss,
        .flags = syn_flags(t, c, answer),
        .window = offer_syn_window(t, c),
    };
    if (answer)
        out->header.ack = seq_wrap(c->rcv.nxt, c->irs);
    option_write_syn(&out->header.options, &offer);
    if (what->kind == SEND_RANGE) /* RFC 7413 4.2.1: a SYN that goes again asks for nothing */
        write_fast_open(t, c, what, out);
    if (answer && conn_accurate(c) && !c->backoff)
        accecn_write_syn_ack(t, &out->header.options);
}

/* RFC 3168 6.1.2: new text may be marked by routers, and carries CWR once after cwnd was reduced.
 * In accurate ECN this flag is part of a counter. */
static void mark_capable(struct tcp_conn *c, const struct choice *what, struct tcp_emission *out)
{
    bool fresh = what->kind == SEND_RANGE && what->from && out->length;
    out->tos = ecn_codepoint(c, out->header.flags, fresh);
    if (!c->ecn || !fresh || conn_accurate(c))
        return;
    out->header.flags |= c->cwr_pending ? TCP_CWR : 0;
    c->cwr_pending = false;
}

/* No earlier segment of its burst is retransmitted together with it. */
static bool goes_alone(const struct tcp *t, struct tcp_conn *c, uint32_t record)
{
    return record == 0 || flight_at(&c->flight, record - 1)->sent_at < t->now;
}

/* The first part of a split record has no PSH. */
static bool is_pushed(const struct tcp *t, struct tcp_conn *c, const struct choice *what,
                      position text_to)
{
    bool again = what->kind == SEND_AGAIN;
    uint32_t last = again ? what->record : flight_count(&c->flight) - 1;
    const struct flight_record *f = flight_at(&c->flight, last);
    return burst_ends_written(c, text_to) || f->pushed ||
           (f->closes && !(again && goes_alone(t, c, last)));
}

/* The text of each segment that the range is cut into. A path MTU probe is one long segment. */
static uint32_t cut_of(const struct tcp_conn *c, const struct choice *what)
{
    return what->reason == RILL_REASON_MTU_PROBE ? (uint32_t)(what->to - what->from) : c->mss;
}

/* The range as a segment: text from the ring, and FIN if the range ends behind the text. */
static void write_range(struct tcp *t, struct tcp_conn *c, const struct choice *what,
                        const struct tcp_path *path, struct tcp_emission *out)
{
    write_header(t, c, what->from, path, out);
    position text_to = min_of(what->to, c->snd.end);
    if (text_to > what->from) {
        out->length = (uint32_t)(text_to - what->from);
        out->text_count = ring_peek(c->send_ring, what->from, out->length, out->text);
        out->gso_size = out->length > cut_of(c, what) ? c->mss : 0;
        if (is_pushed(t, c, what, text_to))
            out->header.flags |= TCP_PSH;
    }
    if (what->to > c->snd.end)
        out->header.flags |= TCP_FIN;
}

/* Adds one record for each segment of a range that is sent for the first time; returns the index of
 * the first. `choose` has reserved room for the first one; if memory for more is missing, the range
 * ends earlier. */
static uint32_t note_flight(struct tcp *t, struct tcp_conn *c, struct choice *what)
{
    uint32_t first = flight_count(&c->flight);
    position at = what->from;
    uint32_t cut = cut_of(c, what);
    while (at < what->to) {
        position text = min_of(at + cut, min_of(what->to, c->snd.end));
        bool whole = at == 0 || what->to - text <= 1; /* a FIN is sent with the last text */
        position to = whole ? what->to : text;
        struct flight_record r = {.from = at,
                                  .length = (uint32_t)(to - at),
                                  .pushed = burst_pushes(c, text),
                                  .closes = burst_closes(c, text),
                                  .sent_at = t->now};
        if (!flight_append(&c->flight, t->memory, &r))
            break;
        at = to;
        if (r.pushed || r.closes) { /* PSH ends a train: it can only be on the last segment */
            burst_pushed(c, text);
            break;
        }
    }
    assert(at > what->from);
    what->to = at;
    return first;
}

static void emit_new(struct tcp *t, struct tcp_conn *c, struct choice *what)
{
    uint32_t cut = cut_of(c, what);
    if (c->snd.una == c->snd.nxt && what->from)
        cwnd_resumed(t, c);
    uint32_t first = note_flight(t, c, what);
    c->snd.nxt = what->to;
    recovery_sent(t, c,
                  &(struct departure){.index = first,
                                      .count = flight_count(&c->flight) - first,
                                      .bytes = (uint32_t)(what->to - what->from)});
    if (buffer_unsent_mark(t, c)) /* unsent data may be below the mark now */
        conn_wake_owner(t, c, EVENT_WRITABLE);
    if (c->busy && what->from && (what->to - what->from) % cut)
        c->busy->short_to = what->to;
    if (what->to > 1 && t->now < c->ack_at && c->ack_at != RILL_NEVER)
        c->interactive = true;
    cwnd_sent(t, c);
}

static void emit_again(struct tcp *t, struct tcp_conn *c, const struct choice *what)
{
    flight_set_resent(&c->flight, what->record, t->now);
    recovery_sent(t, c,
                  &(struct departure){.index = what->record,
                                      .count = 1,
                                      .bytes = (uint32_t)(what->to - what->from),
                                      .again = true,
                                      .probe = what->reason == RILL_REASON_LOSS_PROBE});
    c->total_retransmits++;
    t->counters->value[RILL_TcpRetransSegs]++;
}

static bool is_watched(const struct tcp_conn *c)
{
    return c->timer == TIMER_RETRANSMIT || c->timer == TIMER_REORDER || c->timer == TIMER_PROBE;
}

/* Not the timer's own retransmission, whose wait has begun already. */
static bool repairs_oldest(const struct tcp_conn *c, const struct choice *what)
{
    return what->kind == SEND_AGAIN && what->record == 0 &&
           (what->reason == RILL_REASON_RETRANSMIT_FAST ||
            what->reason == RILL_REASON_RETRANSMIT_RACK ||
            (what->reason == RILL_REASON_RETRANSMIT_TIMEOUT && !c->unanswered));
}

/* RFC 6298 5.1: data in flight has a running timer. RFC 6675 6: the repair of the oldest segment
 * restarts it. RFC 8985 7.2: each new segment restarts the wait of the loss probe. */
static void watch_flight(struct tcp *t, struct tcp_conn *c, const struct choice *what)
{
    if (what->reason == RILL_REASON_LOSS_PROBE)
        tlp_sent(t, c, c->snd.nxt, what->kind == SEND_AGAIN);
    if (!is_watched(c) || repairs_oldest(c, what))
        timer_restart(t, c);
    else if (what->kind == SEND_RANGE)
        timer_watch(t, c);
}

static void emit_range(struct tcp *t, struct tcp_conn *c, struct choice *what,
                       const struct tcp_path *path, struct tcp_emission *out)
{
    if (what->kind == SEND_AGAIN)
        emit_again(t, c, what);
    else
        emit_new(t, c, what);
    if (what->reason == RILL_REASON_MTU_PROBE)
        mtu_sent(c, what->from, what->to);
    if (what->from == 0)
        write_syn(t, c, what, path, out);
    else
        write_range(t, c, what, path, out);
    pace_sent(t, c, out->length);
    watch_flight(t, c, what);
}

/* RFC 9293 EV-60 and 3.10.7.1; with ACK, as in Linux. Then the connection has nothing left to
 * send. */
static void emit_reset(struct tcp *t, struct tcp_conn *c, const struct tcp_path *path,
                       struct tcp_emission *out)
{
    write_header(t, c, c->snd.nxt, path, out);
    out->header.flags = TCP_RST | TCP_ACK;
    out->header.urgent = 0;
    out->header.options.sack_count = 0;
    out->header.options.has_accurate_ecn = false;
    c->reset_pending = false;
    t->counters->value[RILL_TcpOutRsts]++;
}

static void write_segment(struct tcp *t, struct tcp_conn *c, struct choice *what,
                          const struct tcp_path *path, struct tcp_emission *out)
{
    switch (what->kind) {
    case SEND_RANGE:
    case SEND_AGAIN:
        emit_range(t, c, what, path, out);
        return;
    case SEND_ACK:
        write_header(t, c, c->snd.nxt, path, out);
        return;
    case SEND_PROBE: /* MUST-36, SHLD-12: empty, one before SND.UNA: the peer must answer */
        write_header(t, c, c->snd.una - 1, path, out);
        return;
    case SEND_RESET:
        emit_reset(t, c, path, out);
        return;
    case SEND_NOTHING:
        assert(false);
    }
}

void emit(struct tcp *t, struct tcp_conn *c, struct choice *what, const struct tcp_path *path,
          struct tcp_emission *out)
{
    write_segment(t, c, what, path, out);
    mark_capable(c, what, out);
}
