/* The user calls of RFC 9293 3.10 on a connection. Each changes state and, where something may have
 * to leave, joins `sending`; nothing is built here. */
#include "tcp/call.h"

#include "tcp/binding.h"
#include "tcp/buffer.h"
#include "tcp/cwnd.h"
#include "tcp/isn.h"
#include "tcp/life.h"
#include "tcp/option.h"
#include "tcp/state.h"
#include "tcp/text.h"
#include "tcp/timer.h"
#include "tcp/tuning.h"

#include <errno.h>

/* A connection to our own address stays on its core. */
static bool is_ours(const struct tcp *t, const struct flow *f, int port)
{
    return port == RILL_LOOPBACK_PORT ||
           steer_core(&t->steer, f->remote, f->remote_port, f->local_port) == t->steer.core;
}

/* 3.10.1, active. */
int tcp_connect(struct tcp *t, const struct flow *wanted, int port, uint16_t path,
                const struct tcp_settings *s, struct tcp_owner *owner, struct tcp_conn **out)
{
    struct flow f = *wanted;
    if (f.local_port == 0) {
        int failed = binding_choose(t, &f);
        if (failed)
            return failed;
    } else if (table_find(&t->table, &f) || !is_ours(t, &f, port)) {
        return -EADDRNOTAVAIL; /* as Linux: the flow exists; or another core would get the answer */
    }
    struct tcp_conn *c = conn_new(t, &f);
    if (!c)
        return -ENOBUFS;
    if (tcp_apply(t, c, s) < 0) {
        conn_free(t, c);
        return -ENOBUFS;
    }
    c->peer_mss = s->max_segment;
    c->interactive = s->interactive;
    c->owner = owner;
    c->sender.head.port = (uint8_t)port;
    c->sender.path = path;
    c->iss = isn_choose(t, &f);
    c->ts_offset = option_timestamp_offset(t, &f);
    table_insert(&t->table, &c->sender.head);
    tcp_set_state(t, &c->sender.head, RILL_TCP_SYN_SENT, RILL_REASON_CALL);
    t->counters->value[RILL_TcpActiveOpens]++;
    timer_restart(t, c);
    sender_join(t, &c->sender);
    *out = c;
    return 0;
}

/* Bytes that window and cwnd allow to leave at the next pull. They count as sent, because other
 * stacks send them within the call. */
static size_t may_leave(const struct tcp_conn *c)
{
    position window = c->snd.una + c->snd.wnd - max_of(c->snd.nxt, 1);
    return (size_t)min_of(max_of(window, 0), (position)cwnd_allowance(c));
}

/* TCP_NOTSENT_LOWAT: how many more bytes may be queued. As in Linux, at least a full segment if
 * any. */
static size_t unsent_room(const struct tcp *t, const struct tcp_conn *c)
{
    size_t mark = buffer_unsent_mark(t, c);
    if (!mark)
        return SIZE_MAX;
    size_t max = mark + may_leave(c), unsent = conn_unsent(c);
    return unsent < max ? max_of(max - unsent, c->mss) : 0;
}

/* What a send would take now; 0 also when closed for sending. */
static size_t writable(const struct tcp *t, const struct tcp_conn *c)
{
    size_t held = tcp_unacknowledged(c), buffer = tcp_send_buffer(t, c);
    if (tcp_send_closed(c) || held >= buffer)
        return 0;
    return min_of(buffer - held, unsent_room(t, c));
}

/* Reserves as much room in the send ring as memory allows. */
static struct rill_span reserve_some(struct tcp *t, struct tcp_conn *c, struct rill_span bytes)
{
    position head = max_of(c->snd.una, 1);
    while (bytes.length &&
           !ring_reserve(&t->rings, &c->send_ring, head, c->snd.end + (position)bytes.length))
        bytes = span_first(bytes, bytes.length / 2);
    return bytes;
}

