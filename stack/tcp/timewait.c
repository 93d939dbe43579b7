#include "tcp/timewait.h"

#include "tcp/accecn.h"
#include "tcp/life.h"
#include "tcp/reset.h"
#include "tcp/share.h"
#include "tcp/state.h"

static struct tcp_time_wait *timewait_of(struct head *h)
{
    assert(h->kind == HEAD_TIME_WAIT);
    return (struct tcp_time_wait *)h;
}

static void queue_append(struct tcp *t, struct head *h, head_ref ref)
{
    h->queue = 0;
    if (t->time_wait_last)
        table_at(&t->table, t->time_wait_last)->queue = ref;
    else
        t->time_wait_first = ref;
    t->time_wait_last = ref;
}

static struct head *queue_pop(struct tcp *t)
{
    struct head *h = table_at(&t->table, t->time_wait_first);
    t->time_wait_first = h->queue;
    if (!h->queue)
        t->time_wait_last = 0;
    return h;
}

/* Removes it from the flow table. Its memory is freed when its turn in the queue comes, within 2
 * MSL. */
static void timewait_leave(struct tcp *t, struct tcp_time_wait *w, enum rill_reason why)
{
    tcp_set_state(t, &w->head, RILL_TCP_CLOSED, why);
    table_remove(&t->table, &w->head);
}

/* Takes a record; if none is left, replaces the oldest. NULL: no memory, and no record to
 * replace. */
static struct tcp_time_wait *timewait_get(struct tcp *t)
{
    struct head *h = table_get(&t->table, HEAD_TIME_WAIT);
    if (!h && t->time_wait_first) {
        struct head *oldest = queue_pop(t);
        if (oldest->in_table)
            timewait_leave(t, timewait_of(oldest), RILL_REASON_NONE);
        table_put(&t->table, oldest);
        h = table_get(&t->table, HEAD_TIME_WAIT);
    }
    return h ? timewait_of(h) : NULL;
}

/* An ACK with the record's numbers: for a repeated FIN, or for a late segment. */
static void timewait_acknowledge(const struct tcp *t, const struct tcp_time_wait *w,
                                 enum rill_reason why, struct tcp_reply *reply)
{
    reset_acknowledge(t, &w->head.flow, w->snd_nxt, w->rcv_nxt, w->ts_recent, reply);
    reply->reason = why;
}

void timewait_enter(struct tcp *t, struct tcp_conn *c, enum rill_reason why,
                    struct tcp_reply *last_ack)
{
    share_end(t, c);
    struct tcp_time_wait *w = timewait_get(t);
    if (!w) { /* no memory for 64 bytes: no TIME_WAIT */
        conn_end(t, c, why, 0);
        return;
    }
    tcp_set_state(t, &c->sender.head, RILL_TCP_TIME_WAIT, why);
    t->counters->value[RILL_TcpExtTW]++;
    head_ref ref = w->head.next;
    w->head.flow = c->sender.head.flow;
    w->head.port = c->sender.head.port;
    tcp_inherit_state(&w->head, &c->sender.head);
    w->snd_nxt = seq_wrap(c->snd.nxt, c->iss);
    w->rcv_nxt = seq_wrap(c->rcv.nxt, c->irs);
    w->ts_recent = c->timestamps ? c->ts_recent : 0;
    w->expires = milliseconds_of(t->now + t->config->time_wait);
    if (last_ack)
        timewait_acknowledge(t, w, RILL_REASON_ACK_NOW, last_ack);
    if (last_ack && conn_accurate(c))
        accecn_write_last_ack(t, c, last_ack);
    conn_hand_over(t, c, &w->head);
    queue_append(t, &w->head, ref);
}

/* EV-27, RFC 6191 2, RFC 9293 MAY-2, SHLD-4: a SYN that is certainly newer than the old
 * connection. */
