#include "tcp/conn.h"

#include "tcp/call.h"
#include "tcp/option.h"
#include "tcp/state.h"
#include "tcp/timer.h"

struct tcp_conn *conn_new(struct tcp *t, const struct flow *flow, const struct tcp_settings *s)
{
    if (!heap_reserve(&t->timers, t->timers.count + 1))
        return NULL;
    struct head *h = table_get(&t->table, HEAD_CONNECTION);
    if (!h)
        return NULL;
    struct tcp_conn *c = conn_of(h);
    h->flow = *flow;
    c->repair_at = c->ack_at = RILL_NEVER;
    c->snd.una = c->snd.nxt = 0;
    c->snd.end = c->rcv.read = 1;
    c->peer_mss = s->max_segment;
    if (tcp_apply(t, c, s) < 0) {
        table_put(&t->table, h);
        return NULL;
    }
    return c;
}

void conn_take_agreement(struct tcp *t, struct tcp_conn *c, const struct negotiated *n)
{
    uint16_t offered = n->mss ? n->mss : option_default_mss(c->sender.head.flow.remote);
    c->peer_mss = c->peer_mss ? min_of(c->peer_mss, offered) : offered;
    c->timestamps = n->timestamps;
    c->sack = n->sack;
    c->window_scaling = n->window_scaling;
    c->snd_scale = n->snd_scale;
    c->rcv_scale = n->window_scaling ? option_scale(tcp_receive_buffer(t, c)) : 0;
    c->mss = (uint16_t)(c->peer_mss - (c->timestamps ? OPTION_TIMESTAMP_BYTES : 0));
    c->window.ssthresh = UINT32_MAX / 2; /* RFC 5681 3.1: arbitrarily high */
    c->window.cwnd = cc_initial_window(t->config->initial_window, c->mss);
    c->quick_acks = 16;
}

void sender_join(struct tcp *t, struct sender *s)
{
    if (!list_linked(&s->node))
        list_append(&t->sending[s->head.port], &s->node);
}

void conn_owe_ack(struct tcp *t, struct tcp_conn *c, enum rill_reason why)
{
    if (c->ack_owed < UINT8_MAX)
        c->ack_owed++;
    c->ack_reason = (uint8_t)why;
    sender_join(t, &c->sender);
}

void conn_wake_owner(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_owner *o = c->unaccepted ? NULL : c->owner;
    if (o && !list_linked(&o->woken))
        list_append(&t->woken, &o->woken);
}

struct tcp_busy *conn_busy(struct tcp *t, struct tcp_conn *c)
{
    if (c->busy)
        return c->busy;
    c->busy = memory_get(t->memory, sizeof *c->busy);
    if (!c->busy)
        return NULL;
    ranges_init(&c->busy->beyond);
    tcp_cc(t)->start(&c->window, &c->busy->cc, c->mss);
    return c->busy;
}

struct tcp_extras *conn_extras(struct tcp *t, struct tcp_conn *c)
{
    if (!c->extras && (c->extras = memory_get(t->memory, sizeof *c->extras)))
        c->extras->heard_at = t->now;
    return c->extras;
}

static void conn_drop_busy(struct tcp *t, struct tcp_conn *c)
{
    if (!c->busy)
        return;
    ranges_clear(&c->busy->beyond, t->memory);
    memory_put(t->memory, c->busy, sizeof *c->busy);
    c->busy = NULL;
}

void conn_settle(struct tcp *t, struct tcp_conn *c)
{
    flight_settle(&c->flight, t->memory);
    if (flight_count(&c->flight) == 0 && c->busy && c->busy->beyond.count == 0)
        conn_drop_busy(t, c);
}

