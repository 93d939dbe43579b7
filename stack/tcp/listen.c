#include "tcp/listen.h"

#include "tcp/life.h"
#include "tcp/option.h"
#include "tcp/reset.h"
#include "tcp/settings.h"
#include "tcp/state.h"
#include "tcp/timer.h"

static struct tcp_syn *syn_of(struct head *h)
{
    assert(h->kind == HEAD_SYN);
    return (struct tcp_syn *)h;
}

static struct tcp_listener *record_listener(const struct tcp *t, const struct tcp_syn *s)
{
    return (struct tcp_listener *)table_at(&t->table, s->listener);
}

/* What its connections will offer: bytes. */
static uint32_t listener_buffer(const struct tcp *t, const struct tcp_listener *l)
{
    return l->settings.receive_buffer ? l->settings.receive_buffer : t->config->receive_buffer;
}

struct tcp_listener *listen_find(const struct tcp *t, struct rill_address local, uint16_t port)
{
    struct flow f = {.local = local, .local_port = port};
    head_ref r = table_find(&t->table, &f);
    if (!r) {
        f.local = (struct rill_address){0};
        r = table_find(&t->table, &f);
    }
    return r ? (struct tcp_listener *)table_at(&t->table, r) : NULL;
}

/* M ticks every 4 us (MUST-8); F is keyed, so nobody outside can compute it (MUST-9, SHLD-1). */
seq32 listen_isn(const struct tcp *t, const struct flow *f)
{
    return (seq32){(uint32_t)(t->now / 4000) + (uint32_t)siphash_2_4(&t->isn_key, f, sizeof *f)};
}

void listen_forget(struct tcp *t, struct tcp_syn *s, enum rill_reason why)
{
    tcp_set_state(t, &s->sender.head, RILL_TCP_CLOSED, why);
    record_listener(t, s)->syns--;
    list_remove(&s->sender.node);
    heap_remove(&t->timers, &s->sender.wake);
    table_remove(&t->table, &s->sender.head);
    table_put(&t->table, &s->sender.head);
}

/* Under a flood a record drawn by chance gives way, so that an honest client's has the better odds
 * to live for the one round trip that it needs (RFC 4987 3.4). */
static void evict_record(struct tcp *t)
{
    struct pool *p = &t->pool[HEAD_SYN];
    for (int tries = 0; tries < 64 && p->count == p->limit; tries++) {
        struct tcp_syn *s = pool_at(p, 1 + (uint32_t)random_below(&t->random, p->made));
        if (s->sender.head.in_table)
            listen_forget(t, s, RILL_REASON_NONE);
    }
}

static struct tcp_syn *record_new(struct tcp *t, struct tcp_listener *l,
                                  const struct tcp_arrival *in)
{
    if (!heap_reserve(&t->timers, t->timers.count + 1))
        return NULL;
    evict_record(t);
    struct head *h = table_get(&t->table, HEAD_SYN);
    if (!h)
        return NULL;
    h->flow =
        (struct flow){in->destination, in->source, in->header->destination, in->header->source};
    h->port = in->port;
    struct tcp_syn *s = syn_of(h);
    s->sender.tos = l->settings.tos;
    s->sender.ttl = l->settings.ttl;
    s->listener = l->ref;
    l->syns++;
    return s;
}

static void record_fill(struct tcp *t, struct tcp_syn *s, const struct tcp_header *h,
                        const seq32 *beyond)
{
    struct negotiated n = option_negotiate(t, h);
    s->irs = h->seq;
    s->iss = listen_isn(t, &s->sender.head.flow);
    if (beyond && !seq_after(s->iss.n, beyond->n))
        s->iss.n = beyond->n + UINT16_MAX + 2; /* MAY-2: beyond all of the old connection */
    s->mss = n.mss;
    s->snd_scale = n.snd_scale;
    s->window_scaling = n.window_scaling;
    s->timestamps = n.timestamps;
    s->sack = n.sack;
    s->ecn = n.ecn;
    s->ts_recent = h->options.timestamp_value;
}

