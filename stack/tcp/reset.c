#include "tcp/reset.h"

#include "tcp/life.h"
#include "tcp/option.h"

#define CHALLENGES_EACH 2 /* of a flow at once; further ones wait for the end of the interval */

/* EV-1 and EV-2: if the segment has an ACK, the RST's sequence number comes from it; otherwise the
 * RST has number 0 and acknowledges the segment. */
void reset_reply(struct tcp *t, const struct tcp_arrival *in, struct tcp_reply *reply)
{
    const struct tcp_header *h = in->header;
    if (h->flags & TCP_RST || in->to_group) /* EV-3 */
        return;
    *reply = (struct tcp_reply){
        .pending = true,
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

void reset_acknowledge(const struct tcp *t, const struct flow *f, seq32 seq, seq32 ack,
                       uint32_t ts_recent, struct tcp_reply *reply)
{
    *reply = (struct tcp_reply){
        .pending = true,
        .flow = *f,
        .header = {.source = f->local_port,
                   .destination = f->remote_port,
                   .seq = seq,
                   .ack = ack,
                   .flags = TCP_ACK,
                   .window = UINT16_MAX},
        .reason = RILL_REASON_CHALLENGE,
    };
    if (!ts_recent)
        return;
    struct tcp_options *o = &reply->header.options;
    o->has_timestamps = true;
    o->timestamp_value = option_timestamp(t, option_timestamp_offset(t, f));
    o->timestamp_echo = ts_recent;
}

/* Different flows may share a place, but an outsider cannot know which: the hash is keyed. */
static struct challenges *challenges_of(struct tcp *t, const struct flow *f)
{
    struct challenges *c = &t->challenged[table_hash(&t->table, f) % CHALLENGE_PLACES];
    uint32_t now = milliseconds_of(t->now);
    if (now - c->since >= milliseconds_of(CHALLENGES_EACH * t->config->challenge_interval))
        *c = (struct challenges){.since = now};
    return c;
}

bool reset_may_answer(struct tcp *t, const struct flow *f)
{
    struct challenges *its = challenges_of(t, f);
    if (its->count == CHALLENGES_EACH)
        return false;
    its->count++;
    return true;
}

bool reset_may_challenge(struct tcp *t, const struct flow *f)
{
    uint32_t limit = t->config->challenge_acks;
    if (t->now >= t->challenge_until) {
        t->challenge_until = t->now + RILL_SECONDS(1);
        t->challenge_left = limit / 2 + (uint32_t)random_below(&t->random, limit + 1);
    }
    if (t->challenge_left == 0 || !reset_may_answer(t, f))
        return false;
    t->challenge_left--;
    t->counters->value[RILL_TcpExtTCPChallengeACK]++;
    return true;
}

void conn_challenge(struct tcp *t, struct tcp_conn *c)
{
    if (reset_may_challenge(t, &c->sender.head.flow))
        conn_schedule_ack(t, c, RILL_REASON_CHALLENGE);
}
