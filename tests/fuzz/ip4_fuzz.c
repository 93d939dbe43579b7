/* Fuzz target: an IPv4 packet that parses is written and parsed again to the same. The checksum is
 * made good first, where the header is there at all, so that the fuzzer gets past it. */
#include "wire/ip4.h"

#include "wire/checksum.h"

#include "../unit/wire_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_checksum_good(uint8_t *packet, size_t size)
{
    size_t header = size > 0 ? (packet[0] & 0x0f) * 4u : 0;
    if (header < IP4_HEADER || header > size)
        return;
    wire_put16(packet + 10, 0);
    wire_put16(packet + 10, checksum_finish(checksum_add(0, span_of(packet, header))));
}

static void check_round_trip(struct rill_span packet)
{
    struct ip4 first, second;
    struct rill_span payload, payload_again;
    if (ip4_parse(&first, packet, &payload) != RILL_DROP_NONE)
        return;
    assert(payload.at + payload.length == packet.at + first.total_length);

    uint8_t *written = malloc(first.total_length);
    assert(written != NULL);
    size_t header = ip4_write(written, &first);
    assert(header + payload.length == first.total_length);
    if (payload.length > 0)
        memcpy(written + header, payload.at, payload.length);
    assert(ip4_parse(&second, span_of(written, first.total_length), &payload_again) ==
           RILL_DROP_NONE);
    assert(wire_ip4_equal(&first, &second));
    assert(wire_span_equal(payload, payload_again));
    free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_round_trip(span_of(data, size));
    uint8_t *packet = wire_exact(data, size);
    make_checksum_good(packet, size);
    check_round_trip(span_of(packet, size));

    struct ip4 quoted;
    struct rill_span rest;
    if (ip4_parse_quoted(&quoted, span_of(data, size), &rest))
        assert(rest.at + rest.length == data + size);
    free(packet);
    return 0;
}