/* 3.10.2. Before ESTABLISHED the data is queued (EV-53), and sent later. */
int64_t tcp_send(struct tcp *t, struct tcp_conn *c, struct rill_span bytes, bool more)
{
    if (c->dead ||
        c->fin_queued) /* EV-52, EV-54; tcp_take_error returns the connection's own error */
        return -EPIPE;
    size_t room = writable(t, c);
    if (bytes.length == 0)
        return 0;
    if (room == 0)
        return -EAGAIN;
    struct rill_span taken = reserve_some(t, c, span_first(bytes, room));
    if (taken.length == 0) /* only acknowledgements of queued data can free memory */
        return tcp_unacknowledged(c) ? -EAGAIN : -ENOBUFS;
    if (c->mss)          /* else too early: text for a SYN */
        conn_busy(t, c); /* if it fails: one segment at a time */
    ring_put(c->send_ring, c->snd.end, taken);
    c->snd.end += (position)taken.length;
    t->queued += taken.length;
    c->more = more;
    c->unfinished = more;
    c->push_now = false;
    if (c->timer == TIMER_QUIET)
        timer_stop(c);
    sender_join(t, &c->sender);
    return (int64_t)taken.length;
}

void tcp_push(struct tcp *t, struct tcp_conn *c)
{
    c->push_now = true;
    if (!c->dead)
        sender_join(t, &c->sender);
}

void tcp_send_cut_short(struct tcp *t, struct tcp_conn *c)
{
    c->more = false;
    c->unfinished = false;
    tcp_push(t, c);
}

int64_t tcp_send_urgent(struct tcp *t, struct tcp_conn *c, struct rill_span bytes)
{
    if (!conn_extras(t, c)) /* before text is taken, which would be written again */
        return -ENOBUFS;
    int64_t n = tcp_send(t, c, bytes, false);
    if (n >= 0 && (size_t)n == bytes.length)
        urgent_send(c);
    return n;
}

/* One past the last byte that a single read may return: a read does not cross an urgent mark. */
static position read_stop(const struct tcp_conn *c)
{
    position mark = urgent_mark(c), limit = conn_read_limit(c);
    return mark > c->rcv.read ? min_of(mark, limit) : limit;
}

/* 3.10.3. The application reads all received data first; only then it learns of the end, or of the
 * error that ended the connection (MUST-12, EV-55). */
unsigned tcp_peek(struct tcp_conn *c, struct rill_span out[2])
{
    urgent_pass(c);
    size_t length = tcp_readable(c) ? (size_t)(read_stop(c) - c->rcv.read) : 0;
    return length ? ring_peek(c->receive_ring, c->rcv.read, length, out) : 0;
}

void tcp_consume(struct tcp *t, struct tcp_conn *c, size_t length)
{
    assert((position)length <= conn_read_limit(c) - c->rcv.read);
    c->rcv.read += (position)length;
    bool empty = c->rcv.read == conn_read_limit(c) && (!c->busy || c->busy->beyond.count == 0);
    if (empty) {
        tuning_empty(c);
        ring_release(&t->rings, &c->receive_ring);
    }
    tuning_read(t, c);
    if (!c->dead && text_window_update_due(t, c)) {
        c->window_update_pending = true;
        sender_join(t, &c->sender);
    }
}

size_t tcp_read(struct tcp *t, struct tcp_conn *c, void *to, size_t length)
{
    struct rill_span part[2];
    size_t taken = 0;
    for (unsigned i = 0, parts = tcp_peek(c, part); i < parts; i++) {
        struct rill_span piece = span_first(part[i], length - taken);
        memcpy((uint8_t *)to + taken, piece.at, piece.length);
        taken += piece.length;
    }
    if (taken)
        tcp_consume(t, c, taken);
    return taken;
}

/* The application sends no more: queues a FIN behind the queued data. */
static void queue_fin(struct tcp *t, struct tcp_conn *c)
{
    c->fin_queued = true;
    bool unopened = conn_state(c) == RILL_TCP_SYN_RECEIVED &&
                    (c->snd.end == 1 || fast_open_is_pending(c)); /* EV-57 */
    if (conn_state(c) == RILL_TCP_ESTABLISHED || unopened)
        tcp_set_state(t, &c->sender.head, RILL_TCP_FIN_WAIT_1, RILL_REASON_CALL); /* EV-58 */
    else if (conn_state(c) == RILL_TCP_CLOSE_WAIT)
        tcp_set_state(t, &c->sender.head, RILL_TCP_LAST_ACK, RILL_REASON_CALL); /* EV-59 */
    sender_join(t, &c->sender);
}

