#include "tcp/undo.h"

#include "tcp/timestamp.h"

/* Retransmissions of an earlier recovery may still be in flight. Their arrival is no sign that this
 * recovery is spurious, so their time and number are kept. */
static struct undo carried_over(const struct tcp_conn *c)
{
    const struct undo *u = &c->busy->undo;
    if (u->send_to <= c->snd.una)
        return (struct undo){.from = c->snd.una, .send_to = c->snd.una};
    return (struct undo){.from = u->from,
                         .send_to = u->send_to,
                         .first_again_at = u->first_again_at,
                         .sent_again = u->sent_again,
                         .arrived_twice = u->arrived_twice};
}

void undo_start(struct tcp_conn *c, const struct ack_sample *ack)
{
    const struct tlp *probe = &c->busy->tlp;
    struct undo u = carried_over(c);
    u.possible = true;
    u.congested = ack->echoed;
    u.window = c->window;
    u.pipe_before = max_of(ack->flight, c->window.ssthresh); /* RFC 4015 step 0 */
    u.rtt = c->rtt;
    if (probe->end && probe->again) { /* its duplicate may be reported, too */
        u.sent_again++;
        u.send_to = max_of(u.send_to, probe->end);
    }
    c->busy->undo = u;
}

void undo_timed_out(struct tcp_conn *c)
{
    struct undo *u = &c->busy->undo;
    u->timed_out = true;
    u->rtt_from = c->snd.nxt;
}

void undo_sent_again(struct tcp *t, struct tcp_conn *c, position to)
{
    struct undo *u = c->busy ? &c->busy->undo : NULL;
    if (!u || !u->possible)
        return;
    if (!u->first_again_at)
        u->first_again_at = t->now;
    u->sent_again++;
    u->send_to = max_of(u->send_to, to);
}

void undo_take_ack(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    struct undo *u = &c->busy->undo;
    u->congested |= ack->echoed;
    if (!ack->duplicates_reported)
        return;
    if (!u->possible)
        t->counters->value[RILL_TcpExtTCPDSACKIgnoredNoUndo]++;
    else if (ack->twice.to <= u->from || ack->twice.to > u->send_to)
        t->counters->value[RILL_TcpExtTCPDSACKIgnoredOld]++;
    else
        u->arrived_twice += ack->duplicates_reported;
}

bool undo_was_late(const struct tcp_conn *c, const struct ack_sample *ack)
{
    const struct undo *u = &c->busy->undo;
    if (!u->possible || !ack->una_advanced)
        return false;
    return !u->first_again_at || timestamp_precedes(ack, u->first_again_at);
}

bool undo_is_due(const struct tcp_conn *c, const struct ack_sample *ack)
{
    const struct undo *u = &c->busy->undo;
    bool all_twice = u->possible && u->sent_again && u->arrived_twice >= u->sent_again;
    return all_twice || undo_was_late(c, ack);
}

/* RFC 4015 step 9: no burst up to the former cwnd, but slow start to it. */
static void reverse_time_out(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    struct undo *u = &c->busy->undo;
    uint32_t flight = (uint32_t)(c->snd.nxt - c->snd.una);
    uint32_t burst = min_of(ack->acked, cc_initial_window(t->config->initial_window, c->mss));
    c->window.cwnd = max_of(c->window.cwnd, flight + burst);
    c->window.ssthresh = max_of(c->window.ssthresh, u->pipe_before);
    u->takes_rtt = true;
}

/* Restores cwnd and ssthresh. */
static void reverse_reduction(struct tcp_conn *c)
{
    const struct cc_window *before = &c->busy->undo.window;
    c->window.cwnd = max_of(c->window.cwnd, before->cwnd);
    c->window.ssthresh = max_of(c->window.ssthresh, before->ssthresh);
}

void undo(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    struct undo *u = &c->busy->undo;
    const struct cc_ops *cc = conn_cc(c);
    u->possible = false;
    flight_forget_lost(&c->flight);
    if (u->congested) { /* the data was only late, but there was congestion */
        c->window.cwnd = min_of(c->window.cwnd, c->window.ssthresh);
        return;
    }
    if (u->timed_out)
        reverse_time_out(t, c, ack);
    else
        reverse_reduction(c);
    if (cc->undone)
        cc->undone(&c->window, &c->busy->cc, ack, c->mss);
}

bool undo_takes_rtt(struct tcp_conn *c, position from, rill_time rtt)
{
    struct undo *u = c->busy ? &c->busy->undo : NULL;
    if (!u || !u->takes_rtt || from < u->rtt_from)
        return false;
    u->takes_rtt = false;
    rtt_widen(&c->rtt, &u->rtt, rtt);
    return true;
}
