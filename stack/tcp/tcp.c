#include "tcp/tcp.h"

#include "tcp/binding.h"
#include "tcp/buffer.h"
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/option.h"
#include "tcp/state.h"
#include "tcp/stats.h"
#include "tcp/syn.h"
#include "tcp/timer.h"
#include "tcp/timewait.h"

#include <errno.h>

static void init_pools(struct tcp *t)
{
    const struct rill_tcp_config *c = t->config;
    pool_init(&t->pool[HEAD_CONNECTION], t->memory, stats_conn_size(c), c->connections_max);
    pool_init(&t->pool[HEAD_SYN], t->memory, sizeof(struct tcp_syn), c->syn_records_max);
    pool_init(&t->pool[HEAD_TIME_WAIT], t->memory, sizeof(struct tcp_time_wait), c->time_waits_max);
    pool_init(&t->pool[HEAD_LISTENER], t->memory, sizeof(struct tcp_listener), UINT16_MAX);
}

static void draw_keys(struct tcp *t)
{
    t->isn_key = random_key(&t->random);
    t->port_key = random_key(&t->random);
    t->timestamp_key = random_key(&t->random);
    t->cookie_key[0] = random_key(&t->random);
    t->cookie_key[1] = random_key(&t->random);
    t->fast_open_key = random_key(&t->random);
}

bool tcp_init(struct tcp *t, struct memory *m, const struct rill_config *config,
              struct trace *trace, struct rill_counters *counters)
{
    *t = (struct tcp){.config = &config->tcp,
                      .check = config->check,
                      .memory = m,
                      .trace = trace,
                      .counters = counters};
    assert(tcp_default_cc(t));
    steer_init(&t->steer, config);
    random_seed(&t->random, config->seed);
    draw_keys(t);
    init_pools(t);
    rings_init(&t->rings, m);
    heap_init(&t->timers, m);
    buffer_count_receivers(t, 0);
    list_init(&t->woken);
    bool good =
        lru_cache_init(&t->metrics, m, &t->random, sizeof(struct metrics), t->config->metrics_max);
    for (int i = 0; i < RILL_PORTS_MAX; i++)
        list_init(&t->sending[i]);
    good &= bindings_init(&t->bindings, m);
    return table_init(&t->table, m, t->pool, random_key(&t->random)) && good;
}

/* Includes dead connections, which are not in the flow table, but belong to an owner or still owe
 * an RST. */
static void free_connections(struct tcp *t)
{
    struct pool *p = &t->pool[HEAD_CONNECTION];
    for (uint32_t i = 1; i <= p->made; i++) {
        struct tcp_conn *c = pool_find(p, i);
        if (c && (c->sender.head.in_table || c->dead))
            conn_free(t, c);
    }
}

void tcp_end(struct tcp *t)
{
    free_connections(t);
    if (t->table.bucket)
        table_end(&t->table);
    for (int kind = 0; kind < HEAD_KINDS; kind++)
        pool_end(&t->pool[kind]);
    bindings_end(&t->bindings, t->memory);
    lru_cache_end(&t->metrics);
    rings_end(&t->rings);
    heap_end(&t->timers);
}

struct sender *tcp_next_sender(struct tcp *t, int port)
{
    struct list_node *n = list_first(&t->sending[port]);
    return n ? sender_of(n) : NULL;
}

void tcp_move(struct tcp *t, struct sender *s, uint8_t port)
{
    s->head.port = port;
    if (list_linked(&s->node)) {
        list_remove(&s->node);
        sender_join(t, s);
    }
}

struct tcp_owner *tcp_next_woken(struct tcp *t)
{
    struct list_node *n = list_first(&t->woken);
    if (!n)
        return NULL;
    list_remove(n);
    return container_of(n, struct tcp_owner, woken);
}

/* RFC 1191 6.1, RFC 8201: segments in flight that are too long now are lost, but not by
 * congestion. */
static void narrow_path(struct tcp *t, struct tcp_conn *c, uint16_t segment_max)
{
    uint32_t text_max = segment_max - TCP_HEADER - option_plan(t, c, segment_max).bytes;
    bool syn_with_text = conn_state(c) == RILL_TCP_SYN_SENT && c->snd.nxt > 1; /* goes without it */
    for (uint32_t i = 0; i < flight_count(&c->flight); i++)
        if (syn_with_text || flight_at(&c->flight, i)->length > text_max)
            flight_set_lost(&c->flight, i);
    mtu_reported(c);
    sender_join(t, &c->sender);
}

