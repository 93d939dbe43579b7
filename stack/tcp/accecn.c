#include "tcp/accecn.h"

#include "tcp/life.h"
#include "wire/ip4.h"

/* ------------------------------------------------------------- negotiation */

bool accecn_requests(const struct tcp *t)
{
    return t->config->ecn == RILL_ECN_REQUEST_ACCURATE;
}

bool accecn_accepts(const struct tcp *t)
{
    return t->config->ecn >= RILL_ECN_ACCEPT_ACCURATE;
}

/* RFC 9768 3.1.2, table 2. A SYN with any flags but none, or those of RFC 3168, requests it; of the
 * answers, 0 and 7 are those of a peer without ECN or of a broken one, and 1 is RFC 3168's. */
bool accecn_agreed(const struct tcp *t, uint16_t flags)
{
    unsigned ace = ace_of(flags);
    if (flags & TCP_ACK)
        return accecn_requests(t) && ace > 1 && ace < 7;
    return accecn_accepts(t) && ace != 0 && ace != 3;
}

bool accecn_start(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_extras *e = conn_extras(t, c);
    if (e && !e->accurate)
        e->accurate = memory_get(t->memory, sizeof *e->accurate);
    if (!e || !e->accurate)
        return false;
    *e->accurate = (struct accecn){.option_level = t->config->accurate_ecn_option & 3u};
    return true;
}

void accecn_end(struct tcp *t, struct tcp_conn *c)
{
    if (c->extras && c->extras->accurate)
        memory_put(t->memory, c->extras->accurate, sizeof *c->extras->accurate);
}

void accecn_take_record(struct tcp_conn *c, const struct accecn_syn *s)
{
    struct accecn *a = conn_accurate(c);
    a->handshake = a->last = s->arrived & 3u;
    a->sent = s->sent & 3u;
    a->failures = s->failures & 15u;
    a->option_demand = 1;
}

/* 3.2.3.2.4: a counter that does not begin at zero, but arrives as zero, was cleared on the way. */
static enum accecn_option judge_option(const struct tcp_accurate_ecn *o)
{
    if (o->fields == 0)
        return OPTION_EMPTY;
    bool cleared = o->count[0] == 0 || (o->fields == TCP_ECN_FIELDS && o->count[2] == 0);
    return cleared ? OPTION_CLEARED : OPTION_COUNTS;
}

static void see_option(struct accecn *a, const struct tcp_options *o)
{
    if (!o->has_accurate_ecn || a->option_seen >= OPTION_COUNTS)
        return;
    a->option_seen = judge_option(&o->accurate_ecn) & 3u;
    if (a->option_seen == OPTION_CLEARED)
        a->failures |= ACCECN_OPTION_FAILS_ARRIVING;
}

/* 3.2.2.3: how our SYN or SYN-ACK has arrived, as the peer's answer says. If the network has
 * changed its ECN field in a way that no router may, no packet is ECN-capable from then on. */
static void take_code(struct accecn *a, unsigned ace)
{
    uint8_t arrived = ace_decode(ace);
    if (!ace_arrival_valid(a->sent, arrived))
        a->failures |= ACCECN_ACE_FAILS_ARRIVING;
    else if (arrived == ECN_CE)
        a->delivered_ce = 1;
}

static bool requested_late(const struct tcp_conn *c)
{
    return c->backoff >= ACCECN_REQUESTS;
}

void accecn_take_syn(struct tcp_conn *c, const struct tcp_arrival *in)
{
    struct accecn *a = conn_accurate(c);
    bool answered = in->header->flags & TCP_ACK;
    a->handshake = a->last = in->ecn & 3u;
    a->reflects = answered;
    a->sent = conn_cc(c)->exact_ecn ? ECN_ECT0 : ECN_NOT_ECT;
    a->failures = requested_late(c) ? ACCECN_ACE_FAILS_SENDING : 0;
    a->option_demand = 2;
    see_option(a, &in->header->options);
    if (!answered)
        return;
    if (ace_of(in->header->flags) != ACE_RESERVED)
        take_code(a, ace_of(in->header->flags));
    if (in->ecn == ECN_CE)
        a->received_ce = 1;
}

void accecn_take_syn_again(struct tcp_conn *c, const struct segment *s)
{
    struct accecn *a = conn_accurate(c);
    a->handshake = s->ecn & 3u;
    a->reflects = true;
    if (ace_of(s->header->flags) == 0)
        a->failures |= ACCECN_ACE_FAILS_ARRIVING;
    see_option(a, &s->header->options);
    a->option_demand = max_of((unsigned)a->option_demand, 1u) & 3u;
}

