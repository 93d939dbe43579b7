#include "tcp/prr.h"

#include "tcp/cwnd.h"

/* RecoverFS (RFC 9937 6.1) is what can still be delivered: FlightSize before this ACK without what
 * was SACKed before it. RFC 6937 counts that, too, although it is never delivered again, and so
 * sends less than the proportion. */
void prr_start(struct tcp_conn *c, const struct ack_sample *ack)
{
    uint32_t waits = cwnd_in_flight(c) + flight_lost(&c->flight) + ack->delivered;
    c->busy->prr = (struct prr){.recover_flight = max_of(waits, 1u)};
}

/* The slow-start reduction bound (PRR-SSRB) if the ACK advances and no further loss was found, else
 * the conservative one (PRR-CRB). Both allow what this ACK has delivered (RFC 9937, as Linux): by
 * RFC 6937 what SSRB has let leave before would keep CRB from sending for as many ACKs. */
static uint32_t reduction_bound(const struct prr *p, const struct ack_sample *ack, uint32_t mss)
{
    uint32_t conserved = p->delivered - min_of(p->delivered, p->out);
    bool safe = ack->una_advanced && !ack->lost;
    return max_of(conserved, ack->delivered) + (safe ? mss : 0);
}

void prr_take_ack(struct tcp_conn *c, const struct ack_sample *ack)
{
    struct prr *p = &c->busy->prr;
    uint32_t pipe = cwnd_in_flight(c), ssthresh = c->window.ssthresh, send;
    p->delivered += ack->delivered;
    if (pipe > ssthresh) {
        uint64_t share = (uint64_t)p->delivered * ssthresh + p->recover_flight - 1;
        uint32_t allowed = (uint32_t)min_of(share / p->recover_flight, (uint64_t)UINT32_MAX);
        send = allowed - min_of(allowed, p->out);
    } else {
        send = min_of(ssthresh - pipe, reduction_bound(p, ack, c->mss));
    }
    if (!p->out && (ack->lost || c->busy->recovery.state == RECOVERY_FAST))
        send = max_of(send, c->mss);
    c->window.cwnd = pipe + send;
}

void prr_sent(struct tcp_conn *c, uint32_t bytes)
{
    if (c->busy && c->busy->recovery.state != RECOVERY_NONE)
        c->busy->prr.out += bytes;
}
