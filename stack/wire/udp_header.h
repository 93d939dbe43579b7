/* The UDP header (RFC 768). */
#ifndef WIRE_UDP_HEADER_H
#define WIRE_UDP_HEADER_H

#include "wire/checksum.h"

#include <rill/drop.h>
#include <stdbool.h>

#define UDP_HEADER 8
#define UDP_CHECKSUM_OFFSET 6

struct udp_header {
    uint16_t source, destination; /* ports */
    uint16_t length;              /* header and data, bytes */
    uint16_t checksum;            /* as on the wire; 0: none */
};

/* *rest is the data, cut to the UDP length. The checksum is left to udp_checksum_good. */
enum rill_drop udp_header_parse(struct udp_header *, struct rill_span in, struct rill_span *rest);

/* Over header and data, cut here to the UDP length; true if the field is 0 and the family is IPv4.
 * udp_header_parse must have accepted the datagram. */
bool udp_checksum_good(struct rill_address source, struct rill_address destination,
                       struct rill_span datagram);

/* Writes the header with the checksum field as given. */
size_t udp_header_write(uint8_t *at, const struct udp_header *);
void udp_checksum_put(uint8_t *header, uint16_t value);

/* The finished sum for a field `offset` bytes into a header; the offset tells UDP from TCP. In UDP
 * a result of 0 is sent as all ones (RFC 768), in TCP as 0 (RFC 1624 3). */
static inline uint16_t checksum_finish_at(uint64_t sum, size_t offset)
{
    uint16_t value = checksum_finish(sum);
    return value == 0 && offset == UDP_CHECKSUM_OFFSET ? 0xffff : value;
}

#endif
