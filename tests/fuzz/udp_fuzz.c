/* Fuzz target: a UDP datagram that parses is written and parsed again to the same; its checksum,
 * once put right, is good. */
#include "wire/udp_header.h"

#include "wire/ip4.h"

#include "../unit/wire_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the right checksum into a copy of a good datagram. */
static void check_checksum(struct rill_span datagram)
{
    struct rill_address from = rill_address_ip4(0xc0000201), to = rill_address_ip4(0xc0000202);
    uint8_t *copy = wire_exact(datagram.at, datagram.length);
    wire_put16(copy + 6, 0);
    uint64_t sum = checksum_pseudo(from, to, IP_PROTOCOL_UDP, (uint32_t)datagram.length);
    uint16_t right = checksum_finish(checksum_add(sum, span_of(copy, datagram.length)));
    wire_put16(copy + 6, right != 0 ? right : 0xffff);
    assert(udp_checksum_good(from, to, span_of(copy, datagram.length)));
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct udp_header first, second;
    struct rill_span payload, payload_again;
    if (udp_header_parse(&first, span_of(data, size), &payload) != RILL_DROP_NONE)
        return 0;
    assert(payload.length + UDP_HEADER == first.length);

    uint8_t *written = wire_exact(data, first.length);
    memset(written, 0, UDP_HEADER);
    assert(udp_header_write(written, &first) == UDP_HEADER);
    assert(memcmp(written, data, first.length) == 0);
    assert(udp_header_parse(&second, span_of(written, first.length), &payload_again) ==
           RILL_DROP_NONE);
    assert(wire_udp_equal(&first, &second));
    assert(wire_span_equal(payload, payload_again));
    free(written);
    check_checksum(span_of(data, first.length));
    return 0;
}
