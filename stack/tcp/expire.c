/* What happens when a timer runs out (RFC 9293 3.10.8), one sentence for each. */
#include "tcp/buffer.h"
#include "tcp/cwnd.h"
#include "tcp/fastopen_active.h"
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/pace.h"
#include "tcp/recovery.h"
#include "tcp/state.h"
#include "tcp/syn.h"
#include "tcp/tcp.h"
#include "tcp/timer.h"
#include "tcp/timewait.h"
#include "tcp/tlp.h"
#include "tcp/tracepoint.h"
#include "tcp/tuning.h"

#include <errno.h>

/* How long an orphan probes a closed window: in Linux until two probes would be 120 s apart, which
 * is this time for any RTO that has doubled up to there. */
#define ORPHAN_TIME RILL_SECONDS(239)

/* When memory is very scarce: */
#define SCARCE_TRIES 5 /* probes of a window that stays closed */
#define SCARCE_TIME RILL_SECONDS(100)

/* How long silence may last: SHLD-11 allows no less than 100 s, even when memory is very scarce. */
static rill_time silence_allowed(const struct tcp *t, const struct tcp_conn *c)
{
    rill_time usual = t->config->user_timeout;
    if (c->extras && c->extras->maximum_rto)
        usual = rtt_time_under(t->config, usual, c->extras->maximum_rto);
    return buffer_is_very_scarce(t) ? min_of(usual, SCARCE_TIME) : usual;
}

/* The time of a SYN and of its retransmissions. */
static rill_time syn_timeout(const struct tcp *t, const struct tcp_conn *c)
{
    const struct tcp_extras *x = c->extras;
    rill_time usual = t->config->syn_timeout;
    if (!x || (!x->syn_retries && !x->maximum_rto))
        return usual;
    unsigned syns = x->syn_retries ? t->config->syn_linear_timeouts + x->syn_retries + 1
                                   : rtt_syns_in_time(t->config, usual);
    return rtt_time_of_syns(t->config, syns, conn_rto_max(t, c));
}

/* R2 of RFC 9293 3.8.3 (MUST-20, MUST-21, MUST-22, SHLD-11): how long the peer may be silent. If
 * nothing is in flight, TCP_USER_TIMEOUT limits the time of the closed window instead:
 * timer_window_left. */
static rill_time user_timeout(const struct tcp *t, const struct tcp_conn *c)
{
    if (!state_is_synchronized(conn_state(c)))
        return syn_timeout(t, c);
    bool set = c->extras && c->extras->user_timeout && c->timer != TIMER_PERSIST;
    return set ? c->extras->user_timeout : silence_allowed(t, c);
}

/* The sum of the last `waits`. */
static rill_time waited(const struct tcp *t, const struct tcp_conn *c, unsigned waits)
{
    rill_time sum = 0;
    for (unsigned i = c->backoff - waits; i < c->backoff; i++)
        sum += conn_rto(t, c, i);
    return sum;
}

/* The time since the peer was last heard: the waits without an answer. */
static rill_time silence(const struct tcp *t, const struct tcp_conn *c)
{
    return waited(t, c, c->unanswered);
}

/* A pending Fast Open connection sends one SYN-ACK more than a SYN record, as in Linux. */
static bool unconfirmed_for_long(const struct tcp *t, const struct tcp_conn *c)
{
    return fast_open_is_pending(c) && c->unanswered > t->config->syn_ack_retries + 1;
}

/* Only the window holds an orphan's text back, and has for so long that answers to probes do not
 * count any more. */
static bool orphan_was_probed_for_long(const struct tcp *t, const struct tcp_conn *c)
{
    return c->orphan && c->timer == TIMER_PERSIST && conn_window_holds(c) &&
           waited(t, c, c->backoff) >= ORPHAN_TIME;
}

/* RFC 6429: memory that a closed window holds is needed by others. An orphan goes first, as by
 * tcp_out_of_resources. */
static bool is_in_the_way(const struct tcp *t, const struct tcp_conn *c)
{
    return c->timer == TIMER_PERSIST && conn_window_holds(c) &&
           (c->orphan || c->backoff > SCARCE_TRIES) && buffer_is_very_scarce(t);
}