/* What only a living connection needs. */
static void conn_strip(struct tcp *t, struct tcp_conn *c)
{
    if (c->sender.head.in_table)
        table_remove(&t->table, &c->sender.head);
    timer_stop_repair(c);
    timer_stop_ack(c);
    heap_remove(&t->timers, &c->sender.wake);
    ring_release(&t->rings, &c->send_ring);
    flight_clear(&c->flight, t->memory);
    conn_drop_busy(t, c);
    c->snd.end = c->snd.nxt = c->snd.una;
    c->fin_queued = false;
    c->ack_owed = 0;
    c->dead = true;
}

void conn_free(struct tcp *t, struct tcp_conn *c)
{
    conn_strip(t, c);
    list_remove(&c->sender.node);
    ring_release(&t->rings, &c->receive_ring);
    if (c->extras)
        memory_put(t->memory, c->extras, sizeof *c->extras);
    table_put(&t->table, &c->sender.head);
}

void conn_end(struct tcp *t, struct tcp_conn *c, enum rill_reason why, int error)
{
    tcp_set_state(t, &c->sender.head, RILL_TCP_CLOSED, why);
    if (error)
        c->error = (uint8_t)error;
    position sent = c->snd.nxt; /* an RST that is still owed carries it */
    conn_strip(t, c);
    c->snd.una = c->snd.nxt = c->snd.end = sent;
    conn_wake_owner(t, c);
    if (c->reset_owed)
        return; /* output sends it and comes back */
    list_remove(&c->sender.node);
    if (c->orphan)
        conn_free(t, c);
}

void conn_reset(struct tcp *t, struct tcp_conn *c, enum rill_reason why, int error)
{
    c->reset_owed = conn_state(c) != RILL_TCP_SYN_SENT;
    if (c->reset_owed)
        sender_join(t, &c->sender);
    conn_end(t, c, why, error);
}

void conn_hand_over(struct tcp *t, struct tcp_conn *c, struct head *record)
{
    conn_strip(t, c);
    list_remove(&c->sender.node);
    table_insert(&t->table, record);
    conn_wake_owner(t, c);
    if (c->orphan)
        conn_free(t, c);
}

/* Ring and marks of what has been received beyond a hole. */
static void check_received(const struct tcp_conn *c)
{
    assert(c->rcv.read <= conn_read_limit(c));
    assert(c->rcv.nxt <= c->rcv.edge || c->fin_received);
    assert(c->rcv.acked <= c->rcv.nxt);
    if (!c->busy)
        return;
    ranges_check(&c->busy->beyond);
    if (c->busy->beyond.count)
        assert(c->busy->beyond.range[0].from > c->rcv.nxt);
}

static void check_sent(const struct tcp_conn *c)
{
    assert(c->snd.una <= c->snd.nxt);
    assert(c->snd.nxt <= conn_send_limit(c));
    flight_check(&c->flight, c->snd.una, c->snd.nxt);
    if (c->snd.end > max_of(c->snd.una, 1))
        assert(c->send_ring);
}

void tcp_check(const struct tcp *t, const struct tcp_conn *c)
{
    assert(c->sender.head.in_table == !c->dead);
    if (c->dead)
        return;
    enum rill_tcp_state s = conn_state(c);
    assert(s != RILL_TCP_LISTEN && s != RILL_TCP_TIME_WAIT && s != RILL_TCP_CLOSED);
    check_sent(c);
    if (s != RILL_TCP_SYN_SENT)
        check_received(c);
    assert(c->fin_received == (s == RILL_TCP_CLOSE_WAIT || s == RILL_TCP_CLOSING || s == RILL_TCP_LAST_ACK));
    /* No timer is lost: what is unacknowledged is watched, and an armed deadline stands in the heap in time. */
    if (c->snd.una < c->snd.nxt)
        assert(c->repair == REPAIR_RETRANSMIT);
    assert(heap_time_of(&t->timers, &c->sender.wake) <= timer_next(c));
    if (c->snd.nxt < conn_send_limit(c) && c->snd.una == c->snd.nxt)
        assert(list_linked(&c->sender.node) || c->repair == REPAIR_PERSIST);
}