int tcp_shutdown_send(struct tcp *t, struct tcp_conn *c)
{
    if (c->dead || conn_state(c) == RILL_TCP_SYN_SENT)
        return -ENOTCONN;
    if (!c->fin_queued)
        queue_fin(t, c);
    return 0;
}

void tcp_shutdown_receive(struct tcp *t, struct tcp_conn *c)
{
    c->read_closed = true;
    conn_wake_owner(t, c, EVENT_STATE);
}

/* 3.10.4, half-duplex: MAY-1. */
void tcp_close(struct tcp *t, struct tcp_conn *c)
{
    if (c->dead) {
        conn_abandon(t, c);
        return;
    }
    conn_orphan(c);
    tuning_forget(t, c);
    if (conn_state(c) == RILL_TCP_SYN_SENT) { /* EV-56 */
        conn_end(t, c, RILL_REASON_CALL, 0);
        return;
    }
    if (tcp_readable(c)) { /* SHLD-3: the peer must not believe that it was read */
        t->counters->value[RILL_TcpExtTCPAbortOnClose]++;
        conn_reset(t, c, RILL_REASON_ABORT, 0);
        return;
    }
    ring_release(&t->rings,
                 &c->receive_ring); /* no in-order data is left, and holes are not needed */
    if (c->busy)
        ranges_clear(&c->busy->beyond, t->memory);
    if (!c->fin_queued)
        queue_fin(t, c);
    if (conn_state(c) == RILL_TCP_FIN_WAIT_2 && conn_skips_fin_wait_2(c)) {
        t->counters->value[RILL_TcpExtTCPAbortOnLinger]++;
        conn_reset(t, c, RILL_REASON_ABORT, 0);
        return;
    }
    timer_restart(t, c); /* limits how long an orphan stays in FIN_WAIT_2 */
    if (conn_state(c) == RILL_TCP_FIN_WAIT_2)
        conn_release_idle(t, c);
}

/* 3.10.5. */
void tcp_abort(struct tcp *t, struct tcp_conn *c)
{
    conn_abandon(t, c);
}

size_t tcp_readable(const struct tcp_conn *c)
{
    if (c->rcv.nxt == 0)
        return 0;
    position mark = urgent_mark(c), limit = conn_read_limit(c);
    bool apart = mark >= 0 && mark < limit && !c->oob_inline;
    return (size_t)(limit - c->rcv.read - apart);
}

bool tcp_at_end(const struct tcp_conn *c)
{
    return c->fin_received || c->read_closed || c->dead;
}

bool tcp_write_is_worthwhile(const struct tcp *t, const struct tcp_conn *c)
{
    size_t mark = buffer_unsent_mark(t, c);
    size_t held = tcp_unacknowledged(c);
    bool room = held == 0 || 3 * held <= 2 * (size_t)tcp_send_buffer(t, c);
    return room && (!mark || conn_unsent(c) < may_leave(c) + (mark + 1) / 2);
}

bool tcp_read_is_worthwhile(const struct tcp_conn *c, size_t low_water)
{
    size_t readable = tcp_readable(c);
    return readable >= low_water || (readable && c->rcv.edge - c->rcv.nxt <= c->rcv_mss);
}

size_t tcp_unacknowledged(const struct tcp_conn *c)
{
    return (size_t)(c->snd.end - min_of(max_of(c->snd.una, 1), c->snd.end));
}

int tcp_take_error(struct tcp_conn *c)
{
    int error = c->error;
    c->error = 0;
    return error;
}

bool tcp_send_closed(const struct tcp_conn *c)
{
    return c->dead || c->fin_queued;
}
