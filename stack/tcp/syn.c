#include "tcp/syn.h"

#include "tcp/backlog.h"
#include "tcp/buffer.h"
#include "tcp/isn.h"
#include "tcp/life.h"
#include "tcp/option.h"
#include "tcp/reset.h"
#include "tcp/settings.h"
#include "tcp/state.h"
#include "tcp/stats.h"
#include "tcp/timer.h"
#include "wire/ip4.h"

static struct tcp_syn *syn_of(struct head *h)
{
    assert(h->kind == HEAD_SYN);
    return (struct tcp_syn *)h;
}

static struct tcp_listener *record_listener(const struct tcp *t, const struct tcp_syn *s)
{
    return listener_at(t, s->listener);
}

void syn_forget(struct tcp *t, struct tcp_syn *s, enum rill_reason why)
{
    tcp_set_state(t, &s->sender.head, RILL_TCP_CLOSED, why);
    record_listener(t, s)->syns--;
    list_remove(&s->sender.node);
    heap_remove(&t->timers, &s->sender.wake);
    table_remove(&t->table, &s->sender.head);
    table_put(&t->table, &s->sender.head);
}

/* Sets the timer for the current try. */
static void record_wait(struct tcp *t, struct tcp_syn *s)
{
    rill_time own = record_listener(t, s)->settings.maximum_rto;
    rill_time wait = rtt_wait_of_try(t->config, s->tries - 1u, own ? own : t->config->maximum_rto);
    heap_set(&t->timers, &s->sender.wake, t->now + wait);
}

/* Begins one more try, with twice the wait of the last. */
static void record_try(struct tcp *t, struct tcp_syn *s)
{
    s->tries++;
    record_wait(t, s);
}

/* Without cookies, and for a SYN that ends TIME_WAIT: during a flood, a randomly chosen record is
 * replaced. So an honest client's record probably survives the one round trip that it needs (RFC
 * 4987 3.4). */
static void evict_record(struct tcp *t)
{
    struct pool *p = &t->pool[HEAD_SYN];
    for (int tries = 0; tries < 64 && p->count == p->limit; tries++) {
        struct tcp_syn *s = pool_find(p, 1 + (uint32_t)random_below(&t->random, p->made));
        if (!s || !s->sender.head.in_table)
            continue;
        t->counters->value[RILL_TcpExtTCPReqQFullDrop]++;
        syn_forget(t, s, RILL_REASON_NONE);
    }
}

void syn_begin(const struct tcp *t, const struct tcp_listener *l, const struct tcp_arrival *in,
               struct tcp_syn *s)
{
    s->sender.head.flow =
        (struct flow){in->destination, in->source, in->header->destination, in->header->source};
    s->sender.head.port = in->port;
    s->sender.tos = l->settings.tos;
    s->sender.ttl = l->settings.ttl;
    s->rcv_scale = option_scale(buffer_receive_max(t, &l->settings.buffers)) & 15u;
    s->listener = l->ref;
}

void syn_read(const struct tcp *t, const struct tcp_listener *l, const struct tcp_arrival *in,
              struct tcp_syn *s)
{
    const struct tcp_header *h = in->header;
    struct negotiated n = option_negotiate(t, settings_cc(t, &l->settings), h);
    syn_begin(t, l, in, s);
    s->irs = h->seq;
    s->mss = n.mss;
    s->snd_scale = n.snd_scale & 15u;
    s->window_scaling = n.window_scaling;
    s->timestamps = n.timestamps;
    s->sack = n.sack;
    s->ecn = n.ecn;
    s->accurate = n.accurate;
    s->arrived = in->ecn & 3u;
    s->ts_recent = h->options.timestamp_value;
}

/* RFC 8257 3.4. */
uint8_t syn_tos(const struct tcp *t, const struct tcp_syn *s)
{
    const struct tcp_listener *l = record_listener(t, s);
    bool capable = s->ecn && settings_cc(t, &l->settings)->exact_ecn;
    return s->sender.tos | (capable ? ECN_ECT0 : 0);
}

static struct tcp_syn *record_new(struct tcp *t)
{
    if (!timer_reserve(t))
        return NULL;
    evict_record(t);
    struct head *h = table_get(&t->table, HEAD_SYN);
    return h ? syn_of(h) : NULL;
}

static seq32 record_isn(const struct tcp *t, const struct tcp_syn *s, const seq32 *beyond)
{
    seq32 iss = isn_choose(t, &s->sender.head.flow);
    if (beyond && !seq_after(iss.n, beyond->n))
        iss.n = beyond->n + UINT16_MAX + 2; /* MAY-2: beyond all numbers of the old connection */
    return iss;
}