static bool timewait_may_reopen(const struct tcp *t, const struct tcp_time_wait *w,
                                const struct tcp_header *h)
{
    uint16_t refused = TCP_RST | TCP_ACK | (t->config->drop_syn_fin ? TCP_FIN : 0);
    if (!(h->flags & TCP_SYN) || h->flags & refused)
        return false;
    if (w->ts_recent && h->options.has_timestamps && h->options.timestamp_value != w->ts_recent)
        return seq_after(h->options.timestamp_value, w->ts_recent);
    return seq_after(h->seq.n, w->rcv_nxt.n); /* as in Linux, more than MAY-2 requires */
}

enum rill_drop timewait_arrives(struct tcp *t, struct head *head, const struct tcp_arrival *in,
                                struct tcp_reply *reply, seq32 *reopened)
{
    struct tcp_time_wait *w = timewait_of(head);
    const struct tcp_header *h = in->header;
    if (h->flags & TCP_RST) {
        if (t->config->time_wait_reset && h->seq.n == w->rcv_nxt.n) /* RFC 5961 3.2 */
            timewait_leave(t, w, RILL_REASON_RESET);
        return RILL_DROP_TCP_TIME_WAIT; /* RFC 1337: it must not assassinate it */
    }
    if (reopened && timewait_may_reopen(t, w, h)) {
        *reopened = w->snd_nxt;
        timewait_leave(t, w, RILL_REASON_SEGMENT);
        return RILL_DROP_NONE;
    }
    if (h->flags & TCP_FIN && h->seq.n + arrival_length(in) == w->rcv_nxt.n) {
        /* EV-38: the FIN again restarts the 2 MSL */
        timewait_acknowledge(t, w, RILL_REASON_ACK_NOW, reply);
        w->expires = milliseconds_of(t->now + t->config->time_wait);
        return RILL_DROP_NONE;
    }
    bool acceptable = arrival_length(in) == 0 && h->seq.n == w->rcv_nxt.n;
    if (!acceptable &&
        reset_may_challenge(t, &w->head.flow)) /* old, or from before a restart: 3.10.7.4 first */
        timewait_acknowledge(t, w, RILL_REASON_CHALLENGE, reply);
    return RILL_DROP_TCP_TIME_WAIT;
}

/* The time until the record expires; negative: it is overdue. */
static int32_t timewait_left(const struct tcp *t, const struct tcp_time_wait *w)
{
    return (int32_t)(w->expires - milliseconds_of(t->now));
}

/* A record whose time was restarted is too far in front: it must move behind those that expire
 * before it. */
static bool timewait_overtaken(const struct tcp *t, const struct tcp_time_wait *w)
{
    if (!w->head.queue)
        return false;
    const struct head *behind = table_at(&t->table, w->head.queue);
    const struct tcp_time_wait *b = (const struct tcp_time_wait *)behind;
    return !behind->in_table || (int32_t)(w->expires - b->expires) > 0;
}

/* EV-49. */
void timewait_expire(struct tcp *t)
{
    while (t->time_wait_first) {
        head_ref ref = t->time_wait_first;
        struct tcp_time_wait *w = timewait_of(table_at(&t->table, ref));
        bool over = !w->head.in_table || timewait_left(t, w) <= 0;
        if (!over && !timewait_overtaken(t, w))
            return;
        queue_pop(t);
        if (!over) {
            queue_append(t, &w->head, ref);
            continue;
        }
        if (w->head.in_table)
            timewait_leave(t, w, RILL_REASON_TIMER);
        table_put(&t->table, &w->head);
    }
}

rill_time timewait_deadline(const struct tcp *t)
{
    if (!t->time_wait_first)
        return RILL_NEVER;
    const struct tcp_time_wait *w = timewait_of(table_at(&t->table, t->time_wait_first));
    int32_t left = w->head.in_table ? timewait_left(t, w) : 0;
    return t->now + (left > 0 ? RILL_MILLISECONDS(left) : 0);
}
