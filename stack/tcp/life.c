#include "tcp/life.h"

#include "tcp/accecn.h"
#include "tcp/buffer.h"
#include "tcp/progress.h"
#include "tcp/rack.h"
#include "tcp/state.h"
#include "tcp/stats.h"
#include "tcp/timer.h"

struct tcp_conn *conn_new(struct tcp *t, const struct flow *flow)
{
    if (!timer_reserve(t))
        return NULL;
    struct head *h = table_get(&t->table, HEAD_CONNECTION);
    if (!h)
        return NULL;
    struct tcp_conn *c = conn_of(h);
    h->flow = *flow;
    c->timer_at = c->ack_at = RILL_NEVER;
    c->window.ssthresh = CC_NO_THRESHOLD;
    c->snd.una = c->snd.nxt = 0;
    c->snd.end = c->rcv.read = 1;
    stats_start(t, c);
    return c;
}

void sender_join(struct tcp *t, struct sender *s)
{
    if (!list_linked(&s->node))
        list_append(&t->sending[s->head.port], &s->node);
}

void conn_schedule_ack(struct tcp *t, struct tcp_conn *c, enum rill_reason why)
{
    if (c->acks_pending < ACKS_PENDING_MAX)
        c->acks_pending++;
    c->ack_reason = why;
    sender_join(t, &c->sender);
}

void conn_wake_owner(struct tcp *t, struct tcp_conn *c, enum io_event events)
{
    struct tcp_owner *o = c->unaccepted ? NULL : c->owner;
    if (!o)
        return;
    c->sender.head.events |= (uint8_t)events;
    if (!list_linked(&o->woken))
        list_append(&t->woken, &o->woken);
}

/* A connection whose segments have been lost since R1 may use the memory reserve. Otherwise it
 * could not detect a black hole (RFC 4821 7.7), and such connections would hold their memory for
 * ever. */
static void *conn_memory(struct tcp *t, const struct tcp_conn *c, size_t bytes)
{
    bool stopped = c->backoff >= TIMER_R1 && c->snd.una < c->snd.nxt;
    return stopped ? memory_get_reserved(t->memory, bytes) : memory_get(t->memory, bytes);
}

struct tcp_busy *conn_busy(struct tcp *t, struct tcp_conn *c)
{
    if (c->busy)
        return c->busy;
    c->busy = conn_memory(t, c, sizeof *c->busy);
    if (!c->busy)
        return NULL;
    ranges_init(&c->busy->beyond);
    ranges_init(&c->busy->recovery.sacked);
    rack_start(c);
    c->busy->tlp.sampled = c->rtt.srtt > 0;
    c->busy->rto_at = c->timer == TIMER_RETRANSMIT ? c->timer_at : RILL_NEVER;
    c->busy->pace.at = -RILL_NEVER / 2; /* long ago: the clock may be below zero */
    struct ack_sample none = {.now = t->now};
    conn_cc(c)->start(&c->window, &c->busy->cc, &none, c->mss);
    c->busy->pushed_to = c->snd.nxt; /* half a window counts from here: burst.h */
    if (c->timer == TIMER_NONE)      /* it is freed after a quiet RTO */
        timer_set(t, c, TIMER_QUIET, conn_rto(t, c, 0));
    return c->busy;
}

struct tcp_extras *conn_extras(struct tcp *t, struct tcp_conn *c)
{
    if (!c->extras)
        c->extras = conn_memory(t, c, sizeof *c->extras);
    return c->extras;
}

static void conn_drop_busy(struct tcp *t, struct tcp_conn *c)
{
    if (!c->busy)
        return;
    ranges_clear(&c->busy->beyond, t->memory);
    ranges_clear(&c->busy->recovery.sacked, t->memory);
    if (c->busy->tuning.counted)
        buffer_count_receivers(t, -1);
    memory_put(t->memory, c->busy, sizeof *c->busy);
    c->busy = NULL;
}

void conn_release_idle(struct tcp *t, struct tcp_conn *c)
{
    flight_settle(&c->flight, t->memory);
    bool idle = flight_count(&c->flight) == 0 && c->busy && c->busy->beyond.count == 0 &&
                c->busy->fin_at <= c->rcv.nxt;
    if (idle && !conn_cc(c)->keeps_model)
        conn_drop_busy(t, c);
}

/* Releases what only a living connection needs. */
static void conn_strip(struct tcp *t, struct tcp_conn *c)
{
    if (c->sender.head.in_table)
        table_remove(&t->table, &c->sender.head);
    timer_stop(c);
    timer_stop_ack(c);
    heap_remove(&t->timers, &c->sender.wake);
    ring_release(&t->rings, &c->send_ring);
    progress_over(t, c);
    flight_clear(&c->flight, t->memory);
    conn_drop_busy(t, c);
    c->snd.end = c->snd.nxt = c->snd.una;
    c->fin_queued = false;
    stats_limits(t, c);
    c->acks_pending = 0;
    c->dead = true;
}

void conn_free(struct tcp *t, struct tcp_conn *c)
{
    if (!c->dead)
        conn_strip(t, c);
    list_remove(&c->sender.node);
    ring_release(&t->rings, &c->receive_ring);
    progress_free(t, c);
    accecn_end(t, c);
    if (c->extras)
        memory_put(t->memory, c->extras, sizeof *c->extras);
    c->dead = false; /* tcp_end relies on it: a free place in the pool is not dead */
    table_put(&t->table, &c->sender.head);
}

void conn_end(struct tcp *t, struct tcp_conn *c, enum rill_reason why, int error)
{
    if (fast_open_is_pending(c))
        fast_open_settle(t, c, why == RILL_REASON_RESET);
    tcp_set_state(t, &c->sender.head, RILL_TCP_CLOSED, why);
    if (error)
        c->error = (uint8_t)error;
    position sent = c->snd.nxt; /* an RST that is still pending carries it */
    conn_strip(t, c);
    c->snd.una = c->snd.nxt = c->snd.end = sent;
    conn_wake_owner(t, c, EVENT_STATE);
    if (c->reset_pending)
        return; /* output sends the RST and calls again */
    list_remove(&c->sender.node);
    if (c->orphan)
        conn_free(t, c);
}

void conn_reset(struct tcp *t, struct tcp_conn *c, enum rill_reason why, int error)
{
    c->reset_pending = conn_state(c) != RILL_TCP_SYN_SENT;
    if (c->reset_pending)
        sender_join(t, &c->sender);
    conn_end(t, c, why, error);
}

void conn_hand_over(struct tcp *t, struct tcp_conn *c, struct head *record)
{
    table_replace(&t->table, &c->sender.head, record);
    conn_strip(t, c);
    list_remove(&c->sender.node);
    conn_wake_owner(t, c, EVENT_STATE);
    if (c->orphan)
        conn_free(t, c);
}

void conn_orphan(struct tcp_conn *c)
{
    if (!c->unaccepted && c->owner)
        list_remove(&c->owner->woken);
    c->owner = NULL;
    c->unaccepted = false;
    c->orphan = true;
}

void conn_abandon(struct tcp *t, struct tcp_conn *c)
{
    conn_orphan(c);
    if (!c->dead)
        conn_reset(t, c, RILL_REASON_ABORT, 0);
    else if (!c->reset_pending)
        conn_free(t, c);
}