/* DEVIATION: text on the SYN is not queued (except by Fast Open: fastopen_passive.c); it is not
 * acknowledged, so the peer sends it again. */
struct tcp_syn *syn_create(struct tcp *t, struct tcp_listener *l, const struct tcp_arrival *in,
                           const seq32 *beyond)
{
    struct tcp_syn *s = record_new(t);
    if (!s)
        return NULL;
    syn_read(t, l, in, s);
    s->iss = record_isn(t, s, beyond);
    l->syns++;
    table_insert(&t->table, &s->sender.head);
    tcp_inherit_state(&s->sender.head, &l->head); /* the listener itself stays in LISTEN */
    tcp_set_state(t, &s->sender.head, RILL_TCP_SYN_RECEIVED, RILL_REASON_SEGMENT);
    sender_join(t, &s->sender);
    return s;
}

/* Expiries of the timer. */
static unsigned record_timeouts(const struct tcp_syn *s)
{
    return s->tries ? s->tries - 1u : 0;
}

/* RFC 7413 4.2.1: only on the first SYN-ACK. If a middlebox drops it for the option, the second
 * passes. */
static void write_fast_open(const struct tcp *t, const struct tcp_syn *s, struct tcp_options *o)
{
    const struct flow *f = &s->sender.head.flow;
    struct fast_open_keys keys = fast_open_keys_of(t, record_listener(t, s));
    o->has_fast_open = s->fast_open_cookie && s->tries == 0;
    if (!o->has_fast_open)
        return;
    o->fast_open = fast_open_cookie(&keys.key[0], f->remote, f->local);
    o->fast_open.experimental = s->fast_open_experimental;
}

static uint16_t record_ecn_flags(const struct tcp_syn *s)
{
    if (s->accurate)
        return accecn_syn_ack_flags(s->arrived, record_timeouts(s));
    return s->ecn ? TCP_ECE : 0;
}

void syn_answer(const struct tcp *t, const struct tcp_syn *s, uint16_t segment_max,
                struct tcp_header *out)
{
    const struct flow *f = &s->sender.head.flow;
    const struct tcp_listener *l = record_listener(t, s);
    const struct tcp_buffers *buffers = &l->settings.buffers;
    uint16_t mss = (uint16_t)(segment_max - TCP_HEADER);
    struct option_offer offer = {
        .mss = l->settings.max_segment ? min_of(mss, l->settings.max_segment) : mss,
        .scale = s->rcv_scale,
        .window_scaling = s->window_scaling,
        .timestamps = s->timestamps,
        .sack = s->sack,
        .order = t->config->syn_order,
        .timestamp_value = option_timestamp(t, option_timestamp_offset(t, f)),
        .timestamp_echo = s->ts_recent,
    };
    *out = (struct tcp_header){
        .source = f->local_port,
        .destination = f->remote_port,
        .seq = s->iss,
        .ack = {s->irs.n + 1},
        .flags = TCP_SYN | TCP_ACK | record_ecn_flags(s),
        .window = buffer_first_window(t, buffers),
    };
    option_write_syn(&out->options, &offer);
}

/* RFC 9768 3.2.3.2.2: the option, too, only on the first. */
static void write_accurate_ecn(const struct tcp *t, struct tcp_syn *s, struct tcp_header *h)
{
    if (s->tries == 0)
        accecn_write_syn_ack(t, &h->options);
    if (ace_of(h->flags) == 0)
        s->ecn_failures |= ACCECN_ACE_FAILS_SENDING;
}

void syn_output(struct tcp *t, struct tcp_syn *s, const struct tcp_path *path,
                struct tcp_emission *out)
{
    syn_answer(t, s, path->port_segment_max, &out->header);
    write_fast_open(t, s, &out->header.options);
    if (s->accurate)
        write_accurate_ecn(t, s, &out->header);
    out->tos = syn_tos(t, s);
    out->ttl = s->sender.ttl;
    out->discovery = record_listener(t, s)->settings.discovery;
    s->repeated = s->tries > 0;
    if (s->repeated)
        t->counters->value[RILL_TcpRetransSegs]++;
    else
        record_try(t, s);
    list_remove(&s->sender.node);
}

/* TCP_DEFER_ACCEPT, as in Linux: after the peer's ACK no SYN-ACK is sent while we wait for its
 * data. When the time is over, the SYN-ACK is sent once more, to get an ACK that is accepted. */
