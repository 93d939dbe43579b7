/* The TCP header and its options: RFC 9293 3.1 and 3.2, and attacks T01 to T08 and T15. */
#include "wire/tcp_header.h"

#include "unit.h"
#include "wire/ip4.h"
#include "wire_unit.h"

/* A header whose options are the given bytes, as they are. */
static size_t make_raw(uint8_t *at, uint8_t flags, const uint8_t *options, size_t length)
{
    struct tcp_header header = {.source = 1234, .destination = 80, .seq.n = 7, .flags = flags};
    assert(length % 4 == 0);
    tcp_header_write(at, &header);
    at[12] = (uint8_t)((TCP_HEADER + length) / 4 << 4);
    memcpy(at + TCP_HEADER, options, length);
    return TCP_HEADER + length;
}

/* Parses from a buffer of exact size. */
static struct tcp_options parsed(uint8_t flags, const uint8_t *options, size_t length)
{
    uint8_t bytes[TCP_HEADER_MAX];
    size_t whole = make_raw(bytes, flags, options, length);
    uint8_t *copy = wire_exact(bytes, whole);
    struct tcp_header header;
    struct rill_span text;
    CU_ASSERT_EQUAL(tcp_header_parse(&header, span_of(copy, whole), &text), RILL_DROP_NONE);
    free(copy);
    return header.options;
}

static bool is_empty(const struct tcp_options *o)
{
    static const struct tcp_options none;
    return wire_options_equal(o, &none);
}

/* As many counters as fit beside the other options. */
static void draw_accurate_ecn(struct random *random, struct tcp_options *o)
{
    unsigned fields = (unsigned)random_below(random, TCP_ECN_FIELDS + 1);
    while (fields && tcp_header_length(o) + tcp_accurate_ecn_bytes(fields, tcp_option_nops(o)) >
                         TCP_HEADER_MAX)
        fields--;
    o->has_accurate_ecn =
        wire_draw_bool(random) &&
        tcp_header_length(o) + tcp_accurate_ecn_bytes(fields, tcp_option_nops(o)) <= TCP_HEADER_MAX;
    o->accurate_ecn.fields = (uint8_t)fields;
    o->accurate_ecn.ect0_first = wire_draw_bool(random);
    for (unsigned i = 0; i < fields; i++)
        o->accurate_ecn.count[i] = (uint32_t)random_next(random) & 0xffffff;
}

static struct tcp_options drawn_options(struct random *random, bool syn)
{
    static const uint8_t cookie_lengths[] = {0, 4, 6, 8, 10, 12, 14, 16};
    struct tcp_options o = {0};
    o.has_timestamps = wire_draw_bool(random);
    o.timestamp_value = (uint32_t)random_next(random);
    o.timestamp_echo = (uint32_t)random_next(random);
    if (!syn) {
        o.sack_count = (uint8_t)random_below(random, o.has_timestamps ? 4 : 5);
        for (unsigned i = 0; i < o.sack_count; i++)
            o.sack[i] = (struct tcp_sack_block){{(uint32_t)random_next(random)},
                                                {(uint32_t)random_next(random)}};
        draw_accurate_ecn(random, &o);
        return o;
    }
    o.has_mss = wire_draw_bool(random);
    o.mss = (uint16_t)random_next(random);
    o.has_window_scale = wire_draw_bool(random);
    o.window_scale = (uint8_t)random_next(random);
    o.has_sack_permitted = wire_draw_bool(random);
    o.has_fast_open = wire_draw_bool(random);
    o.fast_open.length = cookie_lengths[random_below(random, sizeof cookie_lengths)];
    o.fast_open.experimental = wire_draw_bool(random);
    o.scale_first = wire_draw_bool(random);
    wire_draw(random, o.fast_open.cookie, sizeof o.fast_open.cookie);
    draw_accurate_ecn(random, &o);
    return o;
}

