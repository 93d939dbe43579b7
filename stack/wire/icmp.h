/* ICMP (RFC 792, RFC 1191 for the next-hop MTU, RFC 1122 3.2.2). The checksum covers the whole
 * message. */
#ifndef WIRE_ICMP_H
#define WIRE_ICMP_H

#include "wire/ip4.h"

#define ICMP_HEADER 8

enum icmp_type {
    ICMP_ECHO_REPLY = 0,
    ICMP_UNREACHABLE = 3,
    ICMP_SOURCE_QUENCH = 4,
    ICMP_REDIRECT = 5,
    ICMP_ECHO = 8,
    ICMP_TIME_EXCEEDED = 11,
    ICMP_PARAMETER_PROBLEM = 12
};

enum icmp_unreachable_code {
    ICMP_UNREACHABLE_NET = 0,
    ICMP_UNREACHABLE_HOST = 1,
    ICMP_UNREACHABLE_PROTOCOL = 2,
    ICMP_UNREACHABLE_PORT = 3,
    ICMP_UNREACHABLE_FRAGMENTATION_NEEDED = 4,
    ICMP_UNREACHABLE_SOURCE_ROUTE = 5
};

enum icmp_time_exceeded_code { ICMP_TIME_EXCEEDED_TTL = 0, ICMP_TIME_EXCEEDED_REASSEMBLY = 1 };

struct icmp {
    uint8_t type, code;
    uint16_t id, sequence; /* of echo and echo reply; else 0, and not written */
    uint16_t
        next_hop_mtu; /* of fragmentation needed, where 0 is a router before RFC 1191; else 0 */
};

/* Checks length and checksum. *rest is what follows the 8 bytes. */
enum rill_drop icmp_parse(struct icmp *, struct rill_span in, struct rill_span *rest);

/* Writes the 8 bytes; the checksum also covers `payload`, which the caller puts after them. */
size_t icmp_write(uint8_t *at, const struct icmp *, struct rill_span payload);

/* Unreachable, source quench, redirect, time exceeded, parameter problem. */
bool icmp_is_error(uint8_t type);

/* The quotation in an ICMP error (RFC 1122 3.2.2): the header of the datagram that caused it, and
 * at least the first 8 bytes of its payload. */
struct icmp_quote {
    struct ip4 ip;
    uint16_t source_port, destination_port;
    uint32_t tcp_seq;         /* of TCP: the sequence number */
    struct rill_span payload; /* from the ports on; borrowed */
};

/* False if the quotation is cut, is not IPv4, or is a later fragment. Ports are read for TCP and
 * UDP only, else 0. The quoted total length is not trusted, because old senders quote it after
 * changing it. */
bool icmp_quote_parse(struct icmp_quote *, struct rill_span in);

#endif
