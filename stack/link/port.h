/* A port: one attachment to an Ethernet, as its device describes itself. Only this module knows
 * what a device lacks: arriving frames pass port_accept; departing frames get their Ethernet header
 * from port_wrap and pass port_lower, which does in software what the device cannot. port_init
 * initialises a port; nothing needs to be freed. */
#ifndef LINK_PORT_H
#define LINK_PORT_H

#include "wire/eth.h"

#include <rill/drop.h>
#include <rill/stack.h>

struct port {
    char name[16];
    struct mac mac;
    uint16_t mtu; /* bytes of IP in a frame; may change at any time */
    bool can_gather;
    bool can_checksum;
    bool loopback;    /* its own frames return: Ethernet addresses are not checked */
    uint32_t gso_max; /* 0: accepts no superframes */
    bool cuts_udp;    /* USO: superframes of datagrams, too */
    uint32_t index;   /* of the interface, for IP_PKTINFO */
};

#define PORT_MTU_MINIMUM 68 /* RFC 791 3.2: every module must forward so much unfragmented */

/* True for a unicast MAC and an MTU of at least 68. */
bool port_config_good(const struct rill_port_config *);

/* Copies the device's description; loopback is false and may be set afterwards. */
void port_init(struct port *, const struct rill_port_config *);

/* Whether an arrived frame is for us: RILL_DROP_NONE with *eth and *payload (Ethernet padding
 * included) filled in, or ETH_SHORT, ETH_LONG, ETH_SOURCE, ETH_DESTINATION. All group destinations
 * pass, because group membership is not known here. A port with gso_max accepts superframes of up
 * to 65,535 bytes of IP, whatever its MTU. */
enum rill_drop port_accept(const struct port *, struct rill_span frame, struct eth *,
                           struct rill_span *payload);

/* Prepends the Ethernet header, with the port's own MAC as source. The frame must have headroom for
 * it. Offsets from the frame's first byte (checksum_start, header_length) are adapted. */
void port_wrap(const struct port *, struct rill_frame *, struct mac destination, uint16_t type);

/* Converts a complete frame into what the device can send: cuts a superframe into several, gathers
 * spans into the buffer, finishes the checksum, pads to 60 bytes. Returns the number of frames,
 * which begin at f[0]; the buffers must have room for all of it. A frame larger than the device
 * accepts is our own error. */
unsigned port_lower(const struct port *, struct rill_frame *f);

#endif
