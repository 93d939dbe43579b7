#include "replay/opening.h"

#include "recording/grow.h"
#include "replay/conversation.h"
#include "replay/repair.h"
#include "replay/stage.h"
#include "tcp/seq.h"
#include "wire/ip4.h"

#include <limits.h>

#define SHIFT_MAX 14 /* RFC 7323 2.2 */
#define MSS_MIN 536
#define MSS_MAX 1460
#define TIMESTAMPS_LENGTH 12
#define SERVICES_END 1024 /* RFC 6335 6: the first port that is no system port */
#define EPHEMERAL 32768   /* the first that Linux gives to clients */

enum { SEGMENTS = 3 };

/* What is known of one host. */
struct speaker {
    const struct conversation_segment *first; /* its first segment; NULL: none */
    position end;                             /* of what it has sent */
    size_t longest;                           /* length of its longest text */
    bool acknowledged;                        /* some of its text was */
    uint8_t shift;                            /* of the windows that it offers */
};

struct opening {
    const struct conversation *c;
    struct speaker host[2];
    enum conversation_side client;
    bool sacks;
};

static bool speaks(const struct conversation_segment *s)
{
    return !s->icmp && (s->header.flags & (TCP_ACK | TCP_SYN | TCP_RST)) == TCP_ACK;
}

/* The first segment's number becomes position 1. */
static position place(const struct speaker *h, seq32 n)
{
    return seq_unwrap(n, (seq32){h->first->header.seq.n - 1}, max_of(h->end, 1));
}

/* The first that both say: no part of a handshake, and no reset. Then they repeat nothing that was
 * sent before the capture began. */
static bool survey(struct opening *o)
{
    for (unsigned i = 0; i < o->c->count; i++) {
        const struct conversation_segment *s = &o->c->segment[i];
        struct speaker *from = &o->host[s->from], *to = &o->host[!s->from];
        if (s->header.flags & TCP_SYN || (s->header.flags & TCP_RST && !from->first))
            return false;
        if (!speaks(s))
            continue;
        if (!from->first)
            from->first = s;
        position at = place(from, s->header.seq);
        if (at < 1 && s->text.length > 1)
            return false;
        from->end = max_of(from->end, at + (position)s->text.length);
        from->longest = max_of(from->longest, s->text.length);
        o->sacks = o->sacks || s->header.options.sack_count;
        position ack = to->first ? place(to, s->header.ack) : 0;
        to->acknowledged = to->acknowledged || (ack > 1 && ack <= to->end);
    }
    return o->host[0].first && o->host[1].first &&
           (o->host[0].acknowledged || o->host[1].acknowledged);
}

/* With this shift, does all text of the sender lie in the windows that the other offers? */
static bool explains(const struct opening *o, enum conversation_side sender, unsigned shift)
{
    struct speaker h = o->host[sender];
    position edge = 1 + ((position)o->host[!sender].first->header.window << shift);
    h.end = 1;
    for (unsigned i = 0; i < o->c->count; i++) {
        const struct conversation_segment *s = &o->c->segment[i];
        if (!speaks(s))
            continue;
        if (s->from != sender) {
            position ack = max_of(place(&h, s->header.ack), 1);
            edge = max_of(edge, ack + ((position)s->header.window << shift));
            continue;
        }
        position end = place(&h, s->header.seq) + (position)s->text.length;
        if (s->text.length && end > edge)
            return false;
        h.end = max_of(h.end, end);
    }
    return true;
}

static void find_shift(struct opening *o, enum conversation_side sender)
{
    unsigned shift = 0;
    while (shift < SHIFT_MAX && !explains(o, sender, shift))
        shift++;
    o->host[!sender].shift = (uint8_t)shift;
}

/* The one whose port looks like a client's, beside one that does not; else the first that speaks.
 */
static enum conversation_side client_of(const struct conversation *c)
{
    enum conversation_side high = c->host[0].port < c->host[1].port;
    uint16_t higher = c->host[high].port, lower = c->host[!high].port;
    return lower < SERVICES_END || (higher >= EPHEMERAL && lower < EPHEMERAL) ? high : 0;
}

static bool opening_find(struct opening *o, const struct conversation *c)
{
    *o = (struct opening){.c = c, .client = client_of(c)};
    if (c->opened || !survey(o))
        return false;
    find_shift(o, CONVERSATION_CLIENT);
    find_shift(o, CONVERSATION_SERVER);
    return true;
}