/* 3.1.4.2: a SYN-ACK that was lost twice may have been dropped for its flags. */
uint16_t accecn_syn_ack_flags(uint8_t arrived, unsigned tries)
{
    return tries < ACCECN_REQUESTS ? ace_flags(ace_code(arrived)) : 0;
}

void accecn_write_syn_ack(const struct tcp *t, struct tcp_options *o)
{
    size_t room = TCP_HEADER_MAX - tcp_header_length(o);
    unsigned fields = TCP_ECN_FIELDS, nops = tcp_option_nops(o);
    if (!t->config->accurate_ecn_option)
        return;
    while (fields && tcp_accurate_ecn_bytes(fields, nops) > room)
        fields--;
    if (tcp_accurate_ecn_bytes(fields, nops) > room)
        return;
    o->has_accurate_ecn = true;
    o->accurate_ecn = (struct tcp_accurate_ecn){.fields = (uint8_t)fields, .count = {1, 0, 1}};
}

/* -------------------------------------------------- what arrives, and is told */

/* Its counter's place in the option that we send: ECT(1), CE, ECT(0); from 1 on. */
static unsigned place_of(uint8_t ecn)
{
    static const uint8_t place[] = {
        [ECN_NOT_ECT] = 0, [ECN_ECT1] = 1, [ECN_CE] = 2, [ECN_ECT0] = 3};
    return place[ecn];
}

/* The option is sent at least once while a counter grows by so much (3.2.3.3: it must not wrap). */
#define OPTION_EVERY (UINT32_C(1) << 22)

static void demand_option(struct accecn *a, unsigned times)
{
    a->option_demand = max_of((unsigned)a->option_demand, times) & 3u;
}

static void count_text(struct accecn *a, uint8_t ecn, uint32_t length)
{
    uint32_t before = a->received[ecn - 1];
    a->received[ecn - 1] += length;
    a->option_fields = max_of((unsigned)a->option_fields, place_of(ecn)) & 3u;
    if ((before ^ a->received[ecn - 1]) & ~(OPTION_EVERY - 1))
        demand_option(a, 1);
}

/* Text that was acknowledged late has its ACK now; text that is still to be taken gets one. */
static void acknowledge_now(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    if (!s->text.length && c->ack_at != RILL_NEVER) {
        conn_schedule_ack(t, c, RILL_REASON_ACK_NOW);
        return;
    }
    c->quick_acks = max_of(c->quick_acks, 1);
    c->interactive = false;
}

/* 3.2.2.5.1: an ACK at each change of the field, and for so many marks: 2, or 3 if there is no text
 * to acknowledge, so that two hosts do not answer one another's ACKs for ever. */
static void acknowledge(struct tcp *t, struct tcp_conn *c, const struct segment *s, bool changed)
{
    const struct accecn *a = conn_accurate(c);
    bool text = s->text.length || c->rcv.acked < c->rcv.nxt;
    if (changed || (text && a->ce_pending >= 2))
        acknowledge_now(t, c, s);
    else if (!text && a->ce_pending >= 3 && !c->acks_pending)
        conn_schedule_ack(t, c, RILL_REASON_ACK_NOW);
}

void accecn_take(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    struct accecn *a = conn_accurate(c);
    uint8_t ecn = s->ecn & ECN_MASK;
    bool marked = ecn == ECN_CE, changed = a->last != ecn;
    uint32_t marks = marked ? tcp_pieces(s->text.length, s->joined) : 0;
    a->received_ce += marks;
    a->ce_pending = min_of(a->ce_pending + marks, 15u) & 15u;
    if (ecn && s->text.length)
        count_text(a, ecn, (uint32_t)s->text.length);
    if (!changed && !marked)
        return;
    a->last = ecn & 3u;
    demand_option(a, 2); /* only the second ACK shows where the change was */
    acknowledge(t, c, s, changed);
}

/* 3.2.3.2.2: the ACK that reported this duplicate, with the option, was lost. */
void accecn_note_duplicate(struct tcp_conn *c, struct range r)
{
    struct accecn *a = conn_accurate(c);
    if (r.from < r.to && r.from == a->duplicate.from && r.to == a->duplicate.to)
        a->failures |= ACCECN_OPTION_FAILS_SENDING;
}

uint16_t accecn_flags(struct tcp_conn *c)
{
    struct accecn *a = conn_accurate(c);
    if (a->reflects) {
        a->reflects = false;
        return ace_flags(ace_code(a->handshake));
    }
    a->ce_pending = 0;
    return ace_flags(a->received_ce + ACE_INITIAL);
}

/* As Linux does: all segments, also empty ones and retransmissions. */
uint8_t accecn_codepoint(const struct tcp_conn *c)
{
    unsigned failures = ACCECN_ACE_FAILS_SENDING | ACCECN_ACE_FAILS_ARRIVING;
    return conn_accurate(c)->failures & failures ? ECN_NOT_ECT : ECN_ECT0;
}

