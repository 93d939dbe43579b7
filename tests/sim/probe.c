#include "probe.h"

/* Hands the frame in and counts the answers to it. */
static unsigned answers_to(struct lone *l, const uint8_t *frame, size_t length)
{
    unsigned before = l->sent;
    lone_hear(l, frame, length);
    return l->sent - before;
}

unsigned probe_echo(struct lone *l, const struct forge *way)
{
    uint8_t frame[128];
    struct icmp echo = {.type = ICMP_ECHO, .id = 7, .sequence = 1};
    return answers_to(l, frame, forge_icmp(frame, way, &echo, span_of("are you there", 13)));
}

unsigned probe_udp(struct lone *l, const struct forge *way, uint16_t port)
{
    uint8_t frame[128];
    return answers_to(l, frame, forge_udp(frame, way, 4000, port, span_of("are you there", 13)));
}

unsigned probe_syn(struct lone *l, const struct forge *way, uint16_t port)
{
    uint8_t frame[128];
    struct tcp_header h = {.source = (uint16_t)(10000 + lone_drops(l) + l->sent),
                           .destination = port,
                           .seq = {1000},
                           .flags = TCP_SYN,
                           .window = 8192};
    return answers_to(l, frame, forge_tcp(frame, way, &h, span_of(NULL, 0)));
}

unsigned probe_arp(struct lone *l, const struct forge *way, const struct arp *arp)
{
    uint8_t frame[ETH_MINIMUM];
    return answers_to(l, frame, forge_arp(frame, way, arp));
}

unsigned probe_all(struct lone *l, const struct forge *way)
{
    return probe_echo(l, way) + probe_udp(l, way, 9) + probe_syn(l, way, PROBE_OPEN) +
           probe_syn(l, way, PROBE_CLOSED);
}

struct arp probe_claim(const struct forge *way, uint16_t operation, uint32_t sender)
{
    return (struct arp){.operation = operation,
                        .sender_mac = way->from,
                        .sender = sender,
                        .target_mac = forge_mac(1),
                        .target = FORGE_VICTIM};
}

unsigned probe_error(struct lone *l, const struct icmp *icmp, const struct probe_quote *q)
{
    uint8_t frame[128], quote[IP4_HEADER + 8] = {0};
    struct forge way = forge_honest();
    struct ip4 ip = {.total_length = q->total_length,
                     .ttl = 60,
                     .protocol = q->protocol,
                     .source = FORGE_VICTIM,
                     .destination = FORGE_PEER};
    ip4_write(quote, &ip);
    wire_put16(quote + IP4_HEADER, q->source);
    wire_put16(quote + IP4_HEADER + 2, q->destination);
    wire_put32(quote + IP4_HEADER + 4, q->seq);
    return answers_to(l, frame, forge_icmp(frame, &way, icmp, span_of(quote, sizeof quote)));
}
