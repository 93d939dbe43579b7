#include "script/build.h"

#include "wire/icmp.h"
#include "wire/tcp_header.h"
#include "wire/wire.h"

#include <string.h>

#define UDP_HEADER_LENGTH 8

/* ------------------------------------------------------------------------ IP */

static uint8_t tos_of(const struct script_packet *p)
{
    unsigned ecn = p->ip.ecn == ECN_UNSAID ? 0 : (unsigned)p->ip.ecn;
    return (uint8_t)(p->ip.tos | (ecn & ~(unsigned)p->ip.tos_bits));
}

/* TTL 255, identification 0, no DF unless the script says otherwise (section 7). */
static size_t put_ip(uint8_t *out, const struct subject *s, const struct script_packet *p,
                     uint8_t protocol, size_t length)
{
    struct ip4 ip = {
        .tos = tos_of(p),
        .total_length = (uint16_t)(IP4_HEADER + length),
        .ttl = p->ip.has_ttl ? p->ip.ttl : 255,
        .protocol = protocol,
        .source = s->remote,
        .destination = s->local,
    };
    return ip4_write(out, &ip);
}

static void put_ports(uint8_t *at, const struct subject *s, const struct script_packet *p)
{
    bool own = p->has_ports;
    wire_put16(at, own && p->source ? p->source : s->remote_port);
    wire_put16(at + 2, own && p->destination ? p->destination : s->local_port);
}

/* ----------------------------------------------------------------------- TCP */

static bool put_timestamp(uint8_t *at, const struct script_option *o, const struct subject *s,
                          bool mapped, bool scaled)
{
    uint32_t echo = wire_get32(o->data + 4);
    if (mapped && !o->echo_absolute && !subject_find_timestamp(s, echo, scaled, &echo))
        return false;
    wire_put32(at + 6, echo);
    return true;
}

/* Encodes one option in wire format. False: its echo has no live value. */
static bool put_option(uint8_t *at, const struct script_option *o, const struct subject *s,
                       const struct script_packet *p, bool scaled)
{
    at[0] = o->kind;
    if (o->size == 1)
        return true;
    at[1] = o->size;
    memcpy(at + 2, o->data, o->size - 2u);
    bool ack = p->flags & TCP_ACK;
    for (int i = 0; o->kind == OPTION_SACK && i + 6 <= o->size; i += 4)
        wire_put32(at + 2 + i, subject_inbound_ack(s, p, wire_get32(o->data + i)));
    return o->kind != OPTION_TIMESTAMP || put_timestamp(at, o, s, ack, scaled);
}

static size_t options_length(const struct script_packet *p)
{
    size_t length = 0;
    for (unsigned i = 0; i < p->options; i++)
        length += p->option[i].size;
    return length;
}

static size_t build_tcp(uint8_t *out, const struct subject *s, const struct script_packet *p,
                        const struct script_options *o, const char **wrong)
{
    size_t header = TCP_HEADER + options_length(p);
    if (IP4_HEADER + header + p->length > PACKET_MAX) {
        *wrong = "the packet is too long for IP";
        return 0;
    }
    size_t at = put_ip(out, s, p, IP_PROTOCOL_TCP, header + p->length);
    uint8_t *tcp = out + at, *option = tcp + TCP_HEADER;
    memset(tcp, 0, header + p->length);
    put_ports(tcp, s, p);
    wire_put32(tcp + 4, subject_inbound_seq(s, p));
    wire_put32(tcp + 8, p->flags & TCP_ACK ? subject_inbound_ack(s, p, p->ack) : p->ack);
    tcp[12] = (uint8_t)(header / 4 << 4 | (p->flags & TCP_AE ? 1 : 0));
    tcp[13] = (uint8_t)p->flags;
    wire_put16(tcp + 14, p->window);
    wire_put16(tcp + 18, p->urgent);
    for (unsigned i = 0; i < p->options; i++) {
        if (!put_option(option, &p->option[i], s, p, o->echo_scaled)) {
            *wrong = "ecr names a timestamp that the stack has not sent";
            return 0;
        }
        option += p->option[i].size;
    }
    return at + header + p->length;
}