static void known_segment_gives_its_fields(void)
{
    static const uint8_t bytes[] = {0x04, 0xd2, 0x00, 0x50, 0x01, 0x02, 0x03, 0x04,
                                    0x05, 0x06, 0x07, 0x08, 0x5f, 0xd1, 0x20, 0x00,
                                    0xaa, 0xbb, 0x00, 0x63, 'h',  'i'};
    uint8_t fixed[sizeof bytes];
    struct tcp_header header;
    struct rill_span text;
    memcpy(fixed, bytes, sizeof bytes);
    CU_ASSERT_EQUAL(tcp_header_parse(&header, span_of(fixed, sizeof fixed), &text), RILL_DROP_NONE);
    CU_ASSERT(header.source == 1234 && header.destination == 80);
    CU_ASSERT(header.seq.n == 0x01020304 && header.ack.n == 0x05060708);
    CU_ASSERT_EQUAL(header.flags, TCP_AE | TCP_CWR | TCP_ECE | TCP_ACK | TCP_FIN);
    CU_ASSERT(header.window == 0x2000 && header.urgent == 0x63);
    CU_ASSERT(is_empty(&header.options));
    CU_ASSERT(wire_span_equal(text, span_of(fixed + 20, 2)));
}

static void random_headers_survive_write_and_parse(void)
{
    struct random random;
    random_seed(&random, 1);
    for (unsigned round = 0; round < 20000; round++) {
        bool syn = wire_draw_bool(&random);
        struct tcp_header in = {.source = (uint16_t)random_next(&random),
                                .destination = (uint16_t)random_next(&random),
                                .seq.n = (uint32_t)random_next(&random),
                                .ack.n = (uint32_t)random_next(&random),
                                .flags = (uint16_t)random_below(&random, 512),
                                .window = (uint16_t)random_next(&random),
                                .urgent = (uint16_t)random_next(&random)};
        in.flags = (uint16_t)(syn ? in.flags | TCP_SYN : in.flags & ~TCP_SYN);
        in.options = drawn_options(&random, syn);

        uint8_t bytes[TCP_HEADER_MAX + 5];
        memset(bytes, 0xa5, sizeof bytes);
        size_t length = tcp_header_write(bytes, &in);
        CU_ASSERT_EQUAL(length, tcp_header_length(&in.options));
        CU_ASSERT_EQUAL(length % 4, 0);
        CU_ASSERT_EQUAL(bytes[length], 0xa5);
        CU_ASSERT(bytes[16] == 0 && bytes[17] == 0);

        struct tcp_header out;
        struct rill_span text;
        CU_ASSERT_EQUAL(tcp_header_parse(&out, span_of(bytes, length + 5), &text), RILL_DROP_NONE);
        CU_ASSERT(wire_tcp_equal(&in, &out));
        CU_ASSERT(text.at == bytes + length && text.length == 5);
    }
}

/* Byte for byte what Linux sends: MSS, SACK-permitted, timestamps, NOP, window scale. */
static void syn_is_written_in_the_order_of_linux(void)
{
    static const uint8_t expected[] = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0,
                                       0, 1, 0,    0,    0, 0, 1, 3,  3, 7};
    struct tcp_header syn = {.flags = TCP_SYN,
                             .options = {.has_mss = true,
                                         .mss = 1460,
                                         .has_sack_permitted = true,
                                         .has_timestamps = true,
                                         .timestamp_value = 1,
                                         .has_window_scale = true,
                                         .window_scale = 7}};
    uint8_t bytes[TCP_HEADER_MAX];
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &syn), 40);
    CU_ASSERT(memcmp(bytes + TCP_HEADER, expected, sizeof expected) == 0);
    CU_ASSERT_EQUAL(bytes[12], 0xa0);
}

/* Byte for byte what Linux sends: three counters and a NOP; of a shorter option what exceeds its
 * whole words replaces the NOPs of the SACK option. */
static void accurate_ecn_is_written_as_linux_does(void)
{
    static const uint8_t full[] = {174, 11, 0, 0, 1, 0, 0, 2, 0, 0, 3, 1};
    static const uint8_t one[] = {174, 5, 0, 0, 1, 1, 5, 10, 0, 0, 0, 7, 0, 0, 0, 9};
    static const uint8_t none[] = {174, 2, 5, 10, 0, 0, 0, 7, 0, 0, 0, 9};
    static const uint8_t alone[] = {174, 2, 1, 1};
    struct tcp_header ack = {
        .flags = TCP_ACK,
        .options = {.has_accurate_ecn = true, .accurate_ecn = {.fields = 3, .count = {1, 2, 3}}}};
    uint8_t bytes[TCP_HEADER_MAX];
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &ack), TCP_HEADER + sizeof full);
    CU_ASSERT(memcmp(bytes + TCP_HEADER, full, sizeof full) == 0);
    ack.options.accurate_ecn.fields = 0;
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &ack), TCP_HEADER + sizeof alone);
    CU_ASSERT(memcmp(bytes + TCP_HEADER, alone, sizeof alone) == 0);
    ack.options.sack_count = 1;
    ack.options.sack[0] = (struct tcp_sack_block){{7}, {9}};
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &ack), TCP_HEADER + sizeof none);
    CU_ASSERT(memcmp(bytes + TCP_HEADER, none, sizeof none) == 0);
    ack.options.accurate_ecn.fields = 1;
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &ack), TCP_HEADER + sizeof one);
    CU_ASSERT(memcmp(bytes + TCP_HEADER, one, sizeof one) == 0);
}