enum rill_drop listen_arrives(struct tcp *t, struct tcp_listener *l, const struct tcp_arrival *in,
                              struct tcp_reply *reply, const seq32 *beyond)
{
    const struct tcp_header *h = in->header;
    if (h->flags & TCP_RST) /* first: an RST is ignored (EV-4) */
        return RILL_DROP_TCP_LISTEN;
    if (h->flags & TCP_ACK) { /* second: nothing of ours can be acknowledged (EV-5) */
        reset_reply(t, in, reply);
        return RILL_DROP_TCP_LISTEN;
    }
    if (!(h->flags & TCP_SYN) ||
        h->flags & TCP_FIN) /* fourth (EV-7); a SYN with FIN opens nothing */
        return RILL_DROP_TCP_LISTEN;
    if (l->queued >= l->backlog) {
        t->counters->value[RILL_TcpExtListenOverflows]++;
        t->counters->value[RILL_TcpExtListenDrops]++;
        return RILL_DROP_TCP_LISTEN_OVERFLOW; /* the peer will ask again */
    }
    struct tcp_syn *s = record_new(t, l, in);
    if (!s)
        return RILL_DROP_TCP_SYN_OVERFLOW;
    record_fill(t, s, h, beyond); /* third: EV-6. DEVIATION: text on the SYN is not queued but sent
                                     again by the peer */
    table_insert(&t->table, &s->sender.head);
    tcp_set_state(t, &s->sender.head, RILL_TCP_SYN_RECEIVED, RILL_REASON_SEGMENT);
    sender_join(t, &s->sender);
    return RILL_DROP_NONE;
}

void listen_output(struct tcp *t, struct tcp_syn *s, const struct tcp_path *path,
                   struct tcp_emission *out)
{
    const struct flow *f = &s->sender.head.flow;
    uint32_t buffer = listener_buffer(t, record_listener(t, s));
    struct option_offer offer = {
        .mss = (uint16_t)(path->port_segment_max - TCP_HEADER),
        .scale = option_scale(buffer),
        .window_scaling = s->window_scaling,
        .timestamps = s->timestamps,
        .sack = s->sack,
        .timestamp_value = option_timestamp(t, option_timestamp_offset(t, f)),
        .timestamp_echo = s->ts_recent,
    };
    out->header = (struct tcp_header){
        .source = f->local_port,
        .destination = f->remote_port,
        .seq = s->iss,
        .ack = {s->irs.n + 1},
        .flags = TCP_SYN | TCP_ACK | (s->ecn ? TCP_ECE : 0),
        .window = (uint16_t)min_of(buffer, UINT16_MAX), /* never scaled on a SYN: RFC 7323 2.2 */
    };
    option_write_syn(&out->header.options, &offer);
    out->tos = s->sender.tos;
    out->ttl = s->sender.ttl;
    if (s->sent)
        t->counters->value[RILL_TcpRetransSegs]++;
    heap_set(&t->timers, &s->sender.wake, t->now + (t->config->initial_rto << min_of(s->sent, 16)));
    s->sent++;
    list_remove(&s->sender.node);
}

void listen_expire(struct tcp *t, struct tcp_syn *s)
{
    if (s->sent > t->config->syn_ack_retries) {
        listen_forget(t, s, RILL_REASON_TIMER);
        return;
    }
    sender_join(t, &s->sender);
}

/* When the last SYN-ACK left: the wake was set then. */
static rill_time record_sent_at(const struct tcp *t, const struct tcp_syn *s)
{
    rill_time wait = t->config->initial_rto << min_of(s->sent - 1, 16);
    return min_of(heap_time_of(&t->timers, &s->sender.wake) - wait, t->now);
}

/* Both SYNs have been exchanged: position 0 is ours in flight, and the peer's received. */
static void record_fill_conn(struct tcp *t, const struct tcp_syn *s, struct tcp_conn *c)
{
    struct negotiated n = {.mss = s->mss,
                           .snd_scale = s->snd_scale,
                           .window_scaling = s->window_scaling,
                           .timestamps = s->timestamps,
                           .sack = s->sack,
                           .ecn = s->ecn};
    struct flight_record syn = {
        .sent_at = record_sent_at(t, s), .length = 1, .retransmitted = s->sent > 1};
    flight_append(&c->flight, t->memory, &syn);
    c->iss = s->iss;
    c->irs = s->irs;
    c->snd.nxt = 1;
    c->rcv.nxt = c->rcv.acked = 1;
    c->ts_recent = s->ts_recent;
    c->ts_recent_age = (uint32_t)(t->now / RILL_SECONDS(1));
    c->ts_offset = option_timestamp_offset(t, &s->sender.head.flow);
    c->sender.path = s->sender.path;
    option_agree(t, c, &n);
    c->rcv.edge =
        1 + min_of(tcp_receive_buffer(t, c), UINT16_MAX); /* as the SYN-ACK has promised */
}