static struct tcp_options options_of(const struct opening *o, enum conversation_side from, bool syn)
{
    const struct speaker *own = &o->host[from], *other = &o->host[!from];
    const struct tcp_options *first = &own->first->header.options;
    bool stamped = first->has_timestamps && other->first->header.options.has_timestamps;
    size_t longest = other->longest + (stamped ? TIMESTAMPS_LENGTH : 0);
    return (struct tcp_options){.has_mss = syn,
                                .mss = (uint16_t)max_of(MSS_MIN, min_of(longest, MSS_MAX)),
                                .has_window_scale = syn && (own->shift || other->shift),
                                .window_scale = own->shift,
                                .has_sack_permitted = syn && (o->sacks || stamped),
                                .has_timestamps = stamped,
                                .timestamp_value = first->timestamp_value,
                                .timestamp_echo = from != o->client || !syn
                                                      ? other->first->header.options.timestamp_value
                                                      : 0};
}

/* Segment `i` of the handshake: SYN, SYN-ACK, ACK. */
static struct recorded segment_of(const struct opening *o, unsigned i, const struct recorded *next)
{
    static const uint16_t flags[SEGMENTS] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK};
    enum conversation_side from = i == 1 ? !o->client : o->client;
    const struct conversation_host *own = &o->c->host[from], *other = &o->c->host[!from];
    const struct speaker *speaker = &o->host[from];
    bool syn = flags[i] & TCP_SYN;
    struct tcp_header h = {
        .source = own->port,
        .destination = other->port,
        .seq = {speaker->first->header.seq.n - syn},
        .ack = {i > 0 ? o->host[!from].first->header.seq.n : 0},
        .flags = flags[i],
        .window = syn ? UINT16_MAX : speaker->first->header.window,
        .options = options_of(o, from, syn),
    };
    struct ip4 ip = {.ttl = 64,
                     .protocol = IP_PROTOCOL_TCP,
                     .dont_fragment = true,
                     .total_length = (uint16_t)(IP4_HEADER + tcp_header_length(&h.options)),
                     .source = own->address,
                     .destination = other->address};
    size_t length = ETH_HEADER + (size_t)ip.total_length;
    uint8_t *frame = grow(NULL, length), *tcp = frame + ETH_HEADER + IP4_HEADER;
    eth_write(frame, &stage_head);
    ip4_write(frame + ETH_HEADER, &ip);
    struct rill_span segment = span_of(tcp, tcp_header_write(tcp, &h));
    uint64_t sum = checksum_pseudo(rill_address_ip4(ip.source), rill_address_ip4(ip.destination),
                                   IP_PROTOCOL_TCP, (uint32_t)segment.length);
    tcp_checksum_put(tcp, checksum_finish(checksum_add(sum, segment)));
    return (struct recorded){.number = next->number,
                             .when = next->when,
                             .frame = span_of(frame, length),
                             .type = ETH_TYPE_IP4,
                             .body = span_of(frame + ETH_HEADER, ip.total_length)};
}

/* What was sent before the capture began counts as acknowledged. */
static void raise_acks(const struct opening *o)
{
    for (unsigned i = 0; i < o->c->count; i++) {
        const struct conversation_segment *s = &o->c->segment[i];
        uint32_t first = o->host[!s->from].first->header.seq.n;
        if (speaks(s) && seq_after(first, s->header.ack.n))
            repair_ack((uint8_t *)s->packet.at, s->packet.length, first);
    }
}

/* Moves the packets up to the one with this number from `r` to `to`. */
static void move_to(struct recording *to, const struct recording *r, unsigned *moved,
                    unsigned number)
{
    while (*moved < r->count && r->packet[*moved].number < number)
        to->packet[to->count++] = r->packet[(*moved)++];
}

unsigned openings_insert(struct recording *r)
{
    struct conversations cs;
    struct opening o;
    unsigned count = 0, moved = 0;
    conversations_read(&cs, r);
    struct recording to = {.room = r->count + SEGMENTS * cs.count};
    to.packet = grow(NULL, (to.room + 1) * sizeof *to.packet);
    for (unsigned i = 0; i < cs.count; i++) {
        if (!opening_find(&o, &cs.conversation[i]))
            continue;
        move_to(&to, r, &moved, o.c->segment[0].number);
        for (unsigned k = 0; k < SEGMENTS; k++)
            to.packet[to.count++] = segment_of(&o, k, &r->packet[moved]);
        raise_acks(&o);
        count++;
    }
    move_to(&to, r, &moved, UINT_MAX);
    conversations_free(&cs);
    free(r->packet);
    *r = to;
    return count;
}