/* Whole counters count; what follows them does not (RFC 9768 3.2.3). */
static void accurate_ecn_of_any_length_is_read(void)
{
    static const uint8_t odd[] = {172, 6, 0, 0, 9, 77, 1, 1};
    static const uint8_t empty[] = {174, 2, 1, 1};
    struct tcp_options o = parsed(TCP_ACK, odd, sizeof odd);
    CU_ASSERT(o.has_accurate_ecn && o.accurate_ecn.ect0_first);
    CU_ASSERT(o.accurate_ecn.fields == 1 && o.accurate_ecn.count[0] == 9);
    o = parsed(TCP_SYN, empty, sizeof empty);
    CU_ASSERT(o.has_accurate_ecn && o.accurate_ecn.fields == 0 && !o.accurate_ecn.ect0_first);
}

/* MSS, NOP, window scale, SACK-permitted, timestamps; the list ends where a word is left over. */
static void syn_can_be_written_in_the_order_of_freebsd(void)
{
    static const uint8_t whole[] = {2, 4,  0x05, 0xb4, 1, 3, 3, 6, 4, 2,
                                    8, 10, 0,    0,    0, 1, 0, 0, 0, 0};
    static const uint8_t ended[] = {2, 4, 0x05, 0xb4, 4, 2, 0, 0};
    struct tcp_header syn = {.flags = TCP_SYN,
                             .options = {.scale_first = true,
                                         .has_mss = true,
                                         .mss = 1460,
                                         .has_sack_permitted = true,
                                         .has_timestamps = true,
                                         .timestamp_value = 1,
                                         .has_window_scale = true,
                                         .window_scale = 6}};
    uint8_t bytes[TCP_HEADER_MAX];
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &syn), 40);
    CU_ASSERT(memcmp(bytes + TCP_HEADER, whole, sizeof whole) == 0);
    syn.options.has_timestamps = syn.options.has_window_scale = false;
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &syn), 28);
    CU_ASSERT(memcmp(bytes + TCP_HEADER, ended, sizeof ended) == 0);
    syn.options.has_fast_open = true; /* behind an END nobody would find it */
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &syn), 32);
    CU_ASSERT_EQUAL(bytes[TCP_HEADER + 6], 1);
    CU_ASSERT_EQUAL(bytes[TCP_HEADER + 8], 34);
}

static void sack_permitted_alone_and_cookie_are_padded(void)
{
    static const uint8_t expected[] = {1, 1, 4, 2, 34, 6, 0xc0, 0x0c, 0x1e, 0x5a, 1, 1};
    struct tcp_header syn = {
        .flags = TCP_SYN,
        .options = {.has_sack_permitted = true,
                    .has_fast_open = true,
                    .fast_open = {.length = 4, .cookie = {0xc0, 0x0c, 0x1e, 0x5a}}}};
    uint8_t bytes[TCP_HEADER_MAX];
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &syn), 32);
    CU_ASSERT(memcmp(bytes + TCP_HEADER, expected, sizeof expected) == 0);
}

/* The form before RFC 7413 is an experiment with a magic number (RFC 6994), and no other one. */
static void experimental_cookie_is_told_by_its_magic(void)
{
    static const uint8_t bytes[] = {254,  8,   0xf9, 0x89, 0xc0, 0x0c, 0x1e, 0x5a, 254, 3,
                                    0xf9, 254, 8,    0xf9, 0x98, 1,    2,    3,    4,   1};
    struct tcp_options o = parsed(TCP_SYN, bytes, sizeof bytes);
    CU_ASSERT_TRUE(o.has_fast_open && o.fast_open.experimental);
    CU_ASSERT_EQUAL(o.fast_open.length, 4);
    CU_ASSERT(memcmp(o.fast_open.cookie, bytes + 4, 4) == 0);
    struct tcp_header syn = {.flags = TCP_SYN, .options = o};
    uint8_t written[TCP_HEADER_MAX];
    CU_ASSERT_EQUAL(tcp_header_write(written, &syn), 28);
    CU_ASSERT(memcmp(written + TCP_HEADER, bytes, 8) == 0);
    o = parsed(TCP_ACK, bytes, sizeof bytes);
    CU_ASSERT_FALSE(o.has_fast_open);
}

