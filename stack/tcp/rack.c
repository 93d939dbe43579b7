#include "tcp/rack.h"

#include "tcp/timestamp.h"

#define PERSIST 16                     /* recoveries: 6.2 step 4 */
#define MIN_RTT_LIFE RILL_SECONDS(300) /* step 1: an older one may come from another path */

void rack_start(struct tcp_conn *c)
{
    c->busy->rack = (struct rack){.wait = RILL_NEVER,
                                  .window_mult = 1,
                                  .fack = c->snd.una,
                                  .min_rtt = RILL_MICROSECONDS((rill_time)c->rtt.srtt)};
}

static bool sent_after(rill_time sent_a, position end_a, rill_time sent_b, position end_b)
{
    return sent_a > sent_b || (sent_a == sent_b && end_a > end_b);
}

/* May the ACK be for an earlier transmission of the record? A segment out of order does not update
 * the echoed timestamp (RFC 7323 4.3), so the timestamp proves nothing about data that is only
 * SACKed. */
static bool may_be_spurious(const struct rack *r, const struct flight_record *f,
                            const struct ack_sample *ack)
{
    if (!f->retransmitted)
        return false;
    bool echoes_older = ack->una_advanced && timestamp_precedes(ack, f->sent_at);
    return echoes_older || ack->now - f->sent_at < r->min_rtt;
}

void rack_deliver(struct tcp_conn *c, const struct flight_record *f, struct ack_sample *ack)
{
    struct rack *r = &c->busy->rack;
    position end = f->from + f->length;
    if (end < r->fack && !f->retransmitted) { /* the records of one ACK have no order */
        c->reordering = true;
        ack->overtaken = max_of(ack->overtaken, (uint32_t)(r->fack - f->from));
    }
    r->newest_fack = max_of(r->newest_fack, end);
    if (may_be_spurious(r, f, ack))
        return;
    if (!r->newest_sent_at || sent_after(f->sent_at, end, r->newest_sent_at, r->newest_end)) {
        r->newest_sent_at = f->sent_at;
        r->newest_end = end;
    }
}

/* The newest record reported by this ACK becomes RACK.segment. */
static void advance(struct rack *r, const struct ack_sample *ack)
{
    r->fack = max_of(r->fack, r->newest_fack);
    if (!r->newest_sent_at)
        return;
    r->rtt = ack->now - r->newest_sent_at;
    if (sent_after(r->newest_sent_at, r->newest_end, r->sent_at, r->end)) {
        r->sent_at = r->newest_sent_at;
        r->end = r->newest_end;
    }
    r->newest_sent_at = 0;
}

static void widen_for_duplicates(struct rack *r, const struct tcp_conn *c,
                                 const struct ack_sample *ack)
{
    if (r->duplicate_round && c->snd.una >= r->duplicate_round)
        r->duplicate_round = 0;
    const struct tlp *probe = &c->busy->tlp;
    bool probed = probe->again && ack->twice.to == probe->end; /* by a loss probe, not by RACK */
    if (r->duplicate_round || !ack->duplicates_reported || probed)
        return;
    r->duplicate_round = c->snd.nxt;
    if (r->window_mult < UINT8_MAX)
        r->window_mult++;
    r->window_persist = PERSIST;
}

void rack_take_ack(struct tcp_conn *c, struct ack_sample *ack)
{
    struct rack *r = &c->busy->rack;
    bool old = ack->now - r->min_rtt_at > MIN_RTT_LIFE;
    if (ack->rtt && (!r->min_rtt || old || ack->rtt <= r->min_rtt)) {
        r->min_rtt = ack->rtt;
        r->min_rtt_at = ack->now;
    }
    ack->min_rtt = r->min_rtt;
    advance(r, ack);
    widen_for_duplicates(r, c, ack);
}

void rack_recovered(struct tcp_conn *c)
{
    struct rack *r = &c->busy->rack;
    if (r->window_persist && --r->window_persist == 0)
        r->window_mult = 1;
}

/* Step 4: RACK.reo_wnd. */
static rill_time reordering_window(const struct tcp_conn *c)
{
    const struct rack *r = &c->busy->rack;
    rill_time srtt = RILL_MICROSECONDS((rill_time)c->rtt.srtt);
    bool repairs = c->busy->recovery.state >= RECOVERY_FAST;
    if (!c->reordering && (repairs || flight_sacked_count(&c->flight) >= DUPLICATE_THRESHOLD))
        return 0;
    rill_time min_rtt = r->min_rtt ? r->min_rtt : srtt;
    return min_of(r->window_mult * min_rtt / 4, srtt);
}

/* Examines only records sent before RACK.segment: they are first in the list. */
uint32_t rack_find_losses(struct tcp *t, struct tcp_conn *c)
{
    struct rack *r = &c->busy->rack;
    uint32_t lost = 0, count = flight_count(&c->flight);
    r->wait = RILL_NEVER;
    if (count == 0)
        return 0;
    rill_time window = reordering_window(c);
    for (uint32_t i; (i = flight_sent_first(&c->flight)) < count;) {
        const struct flight_record *f = flight_at(&c->flight, i);
        if (!sent_after(r->sent_at, r->end, f->sent_at, f->from + f->length))
            break;
        if (f->sent_at + r->rtt + window > t->now) {
            /* by then every record sent before RACK.segment is due */
            r->wait = r->sent_at + r->rtt + window;
            break;
        }
        t->counters->value[RILL_TcpExtTCPLostRetransmit] += f->retransmitted;
        lost += f->length;
        flight_set_lost(&c->flight, i);
    }
    return lost;
}

void rack_time_out(struct tcp *t, struct tcp_conn *c)
{
    const struct rack *r = &c->busy->rack;
    rill_time window = reordering_window(c);
    uint32_t count = flight_count(&c->flight);
    if (count)
        flight_set_lost(&c->flight, 0);
    for (uint32_t i; (i = flight_sent_first(&c->flight)) < count;) {
        if (flight_at(&c->flight, i)->sent_at + r->rtt + window > t->now)
            return;
        flight_set_lost(&c->flight, i);
    }
}

void rack_check(const struct tcp_conn *c)
{
    const struct rack *r = &c->busy->rack;
    uint32_t i = flight_sent_first(&c->flight);
    if (i == flight_count(&c->flight))
        return;
    const struct flight_record *f = flight_at(&c->flight, i);
    assert(r->wait != RILL_NEVER || f->sent_at >= r->sent_at); /* or it was sent again at once */
}
