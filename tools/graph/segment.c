#include "graph/segment.h"

#include "wire/ip4.h"

#include <netinet/ip6.h>

bool graph_end_equal(const struct graph_end *a, const struct graph_end *b)
{
    return a->port == b->port && rill_address_equal(a->address, b->address);
}

/* `length` bytes of TCP; the capture has kept `in` of them. */
static bool parse_tcp(struct segment *s, struct rill_span in, size_t length)
{
    struct rill_span text;
    if (tcp_header_parse(&s->tcp, in, &text) || length < in.length - text.length)
        return false;
    s->length = (uint32_t)(length - (in.length - text.length));
    s->source.port = s->tcp.source;
    s->destination.port = s->tcp.destination;
    return true;
}

static bool parse_ip4(struct segment *s, struct rill_span in)
{
    struct ip4 ip;
    struct rill_span payload;
    if (!ip4_parse_quoted(&ip, in, &payload) || ip.protocol != IP_PROTOCOL_TCP ||
        ip.fragment_offset)
        return false;
    size_t header = in.length - payload.length;
    size_t total = ip.total_length ? ip.total_length : in.length; /* 0: to be cut by the device */
    s->source.address = rill_address_ip4(ip.source);
    s->destination.address = rill_address_ip4(ip.destination);
    return total >= header && parse_tcp(s, span_first(payload, total - header), total - header);
}

static bool is_extension(uint8_t protocol)
{
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
           protocol == IPPROTO_DSTOPTS;
}

/* RFC 8200 4: each header names the next one, and gives its own length in units of eight bytes. */
static bool skip_extensions(uint8_t *protocol, struct rill_span *rest)
{
    while (is_extension(*protocol)) {
        size_t length = rest->length >= 2 ? 8u * (rest->at[1] + 1u) : 8;
        if (rest->length < length)
            return false;
        *protocol = rest->at[0];
        *rest = span_skip(*rest, length);
    }
    return true;
}

static bool parse_ip6(struct segment *s, struct rill_span in)
{
    struct ip6_hdr ip;
    if (in.length < sizeof ip || in.at[0] >> 4 != 6)
        return false;
    memcpy(&ip, in.at, sizeof ip);
    memcpy(s->source.address.byte, &ip.ip6_src, sizeof ip.ip6_src);
    memcpy(s->destination.address.byte, &ip.ip6_dst, sizeof ip.ip6_dst);
    struct rill_span rest = span_skip(in, sizeof ip);
    size_t length = wire_get16(in.at + 4);
    if (!length) /* a jumbogram, or to be cut by the device */
        length = rest.length;
    rest = span_first(rest, length); /* removes padding */
    size_t kept = rest.length;
    return skip_extensions(&ip.ip6_nxt, &rest) && ip.ip6_nxt == IPPROTO_TCP &&
           parse_tcp(s, rest, length - (kept - rest.length));
}

bool segment_of(struct segment *s, const struct recorded *p)
{
    *s = (struct segment){.when = p->when, .number = p->number, .note = {.comment = ""}};
    if (p->type == ETH_TYPE_IP4)
        return parse_ip4(s, p->body);
    return p->type == ETH_TYPE_IP6 && parse_ip6(s, p->body);
}

enum recording_status capture_open(struct capture *c, const char *file, const char *filter,
                                   struct rill_diagnostic *why)
{
    notes_open(&c->notes, file);
    return recording_open(&c->reader, file, filter, why);
}

bool capture_next(struct capture *c, struct segment *s, struct rill_diagnostic *why)
{
    struct recorded p;
    while (recording_next(&c->reader, &p, why))
        if (segment_of(s, &p)) {
            s->note = notes_of(&c->notes, p.number);
            return true;
        }
    return false;
}

void capture_close(struct capture *c)
{
    recording_close(&c->reader);
    notes_close(&c->notes);
}
