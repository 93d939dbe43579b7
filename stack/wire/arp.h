/* ARP for IPv4 over Ethernet (RFC 826), 28 bytes. */
#ifndef WIRE_ARP_H
#define WIRE_ARP_H

#include "wire/eth.h"

#define ARP_SIZE 28

enum arp_operation { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp {
    uint16_t operation; /* as on the wire; the parser accepts any value */
    struct mac sender_mac;
    uint32_t sender; /* IPv4, host order */
    struct mac target_mac;
    uint32_t target;
};

/* False: a body shorter than 28 bytes (*foreign false), or one for another hardware, protocol or
 * address length (*foreign true). */
bool arp_parse(struct arp *, struct rill_span in, bool *foreign);
size_t arp_write(uint8_t *at, const struct arp *);

#endif
