/* A packet that the stack has sent, parsed from wire format: all numbers are live ones, not mapped.
 */
#ifndef SCRIPT_LIVE_H
#define SCRIPT_LIVE_H

#include "script/script.h"

#include "wire/ip4.h"

#include <rill/time.h>

struct live {
    struct live *next;
    rill_time when;
    struct ip4 ip;
    struct script_packet packet; /* source and destination: ports; flags as bits */
    const char *malformed;       /* NULL: completely parsed */
    unsigned header_length;      /* of TCP */
    bool checksum_good;          /* of TCP, UDP or ICMP */
    const uint8_t *payload;      /* packet.length bytes of `bytes` */
    size_t size;
    uint8_t bytes[]; /* from the IP header on */
};

/* A parsed copy. NULL: it is not an IPv4 packet. */
struct live *live_new(const uint8_t *ip, size_t length, rill_time when);

/* The option of this kind, or NULL. */
const struct script_option *packet_option(const struct script_packet *, uint8_t kind);

#endif
