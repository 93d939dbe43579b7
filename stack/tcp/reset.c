#include "tcp/reset.h"

/* EV-1 and EV-2: with ACK the RST takes its number from it; without, it begins at 0 and
 * acknowledges the segment. */
void reset_reply(struct tcp *t, const struct tcp_arrival *in, struct tcp_reply *reply)
{
    const struct tcp_header *h = in->header;
    if (h->flags & TCP_RST || in->to_group)
        return;
    *reply = (struct tcp_reply){
        .owed = true,
        .flow = {in->destination, in->source, h->destination, h->source},
        .header = {.source = h->destination, .destination = h->source, .flags = TCP_RST},
        .reason = RILL_REASON_NO_CONNECTION,
    };
    if (h->flags & TCP_ACK) {
        reply->header.seq = h->ack;
    } else {
        reply->header.flags |= TCP_ACK;
        reply->header.ack.n = h->seq.n + arrival_length(in);
    }
    t->counters->value[RILL_TcpOutRsts]++;
}

bool reset_may_challenge(struct tcp *t)
{
    uint32_t limit = t->config->challenge_acks;
    if (t->now - t->challenge_second >= RILL_SECONDS(1)) {
        t->challenge_second = t->now;
        t->challenge_left = limit / 2 + (uint32_t)random_below(&t->random, limit + 1);
    }
    if (t->challenge_left == 0)
        return false;
    t->challenge_left--;
    t->counters->value[RILL_TcpExtTCPChallengeACK]++;
    return true;
}
