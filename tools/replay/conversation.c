#include "replay/conversation.h"

#include "recording/grow.h"
#include "tcp/seq.h"
#include "wire/icmp.h"

#include <stdio.h>

#define AHEAD_MAX (16u << 20) /* beyond the bytes seen: text further on is forged */
#define LOST_MAX (1u << 20)   /* bytes of a stream that are in no segment: more are claims */
#define IP6_HEADER 40
#define BUCKET_BITS 16

bool conversation_carries(const struct conversation_segment *s)
{
    return !(s->header.flags & TCP_RST) && s->header.flags & (TCP_SYN | TCP_ACK);
}

position conversation_text(const struct conversation_segment *s)
{
    return s->seq + !!(s->header.flags & TCP_SYN);
}

position conversation_end(const struct conversation_segment *s)
{
    return conversation_text(s) + (position)s->text.length + !!(s->header.flags & TCP_FIN);
}

uint32_t conversation_window(const struct conversation *c, const struct conversation_segment *s)
{
    const struct tcp_options *own = &c->host[s->from].options, *other = &c->host[!s->from].options;
    bool scaled = !(s->header.flags & TCP_SYN) && own->has_window_scale && other->has_window_scale;
    return (uint32_t)s->header.window << (scaled ? min_of(own->window_scale, 14u) : 0);
}

/* ----------------------------------------------------------- streams */

/* The end of the segment's text in its stream; 0: it has none, or is forged. */
static size_t stream_reach(const struct conversation_segment *s, size_t length)
{
    position at = conversation_text(s);
    if (s->text.length == 0 || !conversation_carries(s) || at < 1 ||
        at > (position)length + (position)AHEAD_MAX)
        return 0;
    return (size_t)at - 1 + s->text.length;
}

/* The first copy is what was sent: a later copy with other bytes is forged. */
static void stream_put(struct conversation_host *h, bool *known,
                       const struct conversation_segment *s)
{
    size_t first = (size_t)conversation_text(s) - 1;
    for (size_t i = 0; i < s->text.length; i++) {
        if (known[first + i])
            continue;
        h->stream[first + i] = s->text.at[i];
        known[first + i] = true;
    }
}

/* Only for a host whose segments contain most of the stream, so that a few with distant numbers do
 * not cost memory. */
static void stream_make(struct conversation *c, enum conversation_side side)
{
    struct conversation_host *h = &c->host[side];
    size_t length = 0;
    bool numbered = false; /* before the SYN a number has no position */
    if (h->length > h->seen + LOST_MAX || !h->numbered)
        return;
    h->stream = grow(NULL, h->length + 1);
    bool *known = grow(NULL, h->length + 1);
    memset(known, false, h->length + 1);
    for (unsigned i = 0; i < c->count; i++) {
        const struct conversation_segment *s = &c->segment[i];
        numbered = numbered || (s->from == side && s->header.flags & TCP_SYN);
        size_t to = numbered && s->from == side ? stream_reach(s, length) : 0;
        length = max_of(length, to);
        if (to)
            stream_put(h, known, s);
    }
    while (h->whole < h->length && known[h->whole])
        h->whole++;
    free(known);
}

/* ----------------------------------------------------------- windows */

/* By how many segments, and how much time, the ACK that opens a window may be recorded after the
 * segment that used it: each direction has its own queue. */
#define LATE_SEGMENTS 16
#define LATE_TIME RILL_MILLISECONDS(1)

/* The right edge of the window that a segment offers. */
static position edge_of(const struct conversation *c, const struct conversation_segment *s)
{
    if (s->icmp || !conversation_carries(s))
        return 0;
    return max_of(s->ack, 1) + (position)conversation_window(c, s);
}