/* MUST-47, MUST-54, MUST-56, SHLD-25: reported if the connection times out, or at once (tcp(7)
 * IP_RECVERR). Either way the connection continues. */
static void take_soft_error(struct tcp *t, struct tcp_conn *c, uint8_t error)
{
    if (!c->recverr) {
        c->soft_error = error;
        return;
    }
    c->error = error;
    conn_wake_owner(t, c, EVENT_STATE);
}

/* The silence has a reason, and RFC 4821 7.7 looks for others. */
static void explain_silence(struct tcp_conn *c)
{
    if (c->busy)
        c->busy->recovery.stops = 0;
}

/* RFC 5927 7.2: a router cannot claim an MTU that the quoted segment would fit into. How many SACK
 * blocks it carried is not known any more, nor whether it had the AccECN option. */
static bool claims_more_than_was_sent(struct tcp_conn *c, const struct tcp_icmp *e, position seq)
{
    const struct flight_record *f = flight_at(&c->flight, flight_find(&c->flight, seq));
    uint32_t options = f->from && !conn_accurate(c) ? option_bytes(c, c->sack ? TCP_SACK_MAX : 0)
                                                    : TCP_HEADER_MAX - TCP_HEADER;
    return e->claimed >= TCP_HEADER + options + f->length;
}

bool tcp_icmp(struct tcp *t, const struct tcp_icmp *e)
{
    head_ref ref = table_find(&t->table, &e->flow);
    if (!ref || ref_kind(ref) != HEAD_CONNECTION)
        return false;
    struct tcp_conn *c = conn_of(table_at(&t->table, ref));
    position seq = seq_unwrap(e->seq, c->iss, c->snd.una);
    if (seq < c->snd.una || seq >= c->snd.nxt) /* RFC 5927 4.1 */
        return false;
    if (e->segment_max) {
        if (claims_more_than_was_sent(c, e, seq))
            return false;
        if (ip4_discovery_heeds_icmp(conn_discovery(c)))
            narrow_path(t, c, e->segment_max);
        return true;
    }
    bool embryonic =
        conn_state(c) == RILL_TCP_SYN_SENT || (c->unaccepted && fast_open_is_pending(c));
    bool ends_connect = e->hard || c->recverr || t->config->soft_errors_end_connect;
    if (embryonic && ends_connect) { /* SHLD-26; RFC 5927 5: later, hard errors are soft */
        t->counters->value[RILL_TcpAttemptFails]++;
        conn_end(t, c, RILL_REASON_ICMP, e->error);
    } else {
        take_soft_error(t, c, e->error);
        if (!e->partial) /* only shorter segments arrive whole */
            explain_silence(c);
    }
    return true;
}

void tcp_narrow_port(struct tcp *t, int port, uint16_t segment_max)
{
    uint64_t cursor = 0;
    for (head_ref r; (r = table_walk(&t->table, &cursor)) != 0;) {
        struct head *h = table_at(&t->table, r);
        if (h->kind == HEAD_CONNECTION && h->port == port)
            narrow_path(t, conn_of(h), segment_max);
    }
}

void tcp_unreachable(struct tcp *t, struct sender *s)
{
    list_remove(&s->node);
    if (s->head.kind == HEAD_SYN) { /* the peer may retransmit its SYN */
        syn_forget(t, (struct tcp_syn *)s, RILL_REASON_NONE);
        return;
    }
    struct tcp_conn *c = conn_of(&s->head);
    if (c->dead) { /* its RST cannot be delivered */
        c->reset_pending = false;
        if (c->orphan)
            conn_free(t, c);
        return;
    }
    if (!state_is_synchronized(conn_state(c))) {
        t->counters->value[RILL_TcpAttemptFails]++;
        conn_end(t, c, RILL_REASON_NONE, EHOSTUNREACH);
        return;
    }
    take_soft_error(t, c, EHOSTUNREACH);
    explain_silence(c);
    if (c->snd.una == c->snd.nxt && c->timer != TIMER_PERSIST)
        timer_restart(t, c); /* waiting data is tried again */
}

bool tcp_drained(const struct tcp *t)
{
    uint64_t cursor = 0;
    for (int i = 0; i < RILL_PORTS_MAX; i++)
        if (!list_empty(&t->sending[i]))
            return false;
    for (head_ref r; (r = table_walk(&t->table, &cursor)) != 0;) {
        if (ref_kind(r) != HEAD_CONNECTION)
            continue;
        const struct tcp_conn *c = conn_of(table_at(&t->table, r));
        if (c->snd.una < conn_send_limit(c))
            return false;
    }
    return true;
}
