#include "damage.h"

#include "draw.h"
#include "wire/checksum.h"
#include "wire/eth.h"
#include "wire/icmp.h"
#include "wire/tcp_header.h"

/* Offsets in an IPv4 header. */
enum { IP_TOS = 1, IP_CHECKSUM = 10 };

#define ROUTER 0xc0000008 /* 192.0.0.8 (RFC 7600 4.8): for ICMP of a router without an address */

/* Finds the IPv4 packet in a frame. False: the frame has none. */
static bool find_ip4(const uint8_t *frame, size_t length, struct ip4 *ip, struct rill_span *packet)
{
    struct eth eth;
    struct rill_span payload;
    return eth_parse(&eth, span_of(frame, length), packet) && eth.type == ETH_TYPE_IP4 &&
           ip4_parse(ip, *packet, &payload) == RILL_DROP_NONE;
}

void damage_flip(uint8_t *frame, size_t length, uint64_t fraction)
{
    uint64_t bit = draw_below(fraction, (uint64_t)length * 8);
    frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

bool damage_forge(uint8_t *frame, size_t length, uint64_t fraction)
{
    struct ip4 ip;
    struct rill_span packet, segment, text;
    struct tcp_header header;
    if (!find_ip4(frame, length, &ip, &packet) || ip.protocol != IP_PROTOCOL_TCP ||
        ip.more_fragments || ip.fragment_offset || ip4_parse(&ip, packet, &segment) ||
        tcp_header_parse(&header, segment, &text) || text.length == 0)
        return false;
    uint8_t *tcp = frame + (segment.at - frame);
    size_t at = (size_t)(text.at - segment.at) + (size_t)draw_below(fraction, text.length);
    uint8_t bit = (uint8_t)(1u << (fraction & 7));
    uint16_t old = (uint16_t)(at % 2 ? tcp[at] : tcp[at] << 8);
    uint16_t new = (uint16_t)(at % 2 ? tcp[at] ^ bit : (tcp[at] ^ bit) << 8);
    tcp[at] ^= bit;
    uint8_t *field = tcp + TCP_CHECKSUM_OFFSET;
    wire_put16(field, checksum_update(wire_get16(field), old, new));
    return true;
}

bool damage_mark(uint8_t *frame, size_t length)
{
    struct ip4 ip;
    struct rill_span packet;
    if (!find_ip4(frame, length, &ip, &packet) || (ip.tos & ECN_MASK) == 0)
        return false;
    uint8_t *at = frame + ETH_HEADER;
    uint16_t old = wire_get16(at);
    at[IP_TOS] |= ECN_CE;
    wire_put16(at + IP_CHECKSUM,
               checksum_update(wire_get16(at + IP_CHECKSUM), old, wire_get16(at)));
    return true;
}

size_t damage_cut(const uint8_t *frame, size_t length, uint16_t mtu, size_t *at, uint8_t *fragment)
{
    struct ip4 ip;
    struct rill_span packet, payload;
    if (!find_ip4(frame, length, &ip, &packet) || ip.dont_fragment || ip.options.length ||
        ip4_parse(&ip, packet, &payload) != RILL_DROP_NONE || *at >= payload.length)
        return 0;
    size_t most = (size_t)max_of(mtu - IP4_HEADER, 8) & ~(size_t)7, rest = payload.length - *at;
    size_t n = min_of(most, rest);
    ip.more_fragments |= n < rest;
    ip.fragment_offset = (uint16_t)(ip.fragment_offset + *at);
    ip.total_length = (uint16_t)(IP4_HEADER + n);
    memcpy(fragment, frame, ETH_HEADER);
    ip4_write(fragment + ETH_HEADER, &ip);
    memcpy(fragment + ETH_HEADER + IP4_HEADER, payload.at + *at, n);
    *at += n;
    return ETH_HEADER + IP4_HEADER + n;
}

size_t damage_answer(const uint8_t *frame, size_t length, uint16_t mtu,
                     uint8_t answer[DAMAGE_ANSWER_MAX])
{
    struct ip4 ip;
    struct eth eth;
    struct rill_span packet, payload;
    if (!find_ip4(frame, length, &ip, &packet) || !ip.dont_fragment || ip.fragment_offset)
        return 0;
    eth_parse(&eth, span_of(frame, length), &payload);
    size_t header = (size_t)(packet.at[0] & 15) * 4;
    struct rill_span quote = span_first(packet, min_of(header, (size_t)IP4_HEADER) + 8);
    struct eth back = {.destination = eth.source, .source = eth.destination, .type = eth.type};
    struct icmp icmp = {.type = ICMP_UNREACHABLE,
                        .code = ICMP_UNREACHABLE_FRAGMENTATION_NEEDED,
                        .next_hop_mtu = mtu};
    struct ip4 to = {.total_length = (uint16_t)(IP4_HEADER + ICMP_HEADER + quote.length),
                     .ttl = 64,
                     .protocol = IP_PROTOCOL_ICMP,
                     .source = ROUTER,
                     .destination = ip.source};
    size_t n = eth_write(answer, &back);
    n += ip4_write(answer + n, &to);
    n += icmp_write(answer + n, &icmp, quote);
    memcpy(answer + n, quote.at, quote.length);
    return n + quote.length;
}