/* Did an ACK recorded after segment i, which does not acknowledge it, permit it? */
static bool is_opened_late(const struct conversation *c, unsigned i, position end)
{
    const struct conversation_segment *s = &c->segment[i];
    for (unsigned k = i + 1; k < min_of(c->count, i + LATE_SEGMENTS); k++) {
        const struct conversation_segment *ack = &c->segment[k];
        if (ack->when - s->when > LATE_TIME)
            return false;
        if (ack->from != s->from && ack->ack < end && edge_of(c, ack) >= end)
            return true;
    }
    return false;
}

/* RFC 9293 3.8.6: a host sends no text beyond the edge, except a probe of one byte. If one did, the
 * ACKs that moved the edge are missing in the recording. */
static void find_beyond(struct conversation *c, enum conversation_side side)
{
    position edge = 0;
    for (unsigned i = 0; i < c->count && !c->host[side].beyond; i++) {
        const struct conversation_segment *s = &c->segment[i];
        position end = conversation_text(s) + (position)s->text.length;
        if (s->from != side)
            edge = max_of(edge, edge_of(c, s));
        else if (edge > 0 && s->text.length && conversation_carries(s) && end > edge + 1 &&
                 !is_opened_late(c, i, end))
            c->host[side].beyond = s->number;
    }
}

/* ----------------------------------------------------------- one packet */

/* A TCP segment, or an ICMP error about one, before its conversation is known. */
struct arrived {
    const struct recorded *packet;
    struct ip4 ip; /* of an ICMP error: the quoted header, with the ends exchanged */
    struct tcp_header header;
    struct rill_span text;
    bool cut, icmp, wrong; /* wrong: its checksum is, so it is ignored */
};

/* For a packet that the snap length has cut, addresses and ports are enough. */
static bool parse_cut(struct arrived *a)
{
    struct rill_span segment;
    if (!ip4_parse_quoted(&a->ip, a->packet->body, &segment) || a->ip.protocol != IP_PROTOCOL_TCP ||
        segment.length < 4)
        return false;
    a->header.source = wire_get16(segment.at);
    a->header.destination = wire_get16(segment.at + 2);
    a->cut = true;
    return true;
}

static bool parse_icmp(struct arrived *a, struct rill_span message)
{
    struct icmp icmp;
    struct icmp_quote quote;
    struct rill_span quoted;
    if (icmp_parse(&icmp, message, &quoted) || !icmp_is_error(icmp.type) ||
        !icmp_quote_parse(&quote, quoted) || quote.ip.protocol != IP_PROTOCOL_TCP)
        return false;
    a->icmp = true;
    a->ip.source = quote.ip.destination;
    a->ip.destination = quote.ip.source;
    a->header = (struct tcp_header){.source = quote.destination_port,
                                    .destination = quote.source_port,
                                    .ack = {quote.tcp_seq + 1}};
    return true;
}

static bool arrived_parse(struct arrived *a, const struct recorded *packet)
{
    struct rill_span segment;
    *a = (struct arrived){.packet = packet};
    if (packet->type != ETH_TYPE_IP4)
        return false;
    if (packet->cut && ip4_parse(&a->ip, packet->body, &segment))
        return parse_cut(a);
    if (ip4_parse(&a->ip, packet->body, &segment) || a->ip.more_fragments || a->ip.fragment_offset)
        return false;
    if (a->ip.protocol == IP_PROTOCOL_ICMP)
        return parse_icmp(a, segment);
    if (a->ip.protocol != IP_PROTOCOL_TCP || tcp_header_parse(&a->header, segment, &a->text))
        return false;
    a->wrong = !tcp_checksum_good(rill_address_ip4(a->ip.source),
                                  rill_address_ip4(a->ip.destination), segment);
    return !a->wrong;
}

/* ----------------------------------------------------------- finding its conversation */

static bool is_from(const struct conversation *c, enum conversation_side side,
                    const struct arrived *a)
{
    const struct conversation_host *from = &c->host[side], *to = &c->host[!side];
    return from->address == a->ip.source && from->port == a->header.source &&
           to->address == a->ip.destination && to->port == a->header.destination;
}