/* EV-47. Counts one more attempt. True: the peer has been silent for too long, or memory is very
 * scarce, and the connection has ended. */
static bool give_up(struct tcp *t, struct tcp_conn *c)
{
    if (c->backoff < UINT8_MAX)
        c->backoff++;
    if (c->unanswered < c->backoff)
        c->unanswered++;
    if (is_in_the_way(t, c)) {
        t->counters->value[RILL_TcpExtTCPAbortOnMemory]++;
        conn_reset(t, c, RILL_REASON_MEMORY, ETIMEDOUT);
        return true;
    }
    if (silence(t, c) < user_timeout(t, c) && !unconfirmed_for_long(t, c) &&
        !orphan_was_probed_for_long(t, c) && timer_window_left(t, c) > 0)
        return false;
    t->counters->value[RILL_TcpExtTCPAbortOnTimeout]++;
    if (conn_state(c) == RILL_TCP_SYN_SENT)
        fast_open_unanswered(t, c);
    int error = c->soft_error ? c->soft_error : ETIMEDOUT; /* RFC 5461: the reason by ICMP */
    conn_end(t, c, RILL_REASON_USER_TIMEOUT, error); /* without an RST: the peer does not hear it */
    return true;
}

/* The next wait, limited to the rest of the time that the peer has. */
static rill_time next_wait(const struct tcp *t, const struct tcp_conn *c)
{
    rill_time left = min_of(user_timeout(t, c) - silence(t, c), timer_window_left(t, c));
    return min_of(conn_rto(t, c, c->backoff), left);
}

/* EV-48. The retransmission timer: unacknowledged data is retransmitted from the oldest on, and the
 * wait doubles (RFC 6298 5.4-5.6). */
static bool expire_retransmit(struct tcp *t, struct tcp_conn *c)
{
    tracepoint_timer(t, c, RILL_REASON_RETRANSMIT_TIMEOUT);
    mtu_time_out(t, c);
    recovery_time_out(t, c);
    if (give_up(t, c))
        return false;
    timer_retransmit(t, c, next_wait(t, c));
    sender_join(t, &c->sender);
    return true;
}

/* The reordering timer: segments that may have been reordered count as lost (RFC 8985 6.2 step
 * 5). */
static void expire_reorder(struct tcp *t, struct tcp_conn *c)
{
    tracepoint_timer(t, c, RILL_REASON_REORDER_TIMER);
    recovery_reorder_out(t, c);
    timer_watch(t, c);
    sender_join(t, &c->sender);
}

/* The probe timer: an acknowledgement is overdue, one segment requests it, and the retransmission
 * timer starts anew (RFC 8985 7.3). */
static void expire_probe(struct tcp *t, struct tcp_conn *c)
{
    tracepoint_timer(t, c, RILL_REASON_LOSS_PROBE);
    if (tlp_is_wanted(t, c))
        tlp_schedule(c);
    timer_retransmit(t, c, conn_rto(t, c, c->backoff));
    sender_join(t, &c->sender);
}

/* The persist timer: probes a window that holds data back, at growing intervals, for as long as the
 * peer answers (MUST-36, MUST-35, MUST-37, SHLD-17, SHLD-29, SHLD-30). An orphan whose window stays
 * closed is given up eventually, and so is a connection after its TCP_USER_TIMEOUT. */
static bool expire_persist(struct tcp *t, struct tcp_conn *c)
{
    if (pace_deadline(c) != RILL_NEVER) { /* pacing holds the text back, not the window */
        timer_restart(t, c);
        return true;
    }
    tracepoint_timer(t, c, RILL_REASON_WINDOW_PROBE);
    timer_look_at_window(c, t->now);
    if (give_up(t, c))
        return false;
    if (c->backoff == 1 && !conn_window_holds(c))
        c->unanswered = 0; /* a cork held the text until now */
    c->probe_pending = true;
    timer_set(t, c, TIMER_PERSIST, next_wait(t, c));
    sender_join(t, &c->sender);
    return true;
}

