/* Fuzz target: a TCP segment whose header parses is written and parsed again to the same. */
#include "wire/tcp_header.h"

#include "../unit/wire_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_options(const struct tcp_header *header)
{
    const struct tcp_options *o = &header->options;
    bool syn = header->flags & TCP_SYN;
    assert(o->sack_count <= TCP_SACK_MAX);
    assert(o->accurate_ecn.fields <= TCP_ECN_FIELDS);
    assert(o->fast_open.length <= sizeof o->fast_open.cookie);
    assert(o->fast_open.length % 2 == 0);
    assert(syn ||
           !(o->has_mss || o->has_window_scale || o->has_sack_permitted || o->has_fast_open));
    assert(!syn || o->sack_count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcp_header first, second;
    struct rill_span text, text_again;
    if (tcp_header_parse(&first, span_of(data, size), &text) != RILL_DROP_NONE)
        return 0;
    assert(text.at + text.length == data + size);
    check_options(&first);

    size_t length = tcp_header_length(&first.options);
    if (length > TCP_HEADER_MAX) /* packed without NOPs, with an AccECN option among them */
        return 0;
    uint8_t *written = malloc(length);
    assert(written != NULL);
    assert(tcp_header_write(written, &first) == length);
    assert(tcp_header_parse(&second, span_of(written, length), &text_again) == RILL_DROP_NONE);
    assert(text_again.length == 0);
    assert(wire_tcp_equal(&first, &second));
    free(written);
    return 0;
}
