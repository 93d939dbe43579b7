#include "replay/rewrite.h"

#include "replay/stage.h"
#include "tcp/seq.h"
#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/udp_header.h"

#define IP4_CHECKSUM 10 /* RFC 791 3.1: offsets in the header */
#define IP4_SOURCE 12
#define IP4_DESTINATION 16
#define TCP_SEQ 4 /* RFC 9293 3.1: likewise */
#define TCP_ACKNOWLEDGMENT 8
#define ICMP_CHECKSUM 2
#define UDP_CHECKSUM 6

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_SACK = 5, OPTION_TIMESTAMPS = 8 };
enum { OPTION_FAST_OPEN = 34, OPTION_EXPERIMENT = 254 }; /* the cookie follows 2 bytes, or 4 */

static void add32(uint8_t *at, uint32_t n)
{
    wire_put32(at, wire_get32(at) + n);
}

/* Maps an acknowledgement number. */
static void map_number(uint8_t *at, const struct rewrite *r)
{
    add32(at, r->shift);
    if (r->bounded && seq_after(wire_get32(at), r->most))
        wire_put32(at, r->most);
}

static size_t header_length(const uint8_t *ip)
{
    return (size_t)(ip[0] & 15) * 4;
}

static void set_ends(uint8_t *ip, uint32_t source, uint32_t destination)
{
    wire_put32(ip + IP4_SOURCE, source);
    wire_put32(ip + IP4_DESTINATION, destination);
    wire_put16(ip + IP4_CHECKSUM, 0);
    wire_put16(ip + IP4_CHECKSUM, checksum_finish(checksum_add(0, span_of(ip, header_length(ip)))));
}

/* Maps one complete option of `length` bytes. */
static void map_option(uint8_t *at, size_t length, bool acknowledges, const struct rewrite *r)
{
    size_t front = at[0] == OPTION_FAST_OPEN ? 2 : at[0] == OPTION_EXPERIMENT ? 4 : length;
    if (r->cookie.length && length == front + r->cookie.length)
        memcpy(at + front, r->cookie.cookie, r->cookie.length);
    if (at[0] == OPTION_TIMESTAMPS && length == 10 && acknowledges)
        wire_put32(at + 6, r->echo);
    for (size_t i = 2; at[0] == OPTION_SACK && acknowledges && i + 4 <= length; i += 4)
        map_number(at + i, r);
}

static void map_options(uint8_t *tcp, bool acknowledges, const struct rewrite *r)
{
    size_t end = (size_t)(tcp[12] >> 4) * 4;
    for (size_t i = TCP_HEADER; i < end && tcp[i] != OPTION_END;) {
        size_t length = tcp[i] == OPTION_NOP ? 1 : i + 1 < end ? tcp[i + 1] : 0;
        if (length == 0 || i + length > end || (length == 1 && tcp[i] != OPTION_NOP))
            return;
        map_option(tcp + i, length, acknowledges, r);
        i += length;
    }
}

static void map_tcp(uint8_t *ip, size_t length, bool acknowledges, const struct rewrite *r)
{
    uint8_t *tcp = ip + header_length(ip);
    struct rill_span segment = span_of(tcp, length - header_length(ip));
    if (acknowledges)
        map_number(tcp + TCP_ACKNOWLEDGMENT, r);
    map_options(tcp, acknowledges, r);
    tcp_checksum_put(tcp, 0);
    uint64_t sum = checksum_pseudo(rill_address_ip4(STAGE_PEER), rill_address_ip4(STAGE_OWN),
                                   IP_PROTOCOL_TCP, (uint32_t)segment.length);
    tcp_checksum_put(tcp, checksum_finish(checksum_add(sum, segment)));
}

/* Maps the quoted segment of the stack; icmp_quote_parse has checked that much of it. */
static void map_icmp(uint8_t *ip, size_t length, const struct rewrite *r)
{
    uint8_t *icmp = ip + header_length(ip), *quoted = icmp + ICMP_HEADER;
    set_ends(quoted, STAGE_OWN, STAGE_PEER);
    add32(quoted + header_length(quoted) + TCP_SEQ, r->shift);
    wire_put16(icmp + ICMP_CHECKSUM, 0);
    struct rill_span message = span_of(icmp, length - header_length(ip));
    wire_put16(icmp + ICMP_CHECKSUM, checksum_finish(checksum_add(0, message)));
}

static size_t pad(uint8_t *frame, size_t length)
{
    if (length >= ETH_MINIMUM)
        return length;
    memset(frame + length, 0, ETH_MINIMUM - length);
    return ETH_MINIMUM;
}

size_t rewrite_segment(uint8_t frame[REWRITE_MAX], const struct conversation_segment *s,
                       const struct rewrite *r)
{
    uint8_t *ip = frame + ETH_HEADER;
    size_t length = wire_get16(s->packet.at + 2); /* without the padding of the link */
    eth_write(frame, &stage_head);
    memcpy(ip, s->packet.at, length);
    set_ends(ip, STAGE_PEER, STAGE_OWN);
    if (s->icmp)
        map_icmp(ip, length, r);
    else
        map_tcp(ip, length, s->header.flags & TCP_ACK, r);
    return pad(frame, ETH_HEADER + length);
}

/* ----------------------------------------------------------- packets without a connection */

static size_t rewrite_arp(uint8_t *frame, struct rill_span body)
{
    struct arp arp;
    struct eth head = stage_head;
    bool foreign, good = arp_parse(&arp, body, &foreign);
    assert(good);
    arp.sender = STAGE_PEER;
    arp.sender_mac = stage_head.source;
    arp.target = STAGE_OWN;
    if (!mac_is_zero(arp.target_mac))
        arp.target_mac = stage_head.destination;
    head.type = ETH_TYPE_ARP;
    if (arp.operation == ARP_REQUEST)
        head.destination = mac_broadcast;
    eth_write(frame, &head);
    return pad(frame, ETH_HEADER + arp_write(frame + ETH_HEADER, &arp));
}

/* Updates the checksum for the changed addresses (RFC 1624); 0 means no checksum. */
static void update_udp(uint8_t *ip, const uint8_t *was)
{
    uint8_t *field = ip + header_length(ip) + UDP_CHECKSUM;
    uint16_t sum = wire_get16(field);
    if (sum == 0)
        return;
    for (size_t i = IP4_SOURCE; i < IP4_HEADER; i += 2)
        sum = checksum_update(sum, wire_get16(was + i), wire_get16(ip + i));
    wire_put16(field, sum ? sum : 0xffff);
}

size_t rewrite_packet(uint8_t frame[REWRITE_MAX], const struct recorded *p)
{
    struct ip4 parsed;
    struct rill_span payload;
    if (p->type == ETH_TYPE_ARP)
        return rewrite_arp(frame, p->body);
    enum rill_drop wrong = ip4_parse(&parsed, p->body, &payload);
    assert(!wrong);
    uint8_t *ip = frame + ETH_HEADER;
    eth_write(frame, &stage_head);
    memcpy(ip, p->body.at, parsed.total_length);
    set_ends(ip, STAGE_PEER, STAGE_OWN);
    if (parsed.protocol == IP_PROTOCOL_UDP && !parsed.fragment_offset &&
        payload.length >= UDP_HEADER)
        update_udp(ip, p->body.at);
    return pad(frame, ETH_HEADER + (size_t)parsed.total_length);
}
