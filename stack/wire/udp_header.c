/* The UDP header (RFC 768): see udp_header.h. */
#include "wire/udp_header.h"

#include "wire/ip4.h"
#include "wire/wire.h"

enum rill_drop udp_header_parse(struct udp_header *out, struct rill_span in, struct rill_span *rest)
{
    if (in.length < UDP_HEADER)
        return RILL_DROP_UDP_SHORT;
    out->source = wire_get16(in.at);
    out->destination = wire_get16(in.at + 2);
    out->length = wire_get16(in.at + 4);
    out->checksum = wire_get16(in.at + 6);
    if (out->length < UDP_HEADER || out->length > in.length)
        return RILL_DROP_UDP_LENGTH;
    *rest = span_skip(span_first(in, out->length), UDP_HEADER);
    return RILL_DROP_NONE;
}

bool udp_checksum_good(struct rill_address source, struct rill_address destination,
                       struct rill_span datagram)
{
    assert(datagram.length >= UDP_HEADER);
    /* RFC 768: zero means that the sender computed no checksum. RFC 8200 8.1 forbids that in
     * IPv6. */
    if (wire_get16(datagram.at + 6) == 0)
        return rill_address_is_ip4(source);

    datagram = span_first(datagram, wire_get16(datagram.at + 4));
    uint64_t sum = checksum_pseudo(source, destination, IP_PROTOCOL_UDP, (uint32_t)datagram.length);
    return checksum_finish(checksum_add(sum, datagram)) == 0;
}

size_t udp_header_write(uint8_t *at, const struct udp_header *udp)
{
    wire_put16(at, udp->source);
    wire_put16(at + 2, udp->destination);
    wire_put16(at + 4, udp->length);
    wire_put16(at + 6, udp->checksum);
    return UDP_HEADER;
}

void udp_checksum_put(uint8_t *header, uint16_t value)
{
    wire_put16(header + UDP_CHECKSUM_OFFSET, value);
}