static bool is_syn(const struct arrived *a)
{
    return (a->header.flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

/* The bucket for both directions of the two ends. */
static unsigned *bucket_of(struct conversations *cs, const struct arrived *a)
{
    uint32_t ports = (uint32_t)a->header.source * a->header.destination;
    uint32_t mixed = (a->ip.source ^ a->ip.destination ^ ports) * 0x9e3779b1u; /* Knuth, 6.4 */
    return &cs->bucket[mixed >> (32 - BUCKET_BITS)];
}

/* The latest conversation of these two ends, and the segment's side; NULL: none. */
static struct conversation *conversation_of(struct conversations *cs, const struct arrived *a,
                                            enum conversation_side *from)
{
    for (unsigned i = *bucket_of(cs, a); i > 0; i = cs->conversation[i - 1].next) {
        struct conversation *c = &cs->conversation[i - 1];
        for (int side = 0; side < 2; side++)
            if (is_from(c, side, a)) {
                *from = side;
                return c;
            }
    }
    return NULL;
}

static struct conversation *conversation_new(struct conversations *cs, const struct arrived *a)
{
    unsigned *bucket = bucket_of(cs, a);
    cs->conversation = grow_one(cs->conversation, cs->count, &cs->room, sizeof *cs->conversation);
    struct conversation *c = &cs->conversation[cs->count++];
    *c = (struct conversation){
        .next = *bucket,
        .start = a->packet->when,
        .opened = is_syn(a),
        .host = {{.address = a->ip.source, .port = a->header.source},
                 {.address = a->ip.destination, .port = a->header.destination}}};
    *bucket = cs->count;
    return c;
}

/* ----------------------------------------------------------- its segments */

static void note_syn(struct conversation *c, enum conversation_side from, const struct arrived *a)
{
    struct conversation_host *h = &c->host[from];
    h->options = a->header.options;
    h->isn = a->header.seq.n;
    h->numbered = true;
    c->answered = c->answered || from == CONVERSATION_SERVER;
    c->refused = c->refused && !c->answered; /* then it does not matter whose RST it was */
}

static struct conversation_segment *segment_add(struct conversation *c, enum conversation_side from,
                                                const struct arrived *a)
{
    c->segment = grow_one(c->segment, c->count, &c->room, sizeof *c->segment);
    struct conversation_segment *s = &c->segment[c->count++];
    const struct conversation_host *h = &c->host[from], *other = &c->host[!from];
    *s = (struct conversation_segment){.number = a->packet->number,
                                       .when = a->packet->when - c->start,
                                       .from = from,
                                       .icmp = a->icmp,
                                       .header = a->header,
                                       .text = a->text,
                                       .packet = a->packet->body};
    s->seq = seq_unwrap(a->header.seq, (seq32){h->isn}, (position)h->length);
    if (a->header.flags & TCP_ACK || a->icmp)
        s->ack = seq_unwrap(a->header.ack, (seq32){other->isn}, (position)other->length);
    return s;
}

static void conversation_put(struct conversation *c, enum conversation_side from,
                             const struct arrived *a)
{
    struct conversation_host *h = &c->host[from], *other = &c->host[!from];
    c->cut += a->cut;
    if (a->cut)
        return;
    if (a->header.flags & TCP_SYN)
        note_syn(c, from, a);
    struct conversation_segment *s = segment_add(c, from, a);
    if (a->header.flags & TCP_RST && from == CONVERSATION_SERVER && !c->answered)
        c->refused = true;
    c->reset = c->reset || a->header.flags & TCP_RST;
    size_t to = h->numbered ? stream_reach(s, h->length) : 0;
    h->seen += to ? a->text.length : 0;
    h->length = max_of(h->length, to);
    if (a->header.flags & TCP_ACK && s->ack <= (position)other->length + 1 + !!other->fin)
        h->heard = max_of(h->heard, s->ack); /* an ACK of data that was never sent is forged */
    if (h->numbered && a->header.flags & TCP_FIN && conversation_carries(s))
        h->fin = conversation_end(s) - 1;
}

/* Both have closed and have heard of it, or one has reset. Then the same SYN opens another one: the
 * recording is two, or repeats itself; or its sender has not heard of the refusal. */
static bool is_over(const struct conversation *c)
{
    const struct conversation_host *a = &c->host[0], *b = &c->host[1];
    bool closed = a->fin && b->fin && a->heard > b->fin && b->heard > a->fin;
    return c->refused || (c->answered && (closed || c->reset));
}

/* A SYN opens a conversation, or another one between the same ends. */
static void conversations_put(struct conversations *cs, const struct arrived *a)
{
    enum conversation_side from = CONVERSATION_CLIENT;
    struct conversation *c = conversation_of(cs, a, &from);
    bool known = c && c->opened && !is_over(c) &&
                 (from == CONVERSATION_SERVER || a->header.seq.n == c->host[from].isn);
    if (!c && a->icmp)
        return;
    if (!c || (is_syn(a) && !known)) {
        c = conversation_new(cs, a);
        from = CONVERSATION_CLIENT;
    }
    conversation_put(c, from, a);
}

#define REORDER_MAX 16 /* packets by which a capture may reorder a handshake */

/* For a SYN-ACK that was recorded before its SYN, because each direction has its own queue: the
 * index of the SYN. 0: none. */
static unsigned late_syn(const struct recording *r, unsigned i, const struct arrived *answer)
{
    struct arrived a;
    for (unsigned k = i + 1; k < r->count && k <= i + REORDER_MAX; k++)
        if (arrived_parse(&a, &r->packet[k]) && is_syn(&a) && !a.icmp &&
            a.ip.source == answer->ip.destination && a.ip.destination == answer->ip.source &&
            a.header.source == answer->header.destination &&
            a.header.destination == answer->header.source &&
            a.header.seq.n + 1 == answer->header.ack.n)
            return k;
    return 0;
}

static bool is_answer(const struct arrived *a)
{
    return (a->header.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
}

#define TAKEN_MAX 64 /* packets until the client's first ACK */

/* Is it the SYN-ACK that the client's first ACK acknowledges? */
static bool is_taken(const struct recording *r, unsigned i, const struct arrived *answer)
{
    struct arrived a;
    for (unsigned k = i + 1; k < r->count && k <= i + TAKEN_MAX; k++)
        if (arrived_parse(&a, &r->packet[k]) && !a.icmp &&
            (a.header.flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_ACK &&
            a.ip.source == answer->ip.destination && a.ip.destination == answer->ip.source &&
            a.header.source == answer->header.destination &&
            a.header.destination == answer->header.source)
            return a.header.ack.n == answer->header.seq.n + 1;
    return false;
}

static void forget_answers(struct conversation *c)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < c->count; i++) {
        const struct conversation_segment *s = &c->segment[i];
        if (s->from != CONVERSATION_SERVER || !(s->header.flags & TCP_SYN))
            c->segment[kept++] = *s;
    }
    c->count = kept;
}

/* A server may answer one SYN twice, with two ISNs: a cookie and a record, or two servers. Only the
 * SYN-ACK counts that the client has acknowledged; true: it is another one. */
static bool is_not_taken(struct conversations *cs, const struct recording *r, unsigned i,
                         const struct arrived *a)
{
    enum conversation_side from;
    struct conversation *c = is_answer(a) ? conversation_of(cs, a, &from) : NULL;
    if (!c || !c->opened || from != CONVERSATION_SERVER || !c->host[from].numbered ||
        c->host[from].isn == a->header.seq.n)
        return false;
    cs->answers++;
    if (c->host[CONVERSATION_CLIENT].heard > 0 || !is_taken(r, i, a))
        return true;
    forget_answers(c);
    return false;
}

/* Inserts the SYN that belongs before an unrequested answer; returns its index. */
static unsigned put_late_syn(struct conversations *cs, const struct recording *r, unsigned i,
                             const struct arrived *answer)
{
    enum conversation_side from;
    struct arrived a;
    unsigned k =
        is_answer(answer) && !conversation_of(cs, answer, &from) ? late_syn(r, i, answer) : 0;
    if (k == 0)
        return 0;
    arrived_parse(&a, &r->packet[k]);
    conversations_put(cs, &a);
    cs->conversation[cs->count - 1].start = answer->packet->when;
    return k;
}

static bool is_ip6_transport(const struct recorded *p)
{
    return p->type == ETH_TYPE_IP6 && p->body.length >= IP6_HEADER &&
           (p->body.at[6] == IP_PROTOCOL_TCP || p->body.at[6] == IP_PROTOCOL_UDP);
}

static void finish(struct conversation *c, enum conversation_side side)
{
    stream_make(c, side);
    find_beyond(c, side);
}

void conversations_read(struct conversations *cs, const struct recording *r)
{
    struct arrived a;
    unsigned put = 0; /* the last SYN that was inserted already */
    size_t buckets = (size_t)1 << BUCKET_BITS;
    *cs = (struct conversations){.bucket = grow(NULL, buckets * sizeof *cs->bucket)};
    memset(cs->bucket, 0, buckets * sizeof *cs->bucket);
    for (unsigned i = 0; i < r->count; i++) {
        cs->ip6 += is_ip6_transport(&r->packet[i]);
        bool good = arrived_parse(&a, &r->packet[i]);
        cs->wrong += a.wrong;
        if (!good || (put && i == put) || is_not_taken(cs, r, i, &a))
            continue;
        unsigned late = put_late_syn(cs, r, i, &a);
        put = late ? late : put;
        conversations_put(cs, &a);
    }
    for (unsigned i = 0; i < cs->count; i++)
        for (int side = 0; side < 2; side++)
            finish(&cs->conversation[i], side);
    free(cs->bucket);
    cs->bucket = NULL;
}

void conversations_free(struct conversations *cs)
{
    for (unsigned i = 0; i < cs->count; i++) {
        struct conversation *c = &cs->conversation[i];
        free(c->segment);
        for (int side = 0; side < 2; side++)
            free(c->host[side].stream);
    }
    free(cs->conversation);
    *cs = (struct conversations){0};
}

static bool stream_whole(const struct conversation_host *h)
{
    bool whole = h->stream ? h->whole == h->length : !h->length;
    return whole && (!h->fin || h->fin == (position)h->length + 1);
}

/* Is everything present that was acknowledged? What it sent after its FIN is not. */
static bool stream_heard(const struct conversation_host *h, position heard)
{
    bool fin = h->fin && h->fin == (position)h->whole + 1;
    return (h->stream || !h->length) && heard <= (position)h->whole + 1 + fin;
}

const char *conversation_lacks(const struct conversation *c, enum conversation_side side)
{
    const struct conversation_host *own = &c->host[side], *peer = &c->host[!side];
    if (c->cut)
        return "the snap length of the capture has cut its segments";
    if (!c->opened)
        return "the capture does not show its handshake";
    if (!own->port || !peer->port)
        return "port 0, which no socket has";
    if (!c->answered && !c->refused)
        return "the capture shows no answer to its SYN";
    if ((own->fin && own->fin <= (position)own->length) ||
        (peer->fin && peer->fin <= (position)peer->length))
        return "text stands behind a FIN";
    if (!stream_whole(own) || !stream_heard(peer, own->heard))
        return "bytes that were sent are not in the capture";
    if (own->beyond)
        return "ACKs that opened its peer's window are not in the capture";
    return NULL;
}
