/* Ethernet II (RFC 894). 802.3 length fields, SNAP and VLAN tags are not EtherTypes that rill
 * speaks. */
#ifndef WIRE_ETH_H
#define WIRE_ETH_H

#include "wire/wire.h"

#include <stdbool.h>

#define ETH_HEADER 14
#define ETH_MINIMUM 60 /* without the frame check sequence; shorter ones are padded with zeros */
#define ETH_TYPE_IP4 0x0800
#define ETH_TYPE_ARP 0x0806
#define ETH_TYPE_IP6 0x86dd

struct mac {
    uint8_t byte[6];
};

struct eth {
    struct mac destination, source;
    uint16_t type;
};

extern const struct mac mac_broadcast;

bool eth_parse(struct eth *, struct rill_span in, struct rill_span *rest);
size_t eth_write(uint8_t *at, const struct eth *);

bool mac_equal(struct mac, struct mac);
bool mac_is_group(struct mac); /* multicast or broadcast */
bool mac_is_zero(struct mac);

/* RFC 1112 6.4: 01:00:5e and the low 23 bits of an IPv4 group address (host order). */
struct mac mac_of_ip4_group(uint32_t address);

#endif