/* The quiet timer: nothing was in flight for one RTO, so cwnd no longer describes the path (RFC
 * 5681 4.1), and the busy part is freed unless the peer is still sending. */
static void expire_quiet(struct tcp *t, struct tcp_conn *c)
{
    cwnd_idle(t, c);
    timer_stop(c);
    if (c->busy && tuning_runs(t, c))
        return;
    conn_release_idle(t, c);
}

static bool expire_main_timer(struct tcp *t, struct tcp_conn *c)
{
    tuning_forget(t, c); /* a receiver that gets no text is no longer counted */
    switch (c->timer) {
    case TIMER_RETRANSMIT:
        return expire_retransmit(t, c);
    case TIMER_PERSIST:
        return expire_persist(t, c);
    case TIMER_REORDER:
        expire_reorder(t, c);
        return true;
    case TIMER_PROBE:
        expire_probe(t, c);
        return true;
    case TIMER_QUIET:
        expire_quiet(t, c);
        return true;
    case TIMER_FIN_WAIT_2: /* the peer never closed its side, and no application is left here */
        tracepoint_timer(t, c, RILL_REASON_TIMER);
        conn_end(t, c, RILL_REASON_TIMER, 0);
        return false;
    case TIMER_NONE:
        break;
    }
    return true;
}

/* The delayed-ACK timer: received data is acknowledged now (MUST-40). */
static void expire_ack(struct tcp *t, struct tcp_conn *c)
{
    timer_stop_ack(c);
    if (c->rcv.acked == c->rcv.nxt)
        return;
    c->interactive = false; /* the application sent no answer to carry it */
    t->counters->value[RILL_TcpExtDelayedACKs]++;
    conn_schedule_ack(t, c, RILL_REASON_ACK_DELAYED);
}

/* Enough probes without an answer, or enough time if TCP_USER_TIMEOUT is set (tcp(7)). */
static bool keepalive_is_over(const struct tcp_extras *x)
{
    rill_time silent = x->keepalive_idle + x->keepalive_sent * x->keepalive_interval;
    if (x->user_timeout)
        return x->keepalive_sent && silent >= x->user_timeout;
    return x->keepalive_sent >= x->keepalive_count;
}

/* MUST-29. The keep-alive timer: probes an idle peer, several times before it is considered gone
 * (RFC 9293 3.8.4). */
static bool expire_keepalive(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_extras *x = c->extras;
    if (keepalive_is_over(x)) {
        t->counters->value[RILL_TcpExtTCPAbortOnTimeout]++;
        conn_reset(t, c, RILL_REASON_KEEPALIVE, ETIMEDOUT);
        return false;
    }
    x->keepalive_sent++;
    x->keepalive_at = t->now + x->keepalive_interval;
    c->probe_pending = true;
    sender_join(t, &c->sender);
    return true;
}

/* The pace timer: the time to send the waiting text has come. */
static void expire_pace(struct tcp *t, struct tcp_conn *c)
{
    pace_expired(t, c);
    sender_join(t, &c->sender);
}

/* One deadline for each wake, because its handler may end the connection (and then returns
 * false). */
static void expire_conn(struct tcp *t, struct tcp_conn *c)
{
    bool lives = true;
    if (c->timer_at <= t->now)
        lives = expire_main_timer(t, c);
    else if (c->ack_at <= t->now)
        expire_ack(t, c);
    else if (pace_deadline(c) <= t->now)
        expire_pace(t, c);
    else if (timer_keepalive(c) <= t->now)
        lives = expire_keepalive(t, c);
    if (lives)
        timer_arm(t, &c->sender, timer_next(c)); /* also if the timer woke too early */
}

void tcp_expire(struct tcp *t)
{
    struct heap_node *n;
    while ((n = heap_pop(&t->timers, t->now)) != NULL) {
        struct sender *s = container_of(n, struct sender, wake);
        if (s->head.kind == HEAD_SYN)
            syn_expire(t, (struct tcp_syn *)s);
        else
            expire_conn(t, conn_of(&s->head));
    }
    timewait_expire(t);
}

rill_time tcp_deadline(const struct tcp *t)
{
    return min_of(heap_first_time(&t->timers), timewait_deadline(t));
}
