#include "tcp/tlp.h"

#include "tcp/state.h"

/* A peer on the same wire answers within microseconds, but not while its processor is busy with
 * something else: without this, each such pause would cause a probe. As in Linux. */
#define SCHEDULING_DELAY RILL_MILLISECONDS(2)

bool tlp_is_wanted(const struct tcp *t, const struct tcp_conn *c)
{
    const struct tcp_busy *b = c->busy;
    return t->config->loss_probes && c->sack && b && state_is_synchronized(conn_state(c)) &&
           b->recovery.state <= RECOVERY_REDUCED && flight_sacked(&c->flight) == 0 &&
           flight_lost(&c->flight) == 0 && b->tlp.end == 0 && b->tlp.sampled;
}

rill_time tlp_timeout(const struct tcp *t, const struct tcp_conn *c)
{
    rill_time timeout = RILL_MICROSECONDS(2 * (rill_time)c->rtt.srtt);
    /* TLP.max_ack_delay: covers the delayed ACKs of other stacks; as in Linux */
    rill_time delay = flight_count(&c->flight) == 1 ? conn_rto_min(t, c) : SCHEDULING_DELAY;
    return timeout + delay;
}

void tlp_sent(struct tcp *t, struct tcp_conn *c, position to, bool again)
{
    c->busy->tlp = (struct tlp){.end = to, .again = again};
    t->counters->value[RILL_TcpExtTCPLossProbes]++;
}

bool tlp_take_ack(struct tcp *t, struct tcp_conn *c, const struct ack_sample *ack)
{
    struct tlp *p = &c->busy->tlp;
    p->sampled |= ack->rtt > 0;
    if (ack->una_advanced || ack->sacked) /* the requested information has arrived */
        p->pending = false;
    if (!p->end || c->snd.una < p->end)
        return false;
    bool beyond = c->snd.una > p->end;
    bool both_arrived = ack->twice.to == p->end;
    bool pure_duplicate = ack->repeats && !ack->has_sack;
    if (p->again && !both_arrived && !beyond && !pure_duplicate)
        return false;
    bool repaired = p->again && !both_arrived && beyond;
    p->end = 0;
    t->counters->value[RILL_TcpExtTCPLossProbeRecovery] += repaired;
    return repaired;
}

void tlp_schedule(struct tcp_conn *c)
{
    c->busy->tlp.pending = true;
}

void tlp_reset(struct tcp_conn *c)
{
    c->busy->tlp.end = 0;
    c->busy->tlp.again = c->busy->tlp.pending = false;
}