/* RFC 7413 4.1.1: an even length from 4 to 16, or 0; any other option is as if it were absent. */
static void cookie_of_a_wrong_length_is_none(void)
{
    for (uint8_t form = 0; form < 2; form++)
        for (uint8_t length = 0; length <= 18; length++) {
            uint8_t bytes[24] = {34, (uint8_t)(2 + length)};
            if (form)
                memcpy(bytes, (uint8_t[]){254, (uint8_t)(4 + length), 0xf9, 0x89}, 4);
            struct tcp_options o = parsed(TCP_SYN, bytes, sizeof bytes);
            bool good = length % 2 == 0 && (length == 0 || (length >= 4 && length <= 16));
            CU_ASSERT_EQUAL(o.has_fast_open, good);
            if (good)
                CU_ASSERT_EQUAL(o.fast_open.length, length);
        }
}

static void ack_is_written_with_aligned_timestamps_and_sack(void)
{
    static const uint8_t expected[] = {1, 1, 8, 10, 0, 0, 0, 5, 0, 0, 0, 6,
                                       1, 1, 5, 10, 0, 0, 0, 7, 0, 0, 0, 9};
    struct tcp_header ack = {.flags = TCP_ACK,
                             .options = {.has_timestamps = true,
                                         .timestamp_value = 5,
                                         .timestamp_echo = 6,
                                         .sack_count = 1,
                                         .sack = {{{7}, {9}}}}};
    uint8_t bytes[TCP_HEADER_MAX];
    CU_ASSERT_EQUAL(tcp_header_write(bytes, &ack), 44);
    CU_ASSERT(memcmp(bytes + TCP_HEADER, expected, sizeof expected) == 0);
}

static void fullest_option_areas_fit(void)
{
    struct tcp_options syn = {.has_mss = true,
                              .has_window_scale = true,
                              .has_sack_permitted = true,
                              .has_timestamps = true,
                              .has_fast_open = true,
                              .fast_open.length = 16};
    struct tcp_options sack = {.sack_count = 4}, both = {.has_timestamps = true, .sack_count = 3};
    CU_ASSERT_EQUAL(tcp_header_length(&syn), 60);
    syn.fast_open.experimental = true;
    CU_ASSERT_EQUAL(tcp_header_length(&syn), 60);
    CU_ASSERT_EQUAL(tcp_header_length(&sack), 56);
    CU_ASSERT_EQUAL(tcp_header_length(&both), 60);
}

/* T01: offset 0 to 15 against segments of 0 to 64 bytes. */
static void every_data_offset_is_checked_against_the_segment(void)
{
    for (unsigned words = 0; words < 16; words++)
        for (size_t length = 0; length <= 64; length++) {
            uint8_t bytes[64] = {[12] = (uint8_t)(words << 4)};
            uint8_t *copy = wire_exact(bytes, length);
            struct tcp_header header;
            struct rill_span text = {0};
            enum rill_drop drop = tcp_header_parse(&header, span_of(copy, length), &text);
            bool fits = words >= 5 && words * 4 <= length;
            CU_ASSERT_EQUAL(drop, length < 20 ? RILL_DROP_TCP_SHORT
                                  : fits      ? RILL_DROP_NONE
                                              : RILL_DROP_TCP_DATA_OFFSET);
            if (drop == RILL_DROP_NONE)
                CU_ASSERT_EQUAL(text.length, length - words * 4);
            free(copy);
        }
}

/* Whether an option of this kind and length says something. */
static bool is_meaningful(unsigned kind, unsigned length, bool syn)
{
    switch (kind) {
    case 2:
        return syn && length == 4;
    case 3:
        return syn && length == 3;
    case 4:
        return syn && length == 2;
    case 5:
        return !syn && (length == 10 || length == 18 || length == 26 || length == 34);
    case 8:
        return length == 10;
    case 172:
    case 174:
        return length >= 2;
    case 34:
        return syn && (length == 2 || (length >= 6 && length <= 18 && length % 2 == 0));
    default:
        return false;
    }
}

