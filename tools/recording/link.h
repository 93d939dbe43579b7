/* The link types of captures whose packets can be IP. What differs from Ethernet is mapped to it,
 * since all that is asked of a capture lies above: Linux "cooked" captures of the device `any`, raw
 * IP, BSD's loopback. */
#ifndef RECORDING_LINK_H
#define RECORDING_LINK_H

#include "wire/eth.h"

/* A link type as libpcap counts (DLT_*). */
bool link_known(int type);

/* What a packet of this link carries. False: not even its head is whole. */
bool link_parse(int type, struct rill_span in, uint16_t *ether_type, struct rill_span *body);

#endif