/* ------------------------------------------------------------ our option */

static bool may_send_option(const struct accecn *a)
{
    return a->option_level && a->option_seen != OPTION_UNSEEN &&
           (a->option_level == RILL_ECN_OPTION_PERSISTENT ||
            !(a->failures & ACCECN_OPTION_FAILS_SENDING));
}

static bool sends_option_always(const struct accecn *a)
{
    return may_send_option(a) && a->option_level >= RILL_ECN_OPTION_FULL;
}

/* 3.2.3.3: so many times in a round trip. */
static bool beacon_due(const struct tcp *t, const struct tcp_conn *c)
{
    unsigned beacon = t->config->accurate_ecn_beacon;
    return beacon &&
           (t->now - conn_accurate(c)->option_at) * beacon >= RILL_MICROSECONDS(c->rtt.srtt);
}

/* Linux (tcp_options_fit_accecn): as many counters as fit. If those that have changed do not fit, a
 * third and fourth SACK block give way, if that helps. */
static unsigned fit(unsigned least, uint32_t room, unsigned *sack_blocks)
{
    unsigned blocks = *sack_blocks;
    for (;;) {
        for (unsigned fields = TCP_ECN_FIELDS + 1; fields-- > least;)
            if (tcp_accurate_ecn_bytes(fields, blocks ? 2 : 0) <= room) {
                *sack_blocks = blocks;
                return fields;
            }
        if (blocks <= 2 || !least)
            return ACCECN_NO_OPTION;
        blocks--;
        room += TCP_SACK_BLOCK;
    }
}

unsigned accecn_fields(const struct tcp *t, const struct tcp_conn *c, unsigned *sack_blocks,
                       uint32_t room)
{
    const struct accecn *a = conn_accurate(c);
    if (!may_send_option(a) || !(sends_option_always(a) || a->option_demand || beacon_due(t, c)))
        return ACCECN_NO_OPTION;
    return fit(a->option_fields, room, sack_blocks);
}

uint32_t accecn_usual_bytes(const struct tcp_conn *c)
{
    bool always = conn_accurate(c) && sends_option_always(conn_accurate(c));
    return always ? (uint32_t)tcp_accurate_ecn_bytes(TCP_ECN_FIELDS, 0) : 0;
}

void accecn_write_option(const struct tcp *t, struct tcp_conn *c, unsigned fields,
                         struct tcp_options *o)
{
    struct accecn *a = conn_accurate(c);
    o->has_accurate_ecn = true;
    o->accurate_ecn = (struct tcp_accurate_ecn){
        .fields = (uint8_t)fields,
        .count = {a->received[ECN_ECT1 - 1] + 1, a->received[ECN_CE - 1],
                  a->received[ECN_ECT0 - 1] + 1},
    };
    a->duplicate = c->busy ? c->busy->duplicate : (struct range){0}; /* a D-SACK leaves with it */
    a->option_fields = 0;
    a->option_at = t->now;
    if (a->option_demand)
        a->option_demand--;
}

void accecn_write_last_ack(const struct tcp *t, struct tcp_conn *c, struct tcp_reply *reply)
{
    struct tcp_header *h = &reply->header;
    uint32_t room = (uint32_t)(TCP_HEADER_MAX - tcp_header_length(&h->options));
    unsigned none = 0, fields = accecn_fields(t, c, &none, room);
    h->flags |= accecn_flags(c);
    reply->tos |= accecn_codepoint(c);
    if (fields != ACCECN_NO_OPTION)
        accecn_write_option(t, c, fields, &h->options);
}

/* ------------------------------------------------------ what the peer reports */

#define AVERAGE_WEIGHT 6          /* a new value counts 1/64 */
#define AVERAGE_STRETCHED 4u      /* segments of one ACK: more is not usual */
#define OPTION_TOO_LATE (1 << 23) /* a counter may have wrapped before the first option */

/* The growth of a 24-bit counter, negative if the option was overtaken. */
static int32_t grow(uint32_t *counter, uint32_t value)
{
    uint32_t delta = (value - *counter) & 0xffffff;
    int32_t growth = (int32_t)(delta << 8) >> 8;
    *counter += (uint32_t)growth;
    return growth;
}

/* Without an option: all that arrives bears the mark that it bore last. */
static bool estimate(struct tcp_conn *c, const struct ack_sample *ack)
{
    struct accecn *a = conn_accurate(c);
    if (a->option_seen == OPTION_UNSEEN && c->snd.nxt >= OPTION_TOO_LATE) {
        a->option_seen = OPTION_CLEARED;
        a->failures |= ACCECN_OPTION_FAILS_ARRIVING;
    }
    if (a->option_seen == OPTION_UNSEEN || !a->estimated)
        return false;
    a->delivered[a->estimated - 1] += ack->delivered;
    return true;
}