/* T03, T04, T05, T08, T15: all kinds and lengths at each offset, NOPs around them. */
static void option_counts_only_with_its_length_and_in_its_place(void)
{
    for (unsigned syn = 0; syn < 2; syn++)
        for (unsigned kind = 0; kind < 256; kind++)
            for (unsigned length = 0; length <= 42; length++)
                for (size_t offset = 0; offset < 39; offset++) {
                    uint8_t options[40];
                    memset(options, 1, sizeof options);
                    if (kind == 1)
                        continue; /* a NOP has no length: the next byte is the kind of another round
                                   */
                    options[offset] = (uint8_t)kind;
                    options[offset + 1] = (uint8_t)length;
                    bool expected = is_meaningful(kind, length, syn) && offset + length <= 40;
                    struct tcp_options o = parsed(syn ? TCP_SYN : TCP_ACK, options, sizeof options);
                    CU_ASSERT_EQUAL(!is_empty(&o), expected);
                }
}

/* What follows an option of any length that fits is still found; what follows an impossible length
 * is not. */
static void options_behind_an_unknown_one_are_found(void)
{
    for (unsigned kind = 0; kind < 256; kind++)
        for (unsigned length = 0; length < 48; length++) {
            if (kind == 1 || is_meaningful(kind, length, true))
                continue;
            uint8_t options[40];
            memset(options, 1, sizeof options);
            options[0] = (uint8_t)kind;
            options[1] = (uint8_t)length;
            if (length >= 2 && length <= 36)
                memcpy(options + length, (uint8_t[]){2, 4, 0x12, 0x34}, 4);
            struct tcp_options o = parsed(TCP_SYN, options, sizeof options);
            bool found = kind != 0 && length >= 2 && length <= 36;
            CU_ASSERT_EQUAL(o.has_mss, found);
            CU_ASSERT_EQUAL(o.mss, found ? 0x1234 : 0);
        }
}

static void option_whose_length_byte_is_cut_says_nothing(void)
{
    for (unsigned kind = 0; kind < 256; kind++) {
        uint8_t options[4] = {1, 1, 1, (uint8_t)kind};
        struct tcp_options o = parsed(TCP_SYN, options, sizeof options);
        CU_ASSERT(is_empty(&o));
    }
}

static void options_at_odd_alignments_have_their_values(void)
{
    static const uint8_t option[] = {8, 10, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};
    for (size_t offset = 0; offset <= 30; offset++) {
        uint8_t options[40];
        memset(options, 1, sizeof options);
        memcpy(options + offset, option, sizeof option);
        struct tcp_options o = parsed(TCP_ACK, options, sizeof options);
        CU_ASSERT(o.has_timestamps);
        CU_ASSERT_EQUAL(o.timestamp_value, 0x01020304);
        CU_ASSERT_EQUAL(o.timestamp_echo, 0x05060708);
    }
}

static void aligned_timestamps_alone_have_their_values(void)
{
    static const uint8_t options[] = {1, 1, 8, 10, 0xf1, 0x02, 0x03, 0x04, 0xf5, 0x06, 0x07, 0x08};
    for (unsigned syn = 0; syn < 2; syn++) {
        struct tcp_options o = parsed(syn ? TCP_SYN : TCP_ACK, options, sizeof options);
        struct tcp_options expected = {
            .has_timestamps = true, .timestamp_value = 0xf1020304, .timestamp_echo = 0xf5060708};
        CU_ASSERT(wire_options_equal(&o, &expected));
    }
}

static void options_behind_the_end_of_the_list_say_nothing(void)
{
    static const uint8_t options[] = {0, 2, 4, 5, 0xb4, 1, 1, 1};
    struct tcp_options o = parsed(TCP_SYN, options, sizeof options);
    CU_ASSERT(is_empty(&o));
}

static void last_of_two_options_counts(void)
{
    static const uint8_t options[] = {2, 4,   0, 100, 2, 4,
                                      0, 200, 2, 3,   9, 1}; /* the third: a wrong length */
    struct tcp_options o = parsed(TCP_SYN, options, sizeof options);
    CU_ASSERT_EQUAL(o.mss, 200);
}

static void sack_without_blocks_does_not_undo_one_with_blocks(void)
{
    static const uint8_t options[] = {5, 10, 0, 0, 0, 7, 0, 0, 0, 9, 5, 2};
    struct tcp_options o = parsed(TCP_ACK, options, sizeof options);
    CU_ASSERT(o.sack_count == 1 && o.sack[0].left.n == 7 && o.sack[0].right.n == 9);
}

