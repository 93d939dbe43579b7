#include "script/live.h"

#include "wire/icmp.h"
#include "wire/tcp_header.h"
#include "wire/udp_header.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

const struct script_option *packet_option(const struct script_packet *packet, uint8_t kind)
{
    for (unsigned i = 0; i < packet->options; i++)
        if (packet->option[i].kind == kind)
            return &packet->option[i];
    return NULL;
}

/* Fixed lengths of the known kinds (section 23.10); 0: any, -1: unknown kind. */
static int option_length(uint8_t kind)
{
    switch (kind) {
    case OPTION_MSS:
        return 4;
    case OPTION_WINDOW_SCALE:
        return 3;
    case OPTION_SACK_PERMITTED:
        return 2;
    case OPTION_TIMESTAMP:
        return 10;
    case OPTION_MD5:
        return 18;
    case OPTION_SACK:
    case OPTION_FAST_OPEN:
    case OPTION_ACCURATE_ECN_0:
    case OPTION_ACCURATE_ECN_1:
    case OPTION_EXPERIMENT:
        return 0;
    default:
        return -1;
    }
}

/* EOL does not end the list: options are read until the header's end (section 23.10). */
static const char *read_options(struct script_packet *packet, const uint8_t *at, size_t left)
{
    while (left) {
        bool single = at[0] == OPTION_EOL || at[0] == OPTION_NOP;
        size_t size = single ? 1 : left > 1 ? at[1] : 0;
        int fixed = single ? 1 : option_length(at[0]);
        struct script_option *o = &packet->option[packet->options];
        if (size < 1 || (!single && size < 2) || size > left)
            return "a TCP option of an impossible length";
        if (fixed < 0 || (fixed && size != (size_t)fixed))
            return "a TCP option of an unknown kind or a wrong length";
        *o = (struct script_option){.kind = at[0], .size = (uint8_t)size};
        if (size > 2)
            memcpy(o->data, at + 2, size - 2);
        packet->options++;
        at += size;
        left -= size;
    }
    return NULL;
}

static const char *read_tcp(struct live *l, struct rill_span in)
{
    struct script_packet *p = &l->packet;
    p->protocol = SCRIPT_TCP;
    if (in.length < TCP_HEADER)
        return "a TCP header cut short";
    p->source = wire_get16(in.at);
    p->destination = wire_get16(in.at + 2);
    p->seq = wire_get32(in.at + 4);
    p->ack = wire_get32(in.at + 8);
    p->flags = (uint16_t)(in.at[13] | (in.at[12] & 1) << 8);
    p->reserved = in.at[12] >> 1 & 7;
    p->window = wire_get16(in.at + 14);
    p->urgent = wire_get16(in.at + 18);
    l->header_length = (in.at[12] >> 4) * 4u;
    if (l->header_length < TCP_HEADER || l->header_length > in.length)
        return "an impossible TCP data offset";
    l->payload = in.at + l->header_length;
    p->length = (uint32_t)(in.length - l->header_length);
    l->checksum_good =
        tcp_checksum_good(rill_address_ip4(l->ip.source), rill_address_ip4(l->ip.destination), in);
    return read_options(p, in.at + TCP_HEADER, l->header_length - TCP_HEADER);
}

static const char *read_udp(struct live *l, struct rill_span in)
{
    l->packet.protocol = SCRIPT_UDP;
    if (in.length < 8 || wire_get16(in.at + 4) != in.length)
        return "a UDP header cut short, or of another length";
    l->packet.source = wire_get16(in.at);
    l->packet.destination = wire_get16(in.at + 2);
    l->packet.length = (uint32_t)in.length - 8;
    l->payload = in.at + 8;
    return NULL;
}

/* For an error the length of the quoted datagram, for any other message its own content. */
static struct script_echo read_echo(uint8_t type, struct rill_span in)
{
    struct icmp_quote quote;
    if (!icmp_is_error(type))
        return (struct script_echo){
            .written = true, .protocol = SCRIPT_UDP, .raw = true, .length = (uint32_t)in.length};
    if (!icmp_quote_parse(&quote, in))
        return (struct script_echo){.written = false};
    bool udp = quote.ip.protocol == IP_PROTOCOL_UDP;
    return (struct script_echo){
        .written = true,
        .protocol = udp ? SCRIPT_UDP : SCRIPT_TCP,
        .seq = quote.tcp_seq,
        .length = udp ? (uint32_t)wire_get16(quote.payload.at + 4) - UDP_HEADER : 0,
    };
}

static const char *read_icmp(struct live *l, struct rill_span in)
{
    struct icmp m;
    struct rill_span rest;
    l->packet.protocol = SCRIPT_ICMP;
    if (icmp_parse(&m, in, &rest))
        return "an ICMP message that is cut short or has a wrong checksum";
    l->packet.type = m.type;
    l->packet.code = m.code;
    l->packet.has_id = m.type == ICMP_ECHO || m.type == ICMP_ECHO_REPLY;
    l->packet.id = m.id;
    l->packet.has_mtu = m.type == ICMP_UNREACHABLE && m.next_hop_mtu;
    l->packet.mtu = m.next_hop_mtu;
    l->packet.echo = read_echo(m.type, rest);
    l->packet.length = (uint32_t)rest.length;
    l->payload = rest.at;
    return NULL;
}

static const char *read_transport(struct live *l, struct rill_span in)
{
    switch (l->ip.protocol) {
    case IP_PROTOCOL_TCP:
        return read_tcp(l, in);
    case IP_PROTOCOL_UDP:
        return read_udp(l, in);
    case IP_PROTOCOL_ICMP:
        return read_icmp(l, in);
    default:
        return "an unknown protocol";
    }
}

struct live *live_new(const uint8_t *ip, size_t length, rill_time when)
{
    struct live *l = calloc(1, sizeof *l + length);
    struct rill_span rest;
    if (!l)
        abort();
    memcpy(l->bytes, ip, length);
    l->size = length;
    l->when = when;
    l->packet.ip.ecn = ECN_UNSAID;
    if (ip4_parse(&l->ip, span_of(l->bytes, length), &rest)) {
        free(l);
        return NULL;
    }
    l->packet.ip.tos = l->ip.tos;
    l->packet.ip.ttl = l->ip.ttl;
    l->packet.has_window = true;
    l->malformed = l->ip.options.length ? "IP options" : read_transport(l, rest);
    return l;
}
