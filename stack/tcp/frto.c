#include "tcp/frto.h"

/* Not during the recovery of an earlier loss (step 1), and not for a SYN. */
void frto_start(const struct tcp *t, struct tcp_conn *c)
{
    struct recovery *r = &c->busy->recovery;
    bool may = t->config->frto && c->snd.una > 0 && r->state < RECOVERY_FAST;
    r->frto = may ? FRTO_WAITS : FRTO_OFF;
}

/* Step 2: the first ACK. */
static void judge_first(struct tcp_conn *c, const struct ack_sample *ack)
{
    struct recovery *r = &c->busy->recovery;
    if (ack->duplicate && !c->sack) {
        r->frto = FRTO_OFF; /* 2a of the basic algorithm */
    } else if (ack->una_advanced && c->snd.una < r->point) {
        bool whole = !flight_at(&c->flight, 0)->retransmitted;
        r->frto = whole ? FRTO_SENDS_NEW : FRTO_OFF; /* 2b, 2a */
        r->point = c->snd.nxt;
    }
}

bool frto_take_ack(struct tcp_conn *c, const struct ack_sample *ack)
{
    struct recovery *r = &c->busy->recovery;
    if (r->frto == FRTO_OFF)
        return false;
    /* 3b; without SACK, the retransmission may be the reason that the original is acknowledged */
    bool original = ack->original_delivered && (c->sack || !ack->again_delivered);
    bool second = r->frto == FRTO_SENDS_NEW;
    if (original && (second ? c->snd.una <= r->point : c->snd.una < r->point))
        return true;
    if (!second)
        judge_first(c, ack);
    else if (ack->sacked || ack->duplicate)
        r->frto = FRTO_OFF; /* 3a: the loss was real */
    return false;
}

bool frto_sends_new(const struct tcp_conn *c)
{
    return c->busy && c->busy->recovery.frto == FRTO_SENDS_NEW;
}

/* cwnd may have room for more: data sent shortly before the time-out counts as lost by now. */
position frto_limit(const struct tcp_conn *c, position limit)
{
    return frto_sends_new(c) ? min_of(limit, c->busy->recovery.point + 2 * c->mss) : limit;
}

void frto_give_up(struct tcp_conn *c)
{
    c->busy->recovery.frto = FRTO_OFF;
}