/* T06, T07: the parser reports what stands there; limits are TCP's business. */
static void odd_values_are_reported_as_sent(void)
{
    static const uint8_t options[] = {2, 4, 0, 0, 3, 3, 255, 1};
    struct tcp_options o = parsed(TCP_SYN, options, sizeof options);
    CU_ASSERT(o.has_mss && o.mss == 0);
    CU_ASSERT(o.has_window_scale && o.window_scale == 255);
}

/* T02 and the checksum: over exactly the segment, at the end of its buffer. */
static void only_the_right_checksum_is_good(void)
{
    struct rill_address from = rill_address_ip4(0xc0000201), to = rill_address_ip4(0xc0000202);
    struct tcp_header header = {.source = 1, .destination = 2, .flags = TCP_ACK};
    uint8_t bytes[TCP_HEADER + 3] = {0};
    size_t length = tcp_header_write(bytes, &header);
    memcpy(bytes + length, "odd", 3);
    uint64_t sum = checksum_pseudo(from, to, IP_PROTOCOL_TCP, sizeof bytes);
    uint16_t right = checksum_finish(checksum_add(sum, span_of(bytes, sizeof bytes)));

    uint8_t *copy = wire_exact(bytes, sizeof bytes);
    for (unsigned value = 0; value <= 65535; value++) {
        tcp_checksum_put(copy, (uint16_t)value);
        CU_ASSERT_EQUAL(tcp_checksum_good(from, to, span_of(copy, sizeof bytes)), value == right);
    }
    tcp_checksum_put(copy, right);
    CU_ASSERT_FALSE(tcp_checksum_good(from, to, span_of(copy, sizeof bytes - 1)));
    CU_ASSERT_FALSE(
        tcp_checksum_good(from, rill_address_ip4(0xc0000203), span_of(copy, sizeof bytes)));
    free(copy);
}

static void checksum_is_put_where_it_belongs(void)
{
    uint8_t bytes[TCP_HEADER] = {0};
    tcp_checksum_put(bytes, 0xbeef);
    for (size_t i = 0; i < sizeof bytes; i++)
        CU_ASSERT_EQUAL(bytes[i], i == 16 ? 0xbe : i == 17 ? 0xef : 0);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a known segment gives its fields", known_segment_gives_its_fields},
        {"random headers survive write and parse", random_headers_survive_write_and_parse},
        {"a SYN is written in the order of Linux", syn_is_written_in_the_order_of_linux},
        {"accurate ECN is written as Linux does", accurate_ecn_is_written_as_linux_does},
        {"accurate ECN of any length is read", accurate_ecn_of_any_length_is_read},
        {"a SYN can be written in the order of FreeBSD",
         syn_can_be_written_in_the_order_of_freebsd},
        {"SACK-permitted alone and a cookie are padded",
         sack_permitted_alone_and_cookie_are_padded},
        {"experimental cookie is told by its magic", experimental_cookie_is_told_by_its_magic},
        {"cookie of a wrong length is none", cookie_of_a_wrong_length_is_none},
        {"experimental cookie is told by its magic", experimental_cookie_is_told_by_its_magic},
        {"cookie of a wrong length is none", cookie_of_a_wrong_length_is_none},
        {"an ACK is written with aligned timestamps and SACK",
         ack_is_written_with_aligned_timestamps_and_sack},
        {"the fullest option areas fit", fullest_option_areas_fit},
        {"every data offset is checked against the segment",
         every_data_offset_is_checked_against_the_segment},
        {"an option counts only with its length and in its place",
         option_counts_only_with_its_length_and_in_its_place},
        {"options behind an unknown one are found", options_behind_an_unknown_one_are_found},
        {"an option whose length byte is cut says nothing",
         option_whose_length_byte_is_cut_says_nothing},
        {"options at odd alignments have their values",
         options_at_odd_alignments_have_their_values},
        {"aligned timestamps alone have their values", aligned_timestamps_alone_have_their_values},
        {"options behind the end of the list say nothing",
         options_behind_the_end_of_the_list_say_nothing},
        {"the last of two options counts", last_of_two_options_counts},
        {"a SACK without blocks does not undo one with blocks",
         sack_without_blocks_does_not_undo_one_with_blocks},
        {"odd values are reported as sent", odd_values_are_reported_as_sent},
        {"only the right checksum is good", only_the_right_checksum_is_good},
        {"the checksum is put where it belongs", checksum_is_put_where_it_belongs},
    };
    return UNIT_MAIN("tcp_header", tests);
}
