/* Fuzz target: an ICMP message that parses is written and parsed again to the same, and its
 * quotation, where it is one, lies inside. The checksum is made good first, so that the fuzzer gets
 * past it. */
#include "wire/icmp.h"

#include "wire/checksum.h"

#include "../unit/wire_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct rill_span message)
{
    struct icmp first, second;
    struct rill_span payload, payload_again;
    if (icmp_parse(&first, message, &payload) != RILL_DROP_NONE)
        return;
    uint8_t *written = malloc(message.length);
    assert(written != NULL);
    if (payload.length > 0)
        memcpy(written + ICMP_HEADER, payload.at, payload.length);
    assert(icmp_write(written, &first, payload) == ICMP_HEADER);
    assert(icmp_parse(&second, span_of(written, message.length), &payload_again) == RILL_DROP_NONE);
    assert(wire_icmp_equal(&first, &second));
    assert(wire_span_equal(payload, payload_again));
    free(written);
}

static void check_quote(struct rill_span in)
{
    struct icmp_quote quote;
    if (!icmp_quote_parse(&quote, in))
        return;
    assert(quote.payload.length >= 8);
    assert(quote.payload.at + quote.payload.length == in.at + in.length);
    assert(quote.ip.fragment_offset == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_round_trip(span_of(data, size));
    check_quote(span_of(data, size));
    if (size < ICMP_HEADER)
        return 0;
    uint8_t *message = wire_exact(data, size);
    wire_put16(message + 2, 0);
    wire_put16(message + 2, checksum_finish(checksum_add(0, span_of(message, size))));
    check_round_trip(span_of(message, size));
    free(message);
    return 0;
}
