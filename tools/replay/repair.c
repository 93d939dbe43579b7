#include "replay/repair.h"

#include "recording/grow.h"
#include "replay/stage.h"
#include "wire/arp.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"
#include "wire/udp_header.h"

#define ARP_TARGET 24   /* RFC 826: offset of the target's address */
#define FRAGMENT 0x3fff /* RFC 791 3.1: the flag for more fragments, and the offset */

/* The offset of a protocol's transport checksum; 0: unknown protocol. */
static size_t checksum_at(uint8_t protocol)
{
    switch (protocol) {
    case IP_PROTOCOL_TCP:
        return 16;
    case IP_PROTOCOL_UDP:
        return 6;
    case IP_PROTOCOL_ICMP:
        return 2;
    default:
        return 0;
    }
}

static void repair_transport(uint8_t *ip, size_t header, size_t length)
{
    uint8_t protocol = ip[9], *at = ip + header;
    size_t field = checksum_at(protocol);
    if (!field || field + 2 > length || wire_get16(ip + 6) & FRAGMENT)
        return;
    uint64_t sum =
        protocol == IP_PROTOCOL_ICMP
            ? 0
            : checksum_pseudo(rill_address_ip4(wire_get32(ip + 12)),
                              rill_address_ip4(wire_get32(ip + 16)), protocol, (uint32_t)length);
    wire_put16(at + field, 0);
    wire_put16(at + field, checksum_finish(checksum_add(sum, span_of(at, length))));
}

static void repair_packet(uint8_t *ip, size_t length)
{
    size_t header = (size_t)(ip[0] & 15) * 4, total = wire_get16(ip + 2);
    if (header < IP4_HEADER || header > length)
        return;
    if (total >= header && total <= length)
        repair_transport(ip, header, total - header);
    wire_put16(ip + 10, 0);
    wire_put16(ip + 10, checksum_finish(checksum_add(0, span_of(ip, header))));
}

void repair_ack(uint8_t *ip, size_t length, uint32_t ack)
{
    wire_put32(ip + (size_t)(ip[0] & 15) * 4 + 8, ack);
    repair_packet(ip, length);
}

void repair_checksums(uint8_t *frame, size_t length)
{
    if (length >= ETH_HEADER + IP4_HEADER && wire_get16(frame + 12) == ETH_TYPE_IP4)
        repair_packet(frame + ETH_HEADER, length - ETH_HEADER);
}

void repair_address(uint8_t *frame, size_t length)
{
    if (length < ETH_HEADER)
        return;
    struct eth head = stage_head;
    head.type = wire_get16(frame + 12);
    eth_write(frame, &head);
    if (length >= ETH_HEADER + ARP_SIZE && head.type == ETH_TYPE_ARP)
        wire_put32(frame + ETH_HEADER + ARP_TARGET, STAGE_OWN);
    if (length < ETH_HEADER + IP4_HEADER || head.type != ETH_TYPE_IP4)
        return;
    wire_put32(frame + ETH_HEADER + 16, STAGE_OWN);
    repair_checksums(frame, length);
}

/* The length of the transport header, or of an ICMP error with what it quotes; 0: unknown, or
 * itself cut. */
static size_t whole_header(uint8_t protocol, struct rill_span in)
{
    enum { QUOTED_MIN = 8 }; /* RFC 792: of the transport header */
    struct ip4 quoted;
    struct rill_span rest;
    size_t length = 0;
    if (protocol == IP_PROTOCOL_TCP && in.length >= TCP_HEADER)
        length = (size_t)(in.at[12] >> 4) * 4;
    else if (protocol == IP_PROTOCOL_UDP)
        length = UDP_HEADER;
    else if (protocol == IP_PROTOCOL_ICMP && in.length >= ICMP_HEADER)
        length = !icmp_is_error(in.at[0]) ? ICMP_HEADER
                 : ip4_parse_quoted(&quoted, span_skip(in, ICMP_HEADER), &rest)
                     ? in.length - rest.length + QUOTED_MIN
                     : 0;
    return length <= in.length ? length : 0;
}

static bool is_cut_in_text(const struct recorded *p)
{
    struct ip4 ip;
    struct rill_span segment;
    return p->cut && p->type == ETH_TYPE_IP4 && p->body.length + p->cut <= IP4_TOTAL_MAX &&
           ip4_parse_quoted(&ip, p->body, &segment) && !ip.more_fragments && !ip.fragment_offset &&
           whole_header(ip.protocol, segment) > 0;
}

unsigned repair_cut(struct recording *r)
{
    enum { ZEROS_MAX = 256 << 20 };
    unsigned count = 0;
    size_t zeros = 0;
    for (unsigned i = 0; i < r->count; i++) {
        struct recorded *p = &r->packet[i];
        if (!is_cut_in_text(p) || p->cut > ZEROS_MAX - zeros)
            continue;
        size_t head = p->frame.length - p->body.length, length = p->frame.length + p->cut;
        uint8_t *frame = grow((void *)p->frame.at, length);
        memset(frame + p->frame.length, 0, p->cut);
        zeros += p->cut;
        p->cut = 0;
        p->frame = span_of(frame, length);
        p->body = span_skip(p->frame, head);
        repair_packet(frame + head, p->body.length);
        count++;
    }
    return count;
}

/* Only a superframe has no length; if it had padding, that could not be told from text. */
static bool is_superframe(const struct recorded *p)
{
    return p->type == ETH_TYPE_IP4 && p->body.length > ETH_MINIMUM - ETH_HEADER &&
           p->body.length <= UINT16_MAX && !p->cut && wire_get16(p->body.at + 2) == 0 &&
           p->body.at[9] == IP_PROTOCOL_TCP;
}

void repair_superframe(struct recorded *p)
{
    uint8_t *ip = (uint8_t *)p->body.at; /* the recording's own copy, after the link header */
    if (!is_superframe(p))
        return;
    wire_put16(ip + 2, (uint16_t)p->body.length);
    repair_packet(ip, p->body.length);
}

void repair_unfinished(struct recorded *p)
{
    struct ip4 ip;
    struct rill_span segment;
    if (p->type != ETH_TYPE_IP4 || ip4_parse(&ip, p->body, &segment) || ip.more_fragments ||
        ip.fragment_offset || ip.protocol == IP_PROTOCOL_ICMP)
        return;
    size_t field = checksum_at(ip.protocol);
    uint64_t sum = checksum_pseudo(rill_address_ip4(ip.source), rill_address_ip4(ip.destination),
                                   ip.protocol, (uint32_t)segment.length);
    if (field && field + 2 <= segment.length &&
        wire_get16(segment.at + field) == checksum_fold(sum))
        repair_transport((uint8_t *)p->body.at, (size_t)(segment.at - p->body.at), segment.length);
}
