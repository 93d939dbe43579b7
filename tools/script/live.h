/* A packet that the stack has sent, taken apart as it is on the wire: all numbers live, none
 * mapped.
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
    const char *malformed;       /* NULL: it could be read whole */
    unsigned header_length;      /* of TCP */
    bool checksum_good;          /* of the transport */
    const uint8_t *payload;      /* packet.length bytes of `bytes` */
    size_t size;
    uint8_t bytes[]; /* from the IP header on */
};

/* A copy, taken apart. NULL: it is no IPv4 packet at all. */
struct live *live_new(const uint8_t *ip, size_t length, rill_time when);

/* The one option of a kind, or NULL. */
const struct script_option *packet_option(const struct script_packet *, uint8_t kind);

#endif