void syn_expire(struct tcp *t, struct tcp_syn *s)
{
    unsigned timeouts = record_timeouts(s), defer = record_listener(t, s)->settings.defer_tries;
    bool waits = s->acknowledged && timeouts < defer;
    if (timeouts >= t->config->syn_ack_retries && !waits) {
        syn_forget(t, s, RILL_REASON_TIMER);
        return;
    }
    record_try(t, s);
    if (!s->acknowledged || timeouts + 1 >= defer)
        sender_join(t, &s->sender);
}

/* An ACK without text does not complete the handshake yet. */
static bool record_defers(const struct tcp *t, const struct tcp_syn *s,
                          const struct tcp_arrival *in)
{
    return arrival_length(in) == 0 &&
           record_timeouts(s) < record_listener(t, s)->settings.defer_tries;
}

/* When the only SYN-ACK was sent, which started the timer. RILL_NEVER: unknown, because it was a
 * cookie, or because the ACK of that SYN-ACK was ignored. */
static rill_time record_sent_at(const struct tcp *t, const struct tcp_syn *s)
{
    rill_time wake = heap_time_of(&t->timers, &s->sender.wake);
    if (wake == RILL_NEVER || s->acknowledged)
        return RILL_NEVER;
    return min_of(wake - t->config->initial_rto, t->now);
}

/* Our SYN is answered: position 0 counts as in flight until the answer is processed. */
static void note_syn(const struct tcp *t, const struct tcp_syn *s, struct tcp_conn *c)
{
    struct flight_record syn = {
        .sent_at = record_sent_at(t, s), .length = 1, .retransmitted = s->repeated};
    flight_append(&c->flight, t->memory, &syn);
    c->snd.nxt = 1;
    if (s->tries > 2)       /* lost, not just late: RFC 6928 2 */
        c->window.cwnd = 1; /* one segment: RFC 5681 3.1 */
}

static void record_fill_conn(struct tcp *t, const struct tcp_syn *s, struct tcp_conn *c)
{
    struct negotiated n = {.mss = s->mss,
                           .snd_scale = s->snd_scale,
                           .rcv_scale = s->rcv_scale,
                           .window_scaling = s->window_scaling,
                           .timestamps = s->timestamps,
                           .sack = s->sack,
                           .ecn = s->ecn,
                           .accurate = s->accurate};
    c->iss = s->iss;
    c->irs = s->irs;
    c->rcv.nxt = c->rcv.acked = 1;
    option_set_ts_recent(t, c, s->ts_recent);
    c->ts_offset = option_timestamp_offset(t, &s->sender.head.flow);
    c->sender.path = s->sender.path;
    option_agree(t, c, &n);
    if (conn_accurate(c))
        accecn_take_record(
            c, &(struct accecn_syn){s->arrived, syn_tos(t, s) & ECN_MASK, s->ecn_failures});
    c->rcv.edge = 1 + buffer_first_window(t, conn_buffers(c)); /* as offered in the SYN-ACK */
    stats_answered(t, c, max_of(s->tries, 1u));
}

struct tcp_conn *syn_conn(struct tcp *t, const struct tcp_syn *s, bool answered)
{
    struct tcp_listener *l = record_listener(t, s);
    struct tcp_conn *c = conn_new(t, &s->sender.head.flow);
    if (!c)
        return NULL;
    if (tcp_apply(t, c, &l->settings) < 0) {
        conn_free(t, c);
        return NULL;
    }
    c->peer_mss = l->settings.max_segment;
    c->interactive = l->settings.interactive;
    record_fill_conn(t, s, c);
    if (answered)
        note_syn(t, s, c);
    c->unaccepted = true;
    c->listener = l;
    c->sender.head.port = s->sender.head.port;
    return c;
}

struct tcp_conn *syn_grow(struct tcp *t, struct tcp_syn *s, bool answered)
{
    struct tcp_conn *c = syn_conn(t, s, answered);
    if (!c)
        return NULL;
    struct head *from = &s->sender.head;
    tcp_inherit_state(&c->sender.head, from);
    list_remove(&s->sender.node);
    heap_remove(&t->timers, &s->sender.wake);
    record_listener(t, s)->syns--;
    table_replace(&t->table, from, &c->sender.head);
    table_put(&t->table, from);
    timer_restart(t, c);
    return c;
}

