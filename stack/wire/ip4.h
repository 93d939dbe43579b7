/* The IPv4 header (RFC 791 3.1, RFC 6864 for the identification). */
#ifndef WIRE_IP4_H
#define WIRE_IP4_H

#include "wire/wire.h"

#include <rill/drop.h>
#include <stdbool.h>

#define IP4_HEADER 20
#define IP4_HEADER_MAX 60
#define IP4_TOTAL_MAX 65535

enum ip_protocol {
    IP_PROTOCOL_ICMP = 1,
    IP_PROTOCOL_IGMP = 2,
    IP_PROTOCOL_TCP = 6,
    IP_PROTOCOL_UDP = 17
};

#define IP4_ROUTER_ALERT 4 /* bytes of that option */

/* RFC 3168 5: the low two bits of the TOS octet. */
#define ECN_MASK 3
#define ECN_NOT_ECT 0
#define ECN_ECT1 1
#define ECN_ECT0 2
#define ECN_CE 3

/* How a sender uses path MTU discovery: ip(7), IP_MTU_DISCOVER, with its numbers. */
enum ip4_discovery {
    IP4_DISCOVERY_DONT,      /* no DF: routers may fragment */
    IP4_DISCOVERY_WANT,      /* DF if it fits the path MTU; longer datagrams are fragmented here */
    IP4_DISCOVERY_DO,        /* DF; a longer datagram is refused */
    IP4_DISCOVERY_PROBE,     /* DF; only the port's MTU counts, not the path MTU of ICMP */
    IP4_DISCOVERY_INTERFACE, /* no DF, and only the port's MTU counts: longer is refused */
    IP4_DISCOVERY_OMIT       /* the same, but longer datagrams are fragmented here */
};

static inline bool ip4_discovery_sets_df(enum ip4_discovery d)
{
    return d >= IP4_DISCOVERY_WANT && d <= IP4_DISCOVERY_PROBE;
}

/* A datagram that is too long is refused, not fragmented. */
static inline bool ip4_discovery_refuses(enum ip4_discovery d)
{
    return d >= IP4_DISCOVERY_DO && d <= IP4_DISCOVERY_INTERFACE;
}

/* ICMP errors about the path's MTU limit what is sent. */
static inline bool ip4_discovery_heeds_icmp(enum ip4_discovery d)
{
    return d < IP4_DISCOVERY_PROBE;
}

struct ip4 {
    uint8_t tos;           /* DSCP and, in the low two bits, ECN */
    uint16_t total_length; /* header and payload, bytes */
    uint16_t id;
    bool dont_fragment, more_fragments;
    uint16_t fragment_offset; /* bytes */
    uint8_t ttl;
    uint8_t protocol;
    uint32_t source, destination; /* host order */
    struct rill_span options; /* borrowed, as on the wire; ip4_write copies them (a multiple of 4,
                                 at most 40 bytes) */
};

/* Checks version, lengths and header checksum; *rest is the payload, cut to the total length (this
 * removes Ethernet padding). Returns RILL_DROP_NONE or the reason; IP_OPTION if an option has a
 * wrong length, or for a source route (RFC 7126). */
enum rill_drop ip4_parse(struct ip4 *, struct rill_span in, struct rill_span *rest);

/* Parses the header that an ICMP error quotes: version and header length are checked; total length
 * and checksum are not, because the quotation is cut. *rest is what follows the header. */
bool ip4_parse_quoted(struct ip4 *, struct rill_span in, struct rill_span *rest);

/* RFC 2113: routers must look at this datagram. */
bool ip4_has_router_alert(const struct ip4 *);
extern const struct rill_span ip4_router_alert;

/* Writes header, options and checksum; returns the header's length. */
size_t ip4_write(uint8_t *at, const struct ip4 *);

#endif
