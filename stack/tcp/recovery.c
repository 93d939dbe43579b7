#include "tcp/recovery.h"

#include "tcp/cwnd.h"
#include "tcp/delivery.h"
#include "tcp/frto.h"
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/prr.h"
#include "tcp/rack.h"
#include "tcp/scoreboard.h"
#include "tcp/stats.h"
#include "tcp/tlp.h"
#include "tcp/tracepoint.h"
#include "tcp/undo.h"

/* ------------------------------------------------------ what an ACK tells */

/* Without SACK each duplicate ACK is a segment that has left the network, though it is not known
 * which (RFC 5681 3.2 step 4). When the ACK advances, these bytes were counted already. */
static void count_duplicates(struct tcp_conn *c, struct ack_sample *ack)
{
    struct recovery *r = &c->busy->recovery;
    if (ack->una_advanced) {
        if (!c->sack)
            ack->delivered -= min_of(ack->delivered, r->duplicates * c->mss);
        /* a partial ACK reports one more that has left: RFC 6582 3.2 step 3 */
        uint32_t left = ack->acked / max_of(c->mss, 1u);
        r->duplicates =
            r->state == RECOVERY_FAST && r->duplicates > left ? r->duplicates - left : 0;
    } else if (ack->duplicate && (r->state != RECOVERY_TIMEOUT || c->snd.nxt > r->point)) {
        r->duplicates++; /* not for data from before a time-out, which counts as gone already */
        if (!c->sack)
            ack->delivered += min_of((uint32_t)c->mss, ack->flight);
    }
}

/* Without SACK only the oldest record can be judged (RFC 6582 3.2 steps 2 and 3). */
static void mark_first_lost(struct tcp_conn *c, struct ack_sample *ack)
{
    if (flight_count(&c->flight) == 0 || flight_at(&c->flight, 0)->lost)
        return;
    flight_set_lost(&c->flight, 0);
    ack->lost += flight_at(&c->flight, 0)->length;
}

static void find_losses(struct tcp *t, struct tcp_conn *c, struct ack_sample *ack)
{
    const struct recovery *r = &c->busy->recovery;
    if (c->sack)
        ack->lost += rack_find_losses(t, c);
    else if (r->state == RECOVERY_FAST && ack->una_advanced)
        mark_first_lost(c, ack);
    else if (r->duplicates == DUPLICATE_THRESHOLD &&
             (r->state == RECOVERY_REDUCED || (r->state == RECOVERY_NONE && c->snd.una > r->point)))
        mark_first_lost(c, ack); /* RFC 6582 3.2 step 1: not for duplicates of our repair */
}

/* ---------------------------------------------------- entering and leaving */

/* RFC 3168 6.1.2: CWR reports every reduction of cwnd, whatever its reason, and answers all ECE for
 * this window of data. */
static void answer_echo(struct tcp_conn *c)
{
    c->cwr_pending = c->ecn;
    c->busy->recovery.echoed_to = c->snd.nxt;
}

/* Once for each window of data: the plug-in sets ssthresh, and PRR moves cwnd there. */
static void reduce(struct tcp_conn *c, const struct ack_sample *ack)
{
    answer_echo(c);
    conn_cc(c)->congested(&c->window, &c->busy->cc, ack, c->mss);
    prr_start(c, ack);
}

static void enter_fast_recovery(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    struct recovery *r = &c->busy->recovery;
    undo_start(c, ack);
    if (r->state == RECOVERY_NONE)
        reduce(c, ack);
    else
        c->busy->undo.congested = true; /* ECE has reduced cwnd already */
    r->state = RECOVERY_FAST;
    r->point = c->snd.nxt;
    tlp_reset(c);
    t->counters->value[c->sack ? RILL_TcpExtTCPSackRecovery : RILL_TcpExtTCPRenoRecovery]++;
    tracepoint_loss(t, c, c->sack ? RILL_REASON_RETRANSMIT_RACK : RILL_REASON_RETRANSMIT_FAST);
}

/* SHLD-8, RFC 3168 6.1.2: as for a loss, but without retransmission; once for each window. */
static void reduce_for_echo(struct tcp_conn *c, const struct ack_sample *ack)
{
    struct recovery *r = &c->busy->recovery;
    r->state = RECOVERY_REDUCED;
    r->point = c->snd.nxt;
    c->busy->undo.possible = false;
    reduce(c, ack);
}

