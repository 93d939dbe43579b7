#include "conversation.h"

#include "tcp/seq.h"
#include "wire/eth.h"
#include "wire/ip4.h"

#include <assert.h>
#include <stdlib.h>

#define STREAM_MAX (16u << 20) /* longer streams are numbers gone wrong */

static void *grow(void *at, size_t bytes)
{
    at = realloc(at, bytes);
    assert(at); /* a tool that reads a file has no budget */
    return at;
}

static void *grow_one(void *array, unsigned count, unsigned *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 64;
    return grow(array, *room * size);
}

position conversation_end(const struct conversation_segment *s)
{
    uint16_t flags = s->header.flags;
    return s->seq + (flags & TCP_SYN ? 1 : 0) + (position)s->text.length +
           (flags & TCP_FIN ? 1 : 0);
}

/* ----------------------------------------------------------- streams */

static void stream_extend(struct conversation_host *h, size_t length)
{
    if (length > h->room) {
        size_t room = h->room ? h->room : 4096;
        while (room < length)
            room *= 2;
        h->stream = grow(h->stream, room);
        h->known = grow(h->known, room * sizeof *h->known);
        memset(h->known + h->room, 0, (room - h->room) * sizeof *h->known);
        h->room = room;
    }
    if (length > h->length)
        h->length = length;
}

/* What came first is what was sent: a later copy with other bytes is somebody's forgery. */
static void stream_put(struct conversation_host *h, position at, struct rill_span text)
{
    if (at < 1 || at + (position)text.length > STREAM_MAX)
        return;
    stream_extend(h, (size_t)at - 1 + text.length);
    for (size_t i = 0; i < text.length; i++) {
        size_t p = (size_t)at - 1 + i;
        if (!h->known[p])
            h->stream[p] = text.at[i];
        h->known[p] = true;
    }
}

/* ----------------------------------------------------------- segments */

/* One arrived TCP segment, before it is known whose it is. */
struct arrived {
    rill_time when;
    struct ip4 ip;
    struct tcp_header header;
    struct rill_span text;
};

static bool arrived_parse(struct arrived *a, struct rill_span frame)
{
    struct eth eth;
    struct rill_span packet, segment;
    if (!eth_parse(&eth, frame, &packet) || eth.type != ETH_TYPE_IP4 ||
        ip4_parse(&a->ip, packet, &segment) || a->ip.protocol != IP_PROTOCOL_TCP ||
        a->ip.more_fragments || a->ip.fragment_offset)
        return false;
    return !tcp_header_parse(&a->header, segment, &a->text) &&
           tcp_checksum_good(rill_address_ip4(a->ip.source), rill_address_ip4(a->ip.destination),
                             segment);
}

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

/* The latest conversation of these two, and whose segment it is; NULL: none. */
static struct conversation *conversation_of(struct conversations *cs, const struct arrived *a,
                                            enum conversation_side *from)
{
    for (unsigned i = cs->count; i-- > 0;) {
        struct conversation *c = &cs->conversation[i];
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
    cs->conversation = grow(cs->conversation, (cs->count + 1) * sizeof *cs->conversation);
    struct conversation *c = &cs->conversation[cs->count++];
    *c = (struct conversation){
        .start = a->when,
        .host = {{.address = a->ip.source, .port = a->header.source},
                 {.address = a->ip.destination, .port = a->header.destination}}};
    c->host[CONVERSATION_CLIENT].isn = a->header.seq.n;
    return c;
}

static void note_syn(struct conversation *c, enum conversation_side from, const struct arrived *a)
{
    struct conversation_host *h = &c->host[from];
    h->options = a->header.options;
    if (from == CONVERSATION_SERVER)
        h->isn = a->header.seq.n;
    c->answered = c->answered || from == CONVERSATION_SERVER;
}

static void conversation_put(struct conversation *c, enum conversation_side from,
                             const struct arrived *a)
{
    struct conversation_host *h = &c->host[from];
    if (a->header.flags & TCP_SYN)
        note_syn(c, from, a);
    c->segment = grow_one(c->segment, c->count, &c->room, sizeof *c->segment);
    struct conversation_segment *s = &c->segment[c->count++];
    position near = (position)h->length, near_ack = (position)c->host[!from].length;
    *s = (struct conversation_segment){
        .when = a->when - c->start, .from = from, .header = a->header};
    s->seq = seq_unwrap(a->header.seq, (seq32){h->isn}, near);
    if (a->header.flags & TCP_ACK)
        s->ack = seq_unwrap(a->header.ack, (seq32){c->host[!from].isn}, near_ack);
    if (a->text.length) {
        void *copy = memcpy(grow(NULL, a->text.length), a->text.at, a->text.length);
        s->text = span_of(copy, a->text.length);
        stream_put(h, s->seq + (a->header.flags & TCP_SYN ? 1 : 0), a->text);
    }
    if (a->header.flags & TCP_FIN)
        h->fin = conversation_end(s) - 1;
    bool abort = (a->header.flags & (TCP_RST | TCP_ACK)) == (TCP_RST | TCP_ACK);
    h->aborted = h->aborted || abort;
}

/* A SYN opens a conversation, or another one between the same two. */
static void conversations_put(struct conversations *cs, const struct arrived *a)
{
    enum conversation_side from;
    struct conversation *c = conversation_of(cs, a, &from);
    bool known = c && (from == CONVERSATION_SERVER || a->header.seq.n == c->host[from].isn);
    if (is_syn(a) && !known) {
        c = conversation_new(cs, a);
        from = CONVERSATION_CLIENT;
    }
    if (c)
        conversation_put(c, from, a);
}

bool conversations_read(struct conversations *cs, const char *file, struct rill_complaint *why)
{
    struct rill_span frame;
    size_t wire;
    int got = -1;
    struct arrived a;
    *cs = (struct conversations){0};
    struct rill_capture_reader *reader = rill_capture_open(file, why);
    while (reader && (got = rill_capture_next(reader, &frame, &wire, &a.when, why)) == 1)
        if (frame.length == wire && arrived_parse(&a, frame))
            conversations_put(cs, &a);
    rill_capture_reader_close(reader);
    if (got < 0)
        conversations_free(cs);
    return got == 0;
}

void conversations_free(struct conversations *cs)
{
    for (unsigned i = 0; i < cs->count; i++) {
        struct conversation *c = &cs->conversation[i];
        for (unsigned k = 0; k < c->count; k++)
            free((void *)c->segment[k].text.at);
        free(c->segment);
        for (int side = 0; side < 2; side++) {
            free(c->host[side].stream);
            free(c->host[side].known);
        }
    }
    free(cs->conversation);
    *cs = (struct conversations){0};
}

bool conversation_complete(const struct conversation *c)
{
    for (int side = 0; side < 2; side++) {
        const struct conversation_host *h = &c->host[side];
        if (h->fin && h->fin != (position)h->length + 1)
            return false;
        for (size_t i = 0; i < h->length; i++)
            if (!h->known[i])
                return false;
    }
    return c->answered;
}