/* ---------------------------------------------------------------- UDP, ICMP */

static size_t build_udp(uint8_t *out, const struct subject *s, const struct script_packet *p)
{
    size_t length = UDP_HEADER_LENGTH + p->length;
    size_t at = put_ip(out, s, p, IP_PROTOCOL_UDP, length);
    memset(out + at, 0, length);
    put_ports(out + at, s, p);
    wire_put16(out + at + 4, (uint16_t)length);
    return at + length;
}

/* The IP header and the first 8 bytes of the quoted packet of the stack (section 12). */
static size_t put_quotation(uint8_t *out, const struct subject *s, const struct script_packet *p)
{
    const struct script_echo *e = &p->echo;
    bool udp = s->protocol == SCRIPT_UDP || (e->written && e->protocol == SCRIPT_UDP);
    size_t header = udp ? UDP_HEADER_LENGTH : TCP_HEADER;
    struct ip4 ip = {
        .total_length = (uint16_t)(IP4_HEADER + header + e->length),
        .ttl = 64,
        .protocol = udp ? IP_PROTOCOL_UDP : IP_PROTOCOL_TCP,
        .source = s->local,
        .destination = s->remote,
    };
    size_t at = ip4_write(out, &ip);
    wire_put16(out + at, s->local_port);
    wire_put16(out + at + 2, s->remote_port);
    if (udp)
        wire_put32(out + at + 4, (uint32_t)(UDP_HEADER_LENGTH + e->length) << 16);
    else
        wire_put32(out + at + 4, e->seq + s->local_isn_live);
    return at + 8;
}

static size_t build_icmp(uint8_t *out, const struct subject *s, const struct script_packet *p)
{
    bool raw = p->echo.written && p->echo.raw;
    uint8_t body[IP4_HEADER + 8];
    size_t length = raw ? p->echo.length : 0, header = put_ip(out, s, p, IP_PROTOCOL_ICMP, 0);
    uint8_t *icmp = out + header;
    memset(icmp, 0, ICMP_HEADER + length);
    if (!raw && icmp_is_error(p->type)) {
        length = put_quotation(body, s, p);
        memcpy(icmp + ICMP_HEADER, body, length);
    }
    icmp[0] = p->type;
    icmp[1] = p->code;
    if (p->has_id)
        wire_put16(icmp + 4, p->id);
    if (p->has_mtu)
        wire_put16(icmp + 6, p->mtu);
    return put_ip(out, s, p, IP_PROTOCOL_ICMP, ICMP_HEADER + length) + ICMP_HEADER + length;
}

size_t build_packet(uint8_t *out, const struct subject *s, const struct script_packet *p,
                    const struct script_options *o, const char **wrong)
{
    if (p->protocol == SCRIPT_TCP)
        return build_tcp(out, s, p, o, wrong);
    return p->protocol == SCRIPT_UDP ? build_udp(out, s, p) : build_icmp(out, s, p);
}

void build_checksums(uint8_t *packet, size_t length)
{
    static const struct {
        uint8_t protocol, offset;
    } fields[] = {{IP_PROTOCOL_ICMP, 2}, {IP_PROTOCOL_TCP, 16}, {IP_PROTOCOL_UDP, 6}};
    uint8_t protocol = packet[9], *transport = packet + IP4_HEADER;
    size_t size = length - IP4_HEADER;
    uint64_t sum = 0;
    if (protocol != IP_PROTOCOL_ICMP)
        sum = checksum_pseudo(rill_address_ip4(wire_get32(packet + 12)),
                              rill_address_ip4(wire_get32(packet + 16)), protocol, (uint32_t)size);
    uint16_t value = checksum_finish(checksum_add(sum, span_of(transport, size)));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].protocol == protocol)
            wire_put16(transport + fields[i].offset,
                       value || protocol != IP_PROTOCOL_UDP ? value : 0xffff);
}