/* RFC 8985 7.4.2: the probe itself has repaired the loss. It was congestion, but no recovery is
 * needed. */
static void reduce_for_probe(struct tcp_conn *c, const struct ack_sample *ack)
{
    if (c->busy->recovery.state != RECOVERY_NONE)
        return;
    reduce(c, ack);
    if (!conn_cc(c)->rate_based)
        c->window.cwnd = min_of(c->window.cwnd, c->window.ssthresh);
}

/* Recovery ends. RFC 6582 3.2 step 1: without SACK the next fast retransmit waits until more than
 * `point` is acknowledged, because unnecessary retransmissions cause duplicate ACKs. */
static void open_again(struct tcp_conn *c, position point)
{
    struct recovery *r = &c->busy->recovery;
    r->state = RECOVERY_NONE;
    r->frto = FRTO_OFF;
    r->duplicates = 0;
    r->point = point;
}

/* All data that was in flight at the reduction of cwnd has arrived. */
static void leave(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    struct recovery *r = &c->busy->recovery;
    enum recovery_state state = r->state;
    if (state != RECOVERY_TIMEOUT && !conn_cc(c)->rate_based)
        c->window.cwnd = c->window.ssthresh;
    if (state == RECOVERY_REDUCED) {
        r->state = RECOVERY_NONE;
        r->point = c->snd.una - 1; /* nothing was retransmitted */
        return;
    }
    open_again(c, r->point);
    if (!undo_is_due(c, ack)) {
        rack_recovered(c);
        return;
    }
    bool timed_out = state == RECOVERY_TIMEOUT;
    t->counters->value[timed_out ? RILL_TcpExtTCPLossUndo : RILL_TcpExtTCPFullUndo]++;
    undo(t, c, ack);
}

/* Retransmitted data had only been late: RACK could not see it, the timestamps show it. */
static void note_reordering(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    const struct rack *r = &c->busy->rack;
    position before = c->snd.una - ack->acked;
    c->reordering = true;
    t->counters->value[RILL_TcpExtTCPTSReorder]++;
    stats_reordered(t, c, (uint32_t)max_of(r->fack - before, 0));
}

/* A partial acknowledgement proves that nothing was lost (RFC 3522, RFC 5682). */
static void leave_early(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    bool timed_out = c->busy->recovery.state == RECOVERY_TIMEOUT;
    t->counters->value[timed_out ? RILL_TcpExtTCPLossUndo : RILL_TcpExtTCPPartialUndo]++;
    if (!timed_out)
        note_reordering(t, c, ack);
    undo(t, c, ack);
    open_again(c, c->snd.una - 1);
}

/* D-SACKs have reported every retransmission, maybe after the end of recovery. */
static bool all_came_twice(const struct tcp_conn *c, const struct ack_sample *ack)
{
    return ack->duplicates_reported && undo_is_due(c, ack);
}

static void undo_by_duplicates(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    t->counters->value[RILL_TcpExtTCPDSACKUndo]++;
    undo(t, c, ack);
    if (c->busy->recovery.state >= RECOVERY_FAST)
        open_again(c, c->snd.una - 1);
}

static bool was_spurious(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    const struct recovery *r = &c->busy->recovery;
    if (r->state < RECOVERY_FAST)
        return false;
    if (r->state == RECOVERY_TIMEOUT && frto_take_ack(c, ack)) {
        t->counters->value[RILL_TcpExtTCPSpuriousRTOs]++;
        return true;
    }
    return c->snd.una < r->point && undo_was_late(c, ack);
}

/* All state changes of recovery that an ACK causes, except its begin. */
static void change_state(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    struct recovery *r = &c->busy->recovery;
    if (was_spurious(t, c, ack))
        leave_early(t, c, ack);
    else if (r->state != RECOVERY_NONE && c->snd.una >= r->point)
        leave(t, c, ack);
    else if (all_came_twice(c, ack))
        undo_by_duplicates(t, c, ack);
}

/* New losses begin a recovery, unless one is active or they are only a path MTU probe. DEVIATION:
 * so a lost retransmission reduces cwnd no second time (RFC 5681 4.3), as in Linux, unless it takes
 * a time-out. */
static bool calls_for_recovery(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    return ack->lost && !mtu_take_loss(t, c) && c->busy->recovery.state <= RECOVERY_REDUCED;
}

