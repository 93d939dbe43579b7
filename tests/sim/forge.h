/* Frames written by hand, as a peer on the wire would write them: what tests and fuzz targets hand
 * to a stack. Any field may lie; what the caller leaves 0 is filled in with the truth. Frames are
 * padded to 60 bytes, as from a real card; the buffer has room for 14 + 65,535 or for as much as
 * the caller knows that it needs. */
#ifndef TESTS_FORGE_H
#define TESTS_FORGE_H

#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/tcp_header.h"
#include "wire/udp_header.h"

#define FORGE_VICTIM 0xc0000201 /* 192.0.2.1: the stack under test */
#define FORGE_PEER 0xc0000202   /* 192.0.2.2: whoever sends */

/* Who sends to whom, and how. */
struct forge {
    struct mac from, to;
    struct ip4 ip; /* of total_length only what is too much: added to the truth */
};

/* Station n of the link: 02:00:00:00:00:n. */
static inline struct mac forge_mac(uint8_t n)
{
    return (struct mac){{2, 0, 0, 0, 0, n}};
}

/* An honest datagram from the peer to the victim. */
static inline struct forge forge_honest(void)
{
    return (struct forge){
        .from = forge_mac(2),
        .to = forge_mac(1),
        .ip = {.ttl = 64, .id = 0x1234, .source = FORGE_PEER, .destination = FORGE_VICTIM}};
}

static inline size_t forge_pad(uint8_t *at, size_t length)
{
    if (length >= ETH_MINIMUM)
        return length;
    memset(at + length, 0, ETH_MINIMUM - length);
    return ETH_MINIMUM;
}

static inline size_t forge_eth(uint8_t *at, const struct forge *f, uint16_t type,
                               struct rill_span body)
{
    eth_write(at, &(struct eth){.destination = f->to, .source = f->from, .type = type});
    if (body.length)
        memmove(at + ETH_HEADER, body.at, body.length);
    return forge_pad(at, ETH_HEADER + body.length);
}

static inline size_t forge_arp(uint8_t *at, const struct forge *f, const struct arp *arp)
{
    uint8_t body[ARP_SIZE];
    return forge_eth(at, f, ETH_TYPE_ARP, span_of(body, arp_write(body, arp)));
}

/* The payload may lie where it belongs in the frame already. */
static inline size_t forge_ip4(uint8_t *at, const struct forge *f, struct rill_span payload)
{
    struct ip4 ip = f->ip;
    size_t header = IP4_HEADER + ip.options.length;
    ip.total_length = (uint16_t)(ip.total_length + header + payload.length);
    eth_write(at, &(struct eth){.destination = f->to, .source = f->from, .type = ETH_TYPE_IP4});
    if (payload.length)
        memmove(at + ETH_HEADER + header, payload.at, payload.length);
    ip4_write(at + ETH_HEADER, &ip);
    return forge_pad(at, ETH_HEADER + header + payload.length);
}

/* Where the payload of the frame begins. */
static inline uint8_t *forge_payload(uint8_t *at, const struct forge *f)
{
    return at + ETH_HEADER + IP4_HEADER + f->ip.options.length;
}

static inline uint16_t forge_sum(const struct forge *f, struct rill_span segment)
{
    uint64_t sum =
        checksum_pseudo(rill_address_ip4(f->ip.source), rill_address_ip4(f->ip.destination),
                        f->ip.protocol, (uint32_t)segment.length);
    return checksum_finish(checksum_add(sum, segment));
}

static inline size_t forge_udp(uint8_t *at, const struct forge *f, uint16_t from, uint16_t to,
                               struct rill_span data)
{
    struct forge g = *f;
    g.ip.protocol = IP_PROTOCOL_UDP;
    uint8_t *payload = forge_payload(at, f);
    struct udp_header header = {
        .source = from, .destination = to, .length = (uint16_t)(UDP_HEADER + data.length)};
    udp_header_write(payload, &header);
    if (data.length)
        memcpy(payload + UDP_HEADER, data.at, data.length);
    header.checksum = forge_sum(&g, span_of(payload, header.length));
    udp_header_write(payload, &header);
    return forge_ip4(at, &g, span_of(payload, header.length));
}

static inline size_t forge_icmp(uint8_t *at, const struct forge *f, const struct icmp *icmp,
                                struct rill_span data)
{
    struct forge g = *f;
    g.ip.protocol = IP_PROTOCOL_ICMP;
    uint8_t *payload = forge_payload(at, f);
    if (data.length)
        memmove(payload + ICMP_HEADER, data.at, data.length);
    icmp_write(payload, icmp, span_of(payload + ICMP_HEADER, data.length));
    return forge_ip4(at, &g, span_of(payload, ICMP_HEADER + data.length));
}

static inline size_t forge_tcp(uint8_t *at, const struct forge *f, const struct tcp_header *header,
                               struct rill_span text)
{
    struct forge g = *f;
    g.ip.protocol = IP_PROTOCOL_TCP;
    uint8_t *payload = forge_payload(at, f);
    size_t length = tcp_header_write(payload, header);
    if (text.length)
        memcpy(payload + length, text.at, text.length);
    length += text.length;
    tcp_checksum_put(payload, forge_sum(&g, span_of(payload, length)));
    return forge_ip4(at, &g, span_of(payload, length));
}

#endif
