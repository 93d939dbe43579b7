#include "replay/repair.h"

#include "replay/stage.h"
#include "wire/arp.h"
#include "wire/checksum.h"
#include "wire/ip4.h"

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

void repair_checksums(uint8_t *frame, size_t length)
{
    if (length < ETH_HEADER + IP4_HEADER || wire_get16(frame + 12) != ETH_TYPE_IP4)
        return;
    uint8_t *ip = frame + ETH_HEADER;
    size_t header = (size_t)(ip[0] & 15) * 4, total = wire_get16(ip + 2);
    if (header < IP4_HEADER || header > length - ETH_HEADER)
        return;
    if (total >= header && total <= length - ETH_HEADER)
        repair_transport(ip, header, total - header);
    wire_put16(ip + 10, 0);
    wire_put16(ip + 10, checksum_finish(checksum_add(0, span_of(ip, header))));
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
    repair_checksums(ip - ETH_HEADER, ETH_HEADER + p->body.length);
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