/* Linux: tcp_accecn_process_option. True: `delivered` holds for all bytes that this ACK reports. */
static bool take_option(struct tcp_conn *c, const struct tcp_options *o,
                        const struct ack_sample *ack)
{
    static const uint8_t order[] = {ECN_ECT1, ECN_CE, ECN_ECT0};
    struct accecn *a = conn_accurate(c);
    const struct tcp_accurate_ecn *counters = &o->accurate_ecn;
    if (a->failures & ACCECN_OPTION_FAILS_ARRIVING)
        return false;
    if (!o->has_accurate_ecn)
        return estimate(c, ack);
    bool known = a->estimated, ambiguous = false, first = true;
    uint8_t before = a->estimated;
    for (unsigned i = 0; i < counters->fields; i++) {
        uint8_t ecn = order[counters->ect0_first ? TCP_ECN_FIELDS - 1 - i : i];
        int32_t growth = grow(&a->delivered[ecn - 1], counters->count[i] - (ecn != ECN_CE));
        ambiguous |= growth < 0;
        if (!growth || ecn == before)
            continue;
        ambiguous |= !first;
        if (first)
            a->estimated = ecn & 3u;
        first = false;
    }
    if (ambiguous)
        a->estimated = ECN_NOT_ECT;
    return known && !ambiguous;
}

static void note_average(struct accecn *a, uint32_t segments)
{
    uint32_t average = a->segments_each, now = min_of(segments, UINT16_MAX >> AVERAGE_WEIGHT)
                                               << AVERAGE_WEIGHT;
    if (!segments)
        return;
    a->segments_each =
        (uint16_t)(average ? average - (average >> AVERAGE_WEIGHT) + (now >> AVERAGE_WEIGHT) : now);
}

/* 3.2.2.1, table 4: the peer's answer to our SYN-ACK. Only an empty segment has the handshake's
 * code; text may follow an answer that was lost. */
static void take_answer(struct accecn *a, const struct segment *s)
{
    unsigned ace = ace_of(s->header->flags);
    if (s->header->options.sack_count)
        return;
    if (ace == 0)
        a->failures |= ACCECN_ACE_FAILS_ARRIVING | ACCECN_OPTION_FAILS_ARRIVING;
    else if (segment_length(s) == segment_has(s, TCP_SYN) && ace != 1 && ace != ACE_RESERVED &&
             ace != 7)
        take_code(a, ace);
}

/* The segment is newer than all before, so its ACE field is, too (3.2.2.5): it acknowledges more,
 * or its timestamp is younger. */
static bool makes_progress(const struct tcp_conn *c, const struct segment *s,
                           const struct ack_sample *ack)
{
    const struct tcp_options *o = &s->header->options;
    return ack->una_advanced || ack->sacked ||
           (c->timestamps && o->has_timestamps && s->seq <= c->rcv.acked &&
            seq_after(o->timestamp_value, c->ts_recent));
}

static uint32_t newly_marked(const struct tcp_conn *c, const struct segment *s,
                             const struct ack_sample *ack, const struct ace_evidence *e)
{
    struct accecn *a = conn_accurate(c);
    unsigned ace = ace_of(s->header->flags);
    if (ack->una_advanced && !a->data_acked) {
        a->data_acked = true;
        if (ace == 0) /* 3.2.2.4: it cannot be, so soon: the field was cleared */
            a->failures |= ACCECN_ACE_FAILS_ARRIVING;
    }
    return a->failures & ACCECN_ACE_FAILS_ARRIVING ? 0 : ace_increase(ace, a->delivered_ce, e);
}

void accecn_take_ack(struct tcp_conn *c, const struct segment *s, struct ack_sample *ack)
{
    struct accecn *a = conn_accurate(c);
    see_option(a, &s->header->options);
    if (conn_state(c) == RILL_TCP_SYN_RECEIVED) {
        take_answer(a, s);
        return;
    }
    if (!makes_progress(c, s, ack))
        return;
    uint32_t before = a->delivered[ECN_CE - 1];
    struct ace_evidence e = {.segments = ack->segments, .bytes = ack->delivered, .mss = c->mss};
    e.counted = take_option(c, &s->header->options, ack);
    e.marked_bytes = a->delivered[ECN_CE - 1] - before;
    e.exact_segments = c->sack || !c->busy || c->busy->recovery.state <= RECOVERY_REDUCED;
    note_average(a, ack->segments);
    e.stretched = a->segments_each > AVERAGE_STRETCHED << AVERAGE_WEIGHT;
    ack->marked = newly_marked(c, s, ack, &e);
    a->delivered_ce += ack->marked;
    ack->echoed = ack->marked > 0;
}