static void count_delivered(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    t->counters->value[RILL_TcpExtTCPDelivered] += ack->segments;
    t->counters->value[RILL_TcpExtTCPDeliveredCE] += ack->marked;
    if (!ack->overtaken)
        return;
    t->counters->value[RILL_TcpExtTCPSACKReorder]++;
    stats_reordered(t, c, ack->overtaken);
}

static bool is_reducing(const struct tcp_conn *c)
{
    enum recovery_state s = c->busy->recovery.state;
    return s == RECOVERY_FAST || s == RECOVERY_REDUCED;
}

void recovery_take_ack(struct tcp *t, struct tcp_conn *c, struct ack_sample *ack)
{
    if (!c->busy)
        return;
    struct recovery *r = &c->busy->recovery;
    bool was_reducing = is_reducing(c);
    count_duplicates(c, ack);
    rack_take_ack(c, ack);
    count_delivered(t, c, ack);
    delivery_conclude(c, ack);
    undo_take_ack(t, c, ack);
    if (tlp_take_ack(t, c, ack))
        reduce_for_probe(c, ack);
    change_state(t, c, ack);
    find_losses(t, c, ack);
    if (calls_for_recovery(t, c, ack))
        enter_fast_recovery(t, c, ack);
    else if (ack->echoed && r->state == RECOVERY_NONE && c->snd.una > r->echoed_to)
        reduce_for_echo(c, ack);
    ack->in_recovery = was_reducing || is_reducing(c); /* RFC 6675 5: it ends at ssthresh */
    ack->loss_recovery = r->state >= RECOVERY_FAST;
    ack->in_flight = cwnd_in_flight(c);
    ack->paced = max_of(c->busy->pace.at - ack->now, 0);
    if (is_reducing(c) && !conn_cc(c)->rate_based && (ack->delivered || ack->lost))
        prr_take_ack(c, ack);
    if (ack->una_advanced || (ack->sacked && conn_cc(c)->rate_based))
        conn_cc(c)->acked(&c->window, &c->busy->cc, ack, c->mss);
}

/* ------------------------------------------------------------------ timers */

void recovery_reorder_out(struct tcp *t, struct tcp_conn *c)
{
    struct ack_sample ack = {.now = t->now, .flight = (uint32_t)(c->snd.nxt - c->snd.una)};
    ack.lost = rack_find_losses(t, c);
    if (!calls_for_recovery(t, c, &ack))
        return;
    enter_fast_recovery(t, c, &ack);
    if (!conn_cc(c)->rate_based)
        prr_take_ack(c, &ack);
}

/* The number of consecutive time-outs without any progress. */
static uint32_t count_stops(const struct tcp_conn *c, const struct recovery *r)
{
    bool again = r->stops && r->stopped_at == c->snd.una;
    return again ? min_of(r->stops, UINT32_MAX - 1) + 1 : 1;
}

/* RFC 8985 6.3: the oldest record is lost, and those that RACK would mark. If the peer has reneged,
 * everything is lost. DEVIATION: otherwise SACKed records keep their mark (RFC 2018 8 SHOULD clear
 * it), as RFC 6675 5.1 advises. */
static void mark_lost(struct tcp *t, struct tcp_conn *c)
{
    bool reneged = scoreboard_is_reneged(c);
    t->counters->value[RILL_TcpExtTCPSACKReneging] += reneged;
    if (!c->busy || !c->sack || reneged) {
        scoreboard_clear(t, c);
        flight_set_all_lost(&c->flight);
    } else {
        rack_time_out(t, c);
    }
}

/* Counts what the time-out interrupts: a recovery that has failed, or losses before a recovery. */
static void count_failure(struct tcp *t, const struct tcp_conn *c)
{
    const struct recovery *r = &c->busy->recovery;
    uint64_t *count = t->counters->value;
    if (c->unanswered)
        return;
    if (r->state == RECOVERY_FAST)
        count[c->sack ? RILL_TcpExtTCPSackRecoveryFail : RILL_TcpExtTCPRenoRecoveryFail]++;
    else if (r->state == RECOVERY_TIMEOUT)
        count[RILL_TcpExtTCPLossFailures]++;
    else if (flight_sacked(&c->flight) || r->duplicates)
        count[c->sack ? RILL_TcpExtTCPSackFailures : RILL_TcpExtTCPRenoFailures]++;
}

