#include "tcp/frto.h"

/* Not for a time-out of text that has timed out before (step 1), nor for a SYN. */
void frto_start(const struct tcp *t, struct tcp_conn *c)
{
    struct recovery *r = &c->busy->recovery;
    bool again = c->unanswered > 0;
    r->frto = t->config->frto && !again && c->snd.una > 0 ? FRTO_WAITS : FRTO_OFF;
}

bool frto_take_ack(struct tcp_conn *c, const struct ack_news *news)
{
    struct recovery *r = &c->busy->recovery;
    if (r->frto == FRTO_OFF)
        return false;
    /* 3b; without SACK the original may have been acknowledged because of the retransmission */
    if (news->original_delivered && (c->sack || !news->again_delivered))
        return true;
    if (r->frto == FRTO_WAITS && news->una_advanced && c->snd.una < r->point) {
        r->frto = FRTO_SENDS_NEW; /* 2b */
        r->point = c->snd.nxt;
    } else if (r->frto == FRTO_SENDS_NEW && (news->sacked || news->duplicate)) {
        r->frto = FRTO_OFF; /* 3a: it was real */
    }
    return false;
}

bool frto_sends_new(const struct tcp_conn *c)
{
    return c->busy && c->busy->recovery.frto == FRTO_SENDS_NEW;
}

void frto_give_up(struct tcp_conn *c)
{
    c->busy->recovery.frto = FRTO_OFF;
}