/* The connection that a record has promised, in the record's place. NULL: no memory, the record
 * stays. */
static struct tcp_conn *record_grow(struct tcp *t, struct tcp_syn *s)
{
    struct tcp_listener *l = record_listener(t, s);
    struct tcp_conn *c = conn_new(t, &s->sender.head.flow);
    if (!c)
        return NULL;
    if (tcp_apply(t, c, &l->settings) < 0) {
        conn_free(t, c);
        return NULL;
    }
    struct head *from = &s->sender.head;
    c->peer_mss = l->settings.max_segment;
    record_fill_conn(t, s, c);
    c->passive = c->unaccepted = true;
    c->listener = l;
    c->sender.head.port = from->port;
    tcp_inherit_state(&c->sender.head, from);
    list_remove(&s->sender.node);
    heap_remove(&t->timers, &s->sender.wake);
    l->syns--;
    table_remove(&t->table, from);
    table_put(&t->table, from);
    table_insert(&t->table, &c->sender.head);
    timer_restart(t, c);
    return c;
}

/* Is the segment inside the window that the SYN-ACK has offered? RFC 9293 3.10.7.4, first. */
static bool record_acceptable(const struct tcp *t, const struct tcp_syn *s,
                              const struct tcp_arrival *in)
{
    uint32_t window = min_of(listener_buffer(t, record_listener(t, s)), UINT16_MAX);
    uint32_t offset = in->header->seq.n - (s->irs.n + 1);
    return offset < window || (offset == 0 && window == 0);
}

static bool record_too_old(const struct tcp_syn *s, const struct tcp_options *o)
{
    return s->timestamps && o->has_timestamps && seq_after(s->ts_recent, o->timestamp_value);
}

/* Where the handshake stands (RFC 9293 3.10.7.4, first; RFC 5961 3.2, 4.2), from the challenge
 * budget. */
static void record_challenge(struct tcp *t, const struct tcp_syn *s, struct tcp_reply *reply)
{
    seq32 seq = {s->iss.n + 1}, ack = {s->irs.n + 1};
    if (reset_may_challenge(t))
        reset_acknowledge(t, &s->sender.head.flow, seq, ack, s->timestamps ? s->ts_recent : 0,
                          reply);
}

enum rill_drop listen_record_arrives(struct tcp *t, struct tcp_syn *s, const struct tcp_arrival *in,
                                     struct tcp_reply *reply, struct tcp_conn **made)
{
    const struct tcp_header *h = in->header;
    bool reset = h->flags & TCP_RST;
    if (h->flags & TCP_SYN && !reset &&
        h->seq.n == s->irs.n) { /* the SYN again: so is the answer */
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
    if (reset) { /* EV-23: back to LISTEN, the user is not told */
        listen_forget(t, s, RILL_REASON_RESET);
        return RILL_DROP_NONE;
    }
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
    struct tcp_listener *l = record_listener(t, s);
    if (l->queued >= l->backlog) {
        t->counters->value[RILL_TcpExtListenOverflows]++;
        return RILL_DROP_TCP_LISTEN_OVERFLOW;
    }
    *made = record_grow(t, s);
    return *made ? RILL_DROP_NONE : RILL_DROP_MEMORY;
}

void listen_enqueue(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_listener *l = c->listener;
    struct flow *f = &c->sender.head.flow;
    head_ref ref = table_find(&t->table, f);
    c->sender.head.queue = 0;
    if (l->last)
        table_at(&t->table, l->last)->queue = ref;
    else
        l->first = ref;
    l->last = ref;
    l->queued++;
    t->counters->value[RILL_TcpPassiveOpens]++;
    if (l->owner && !list_linked(&l->owner->woken))
        list_append(&t->woken, &l->owner->woken);
}
