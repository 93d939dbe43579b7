#include "tcp/scoreboard.h"

#include "base/bytes.h"
#include "tcp/delivery.h"

/* A record that was sent once and is SACKed now measures the round trip, as in Linux: while a hole
 * keeps SND.UNA in place, nothing else does. The sample is that of the last one to leave, and at
 * least SRTT's resolution, so that RACK's reordering window is not empty. */
static void measure(const struct flight_record *f, struct ack_sample *ack)
{
    rill_time rtt = max_of(ack->now - f->sent_at, RILL_MICROSECONDS(1));
    if (f->retransmitted || f->sent_at == RILL_NEVER || (ack->rtt && ack->rtt < rtt))
        return;
    ack->rtt = rtt;
    ack->rtt_from = f->from;
}

/* Marks the records that are completely SACKed after `gap` was added. */
static void mark(struct tcp_conn *c, struct range gap, struct ack_sample *ack)
{
    const struct ranges *sacked = &c->busy->recovery.sacked;
    for (uint32_t i = flight_find(&c->flight, gap.from); i < flight_count(&c->flight); i++) {
        const struct flight_record *f = flight_at(&c->flight, i);
        struct range whole = {f->from, f->from + f->length};
        if (whole.from >= gap.to)
            return;
        if (f->sacked || !ranges_contains(sacked, whole))
            continue;
        delivery_take(c, i, ack);
        measure(f, ack);
        flight_set_sacked(&c->flight, i);
        ack->sacked += f->length;
    }
}

/* If the set is full or memory is missing, the rest of the block is ignored. */
static void take_block(struct tcp *t, struct tcp_conn *c, struct range block,
                       struct ack_sample *ack)
{
    struct ranges *sacked = &c->busy->recovery.sacked;
    for (;;) {
        struct range gap = ranges_gap(sacked, block);
        if (gap.from >= gap.to || !ranges_add(sacked, t->memory, gap))
            return;
        mark(c, gap, ack);
        block.from = gap.to;
    }
}

static struct range block_at(const struct tcp_conn *c, const struct tcp_options *o, unsigned i)
{
    return (struct range){seq_unwrap(o->sack[i].left, c->iss, c->snd.una),
                          seq_unwrap(o->sack[i].right, c->iss, c->snd.una)};
}

/* RFC 2883 4: the first block reports a duplicate if it lies below the ACK, or within the second
 * block. A block more than a window below the ACK is an error or an attack. */
static bool is_duplicate(const struct tcp_conn *c, const struct segment *s)
{
    const struct tcp_options *o = &s->header->options;
    struct range first = block_at(c, o, 0);
    if (first.from >= first.to || first.from < 1 || first.to > c->snd.nxt ||
        first.from < c->snd.una - (position)max_of(c->snd.wnd_max, (uint32_t)c->mss))
        return false;
    if (first.to <= s->ack)
        return true;
    struct range second = o->sack_count > 1 ? block_at(c, o, 1) : (struct range){0, 0};
    return first.from >= second.from && first.to <= second.to;
}

static void take_duplicate(struct tcp *t, const struct tcp_conn *c, const struct segment *s,
                           struct ack_sample *ack)
{
    struct range twice = block_at(c, &s->header->options, 0);
    uint32_t mss = max_of(c->mss, 1u);
    ack->duplicates_reported = ((uint32_t)(twice.to - twice.from) + mss - 1) / mss;
    ack->twice = twice;
    bool below = twice.to <= s->ack;
    t->counters->value[below ? RILL_TcpExtTCPDSACKRecv : RILL_TcpExtTCPDSACKOfoRecv]++;
    t->counters->value[RILL_TcpExtTCPDSACKRecvSegs] += ack->duplicates_reported;
}

void scoreboard_take(struct tcp *t, struct tcp_conn *c, const struct segment *s,
                     struct ack_sample *ack)
{
    const struct tcp_options *o = &s->header->options;
    if (!c->sack || !o->sack_count)
        return;
    ack->has_sack = true;
    bool twice = is_duplicate(c, s);
    if (twice)
        take_duplicate(t, c, s, ack);
    for (unsigned i = twice; c->busy && i < o->sack_count; i++) {
        struct range block = block_at(c, o, i);
        if (block.from >= c->snd.una && block.from < block.to && block.to <= c->snd.nxt)
            take_block(t, c, block, ack);
        else if (block.to > c->snd.una) /* else the block belongs to an old ACK */
            t->counters->value[RILL_TcpExtTCPSACKDiscard]++;
    }
}

void scoreboard_advance(struct tcp *t, struct tcp_conn *c)
{
    if (c->busy && c->busy->recovery.sacked.count)
        ranges_forget_below(&c->busy->recovery.sacked, t->memory, c->snd.una);
}

bool scoreboard_is_reneged(const struct tcp_conn *c)
{
    return flight_count(&c->flight) && flight_at(&c->flight, 0)->sacked;
}

void scoreboard_clear(struct tcp *t, struct tcp_conn *c)
{
    if (c->busy)
        ranges_clear(&c->busy->recovery.sacked, t->memory);
}
