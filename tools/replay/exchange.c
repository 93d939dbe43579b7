#include "replay/exchange.h"

#include "recording/grow.h"
#include "wire/arp.h"
#include "wire/icmp.h"

/* An address that rill may have: no group, no broadcast, not 0.0.0.0. */
static bool is_host(uint32_t address)
{
    return address != 0 && address >> 28 < 14;
}

/* Source and destination of a packet; false: it belongs to no exchange. */
static bool ends_of(const struct recorded *p, uint32_t *source, uint32_t *destination)
{
    struct ip4 ip;
    struct rill_span payload;
    struct arp arp;
    bool foreign;
    if (p->type == ETH_TYPE_ARP && arp_parse(&arp, p->body, &foreign)) {
        *source = arp.sender;
        *destination = arp.target;
    } else if (p->type == ETH_TYPE_IP4 && !ip4_parse(&ip, p->body, &payload)) {
        *source = ip.source;
        *destination = ip.destination;
    } else {
        return false;
    }
    return is_host(*source) && is_host(*destination) && *source != *destination;
}

/* TCP, and ICMP errors about it, belong to conversations. */
static bool is_of_tcp(const struct recorded *p)
{
    struct ip4 ip;
    struct icmp icmp;
    struct icmp_quote quote;
    struct rill_span payload, quoted;
    if (p->type != ETH_TYPE_IP4)
        return false;
    if (ip4_parse(&ip, p->body, &payload))
        return p->cut && ip4_parse_quoted(&ip, p->body, &payload) && ip.protocol == IP_PROTOCOL_TCP;
    if (ip.protocol != IP_PROTOCOL_ICMP || ip.fragment_offset || ip.more_fragments)
        return ip.protocol == IP_PROTOCOL_TCP;
    return !icmp_parse(&icmp, payload, &quoted) && icmp_is_error(icmp.type) &&
           icmp_quote_parse(&quote, quoted) && quote.ip.protocol == IP_PROTOCOL_TCP;
}

static struct exchange *exchange_of(struct exchanges *xs, uint32_t source, uint32_t destination)
{
    for (unsigned i = 0; i < xs->count; i++) {
        const uint32_t *a = xs->exchange[i].address;
        if ((a[0] == source && a[1] == destination) || (a[1] == source && a[0] == destination))
            return &xs->exchange[i];
    }
    xs->exchange = grow_one(xs->exchange, xs->count, &xs->room, sizeof *xs->exchange);
    struct exchange *x = &xs->exchange[xs->count++];
    *x = (struct exchange){.address = {source, destination}};
    return x;
}

static void exchanges_put(struct exchanges *xs, const struct recorded *p, struct message_reader *r)
{
    uint32_t source, destination;
    struct message m;
    if (!ends_of(p, &source, &destination)) {
        xs->cut += p->cut > 0;
        xs->others += !p->cut;
        return;
    }
    struct exchange *x = exchange_of(xs, source, destination);
    x->packet = grow_one(x->packet, x->packets, &x->packets_room, sizeof *x->packet);
    struct exchange_packet *put = &x->packet[x->packets++];
    *put = (struct exchange_packet){
        .recorded = p, .from = x->address[0] == source ? 0 : 1, .message = -1};
    x->spoke[put->from] = true;
    if (!message_read(r, p->type, p->body, p->when, &m))
        return;
    m.number = p->number;
    put->message = (int)x->messages.count;
    messages_add(&x->messages, &m);
}

void exchanges_read(struct exchanges *xs, const struct recording *r)
{
    struct message_reader reader;
    *xs = (struct exchanges){0};
    message_reader_open(&reader);
    for (unsigned i = 0; i < r->count; i++)
        if (!is_of_tcp(&r->packet[i]))
            exchanges_put(xs, &r->packet[i], &reader);
    message_reader_close(&reader);
}

void exchanges_free(struct exchanges *xs)
{
    for (unsigned i = 0; i < xs->count; i++) {
        free(xs->exchange[i].packet);
        messages_free(&xs->exchange[i].messages);
    }
    free(xs->exchange);
    *xs = (struct exchanges){0};
}