/* RFC 5681's FlightSize counts data in the network, so not the data that waits to be retransmitted
 * after the last time-out. Otherwise ssthresh would stay at half of a window that the path has
 * never carried. */
static uint32_t outstanding(const struct tcp_conn *c)
{
    return (uint32_t)(c->snd.nxt - c->snd.una) - flight_lost(&c->flight);
}

/* RFC 5681 3.1: the timer has retransmitted this segment before, even if the peer was heard
 * since. */
static bool times_out_again(const struct tcp_conn *c)
{
    const struct recovery *r = c->busy ? &c->busy->recovery : NULL;
    return c->unanswered || (r && r->state == RECOVERY_TIMEOUT && r->stopped_at == c->snd.una);
}

void recovery_time_out(struct tcp *t, struct tcp_conn *c)
{
    struct ack_sample ack = {.now = t->now, .flight = outstanding(c), .again = times_out_again(c)};
    struct tcp_busy *b = conn_busy(t, c);
    t->counters->value[RILL_TcpExtTCPTimeouts]++;
    if (!b) { /* no memory: one segment at a time */
        flight_set_all_lost(&c->flight);
        tracepoint_loss(t, c, RILL_REASON_RETRANSMIT_TIMEOUT);
        c->window.cwnd = c->mss;
        return;
    }
    struct recovery *r = &b->recovery;
    count_failure(t, c);
    bool first = r->state == RECOVERY_NONE || (r->state == RECOVERY_TIMEOUT && !ack.again);
    if (first) /* the first time-out for this segment */
        undo_start(c, &ack);
    undo_timed_out(c);
    frto_start(t, c);
    answer_echo(c);
    conn_cc(c)->timed_out(&c->window, &b->cc, &ack, c->mss);
    r->stops = count_stops(c, r);
    r->stopped_at = c->snd.una;
    r->state = RECOVERY_TIMEOUT;
    r->point = c->snd.nxt;
    r->duplicates = 0;
    tlp_reset(c);
    mark_lost(t, c);
    /* DEVIATION from RFC 5681 3.1, one segment: what was sent of late may still arrive. */
    c->window.cwnd += cwnd_in_flight(c);
    tracepoint_loss(t, c, RILL_REASON_RETRANSMIT_TIMEOUT);
}

/* ----------------------------------------------------------- another plug-in */

void recovery_taken_over(const struct tcp *t, struct tcp_conn *c, const struct cc_ops *before)
{
    enum recovery_state state = c->busy->recovery.state;
    struct ack_sample ack = {.now = t->now,
                             .flight = (uint32_t)(c->snd.nxt - c->snd.una),
                             .lost = state >= RECOVERY_FAST ? c->mss : 0,
                             .echoed = state == RECOVERY_REDUCED};
    if (state == RECOVERY_NONE || !before->rate_based || conn_cc(c)->rate_based)
        return;
    uint32_t cwnd = c->window.cwnd;
    if (state >= RECOVERY_FAST) /* `before` has cut it: the new one starts from the cwnd before */
        c->window.cwnd = max_of(cwnd, c->busy->undo.window.cwnd);
    conn_cc(c)->congested(&c->window, &c->busy->cc, &ack, c->mss);
    c->window.cwnd = cwnd;
    prr_start(c, &ack);
}

/* ----------------------------------------------------------------- sending */

/* A retransmission by the timer itself is counted as a time-out already. */
static void count_repair(struct tcp *t, const struct tcp_conn *c, bool oldest)
{
    enum recovery_state state = c->busy ? c->busy->recovery.state : RECOVERY_NONE;
    if (state == RECOVERY_FAST)
        t->counters->value[RILL_TcpExtTCPFastRetrans]++;
    else if (state == RECOVERY_TIMEOUT && !(oldest && c->unanswered))
        t->counters->value[RILL_TcpExtTCPSlowStartRetrans]++;
}

void recovery_sent(struct tcp *t, struct tcp_conn *c, const struct departure *d)
{
    delivery_sent(t, c, d->index, d->count);
    prr_sent(c, d->bytes);
    if (!d->again || d->probe)
        return;
    count_repair(t, c, d->index == 0);
    const struct flight_record *last = flight_at(&c->flight, d->index + d->count - 1);
    undo_sent_again(t, c, last->from + last->length);
}