/* Is the segment inside the window that the SYN-ACK has offered? RFC 9293 3.10.7.4, first. */
static bool record_acceptable(const struct tcp *t, const struct tcp_syn *s,
                              const struct tcp_arrival *in)
{
    uint32_t window = buffer_first_window(t, &record_listener(t, s)->settings.buffers);
    uint32_t offset = in->header->seq.n - (s->irs.n + 1);
    return offset < window || (offset == 0 && window == 0);
}

static bool record_too_old(const struct tcp_syn *s, const struct tcp_options *o)
{
    return s->timestamps && o->has_timestamps && seq_after(s->ts_recent, o->timestamp_value);
}

/* An ACK with the record's numbers (RFC 9293 3.10.7.4, first; RFC 5961 3.2, 4.2), if the challenge
 * budget allows it. */
static void record_challenge(struct tcp *t, const struct tcp_syn *s, struct tcp_reply *reply)
{
    seq32 seq = {s->iss.n + 1}, ack = {s->irs.n + 1};
    uint16_t window = buffer_first_window(t, &record_listener(t, s)->settings.buffers);
    if (!reset_may_challenge(t, &s->sender.head.flow))
        return;
    reset_acknowledge(t, &s->sender.head.flow, seq, ack, s->timestamps ? s->ts_recent : 0, reply);
    reply->header.flags |= s->accurate ? ace_flags(ACE_INITIAL) : 0; /* 0 would tell of marks */
    /* scaled, but no more than the SYN-ACK offered: else the edge would move back (SHLD-14) */
    reply->header.window = (uint16_t)(window >> (s->window_scaling ? s->rcv_scale : 0));
}

/* RFC 9768 3.1.5: its ECN field is reported as of now; the mode stays. If it does not request
 * accurate ECN any more, a middlebox may have cleared the flags: no packet will be ECN-capable. */
static void record_note_again(struct tcp_syn *s, const struct tcp_arrival *in)
{
    s->arrived = in->ecn & 3u;
    if (s->accurate && ace_of(in->header->flags) == 0)
        s->ecn_failures |= ACCECN_ACE_FAILS_ARRIVING;
}

enum rill_drop syn_arrives(struct tcp *t, struct tcp_syn *s, const struct tcp_arrival *in,
                           struct tcp_reply *reply, struct tcp_conn **made)
{
    const struct tcp_header *h = in->header;
    bool reset = h->flags & TCP_RST;
    bool again = h->flags & TCP_SYN && h->seq.n == s->irs.n;
    if (again && !reset) { /* the answer is repeated, too, and its wait starts anew, as in Linux */
        if (s->tries)
            record_wait(t, s);
        record_note_again(s, in);
        sender_join(t, &s->sender);
        return RILL_DROP_TCP_SYN_CHALLENGE;
    }
    if (!record_acceptable(t, s, in) || (!reset && record_too_old(s, &h->options))) {
        if (!reset)
            record_challenge(t, s, reply);
        return RILL_DROP_TCP_SEQUENCE;
    }
    if (reset && h->seq.n != s->irs.n + 1) { /* RFC 5961 3.2: in the window but not exact, EV-21 */
        record_challenge(t, s, reply);
        return RILL_DROP_TCP_RST;
    }
    if (reset) { /* EV-23, MUST-11: back to LISTEN, the application is not told */
        syn_forget(t, s, RILL_REASON_RESET);
        return RILL_DROP_NONE;
    }
    if (option_timestamp_missing(t, s->timestamps, h))
        return RILL_DROP_TCP_NO_TIMESTAMP;
    if (h->flags & TCP_SYN) { /* EV-25 as in RFC 5961 4.2 */
        record_challenge(t, s, reply);
        return RILL_DROP_TCP_SYN_CHALLENGE;
    }
    if (!(h->flags & TCP_ACK))
        return RILL_DROP_TCP_NO_ACK;
    if (h->ack.n != s->iss.n + 1) { /* EV-30 */
        reset_reply(t, in, reply);
        return RILL_DROP_TCP_ACK_FUTURE;
    }
    if (record_defers(t, s, in)) {
        t->counters->value[RILL_TcpExtTCPDeferAcceptDrop]++;
        s->acknowledged = true;
        return RILL_DROP_TCP_DEFERRED;
    }
    if (backlog_overflows(t, record_listener(t, s)))
        return RILL_DROP_TCP_LISTEN_OVERFLOW;
    *made = syn_grow(t, s, true);
    return *made ? RILL_DROP_NONE : RILL_DROP_MEMORY;
}
