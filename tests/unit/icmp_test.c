/* ICMP messages and what errors quote: RFC 792, and attacks C05 (lying quotes) and C06 (short
 * messages). */
#include "wire/icmp.h"

#include "unit.h"
#include "wire/checksum.h"
#include "wire_unit.h"

static void known_echo_is_written_byte_for_byte(void)
{
    static const uint8_t expected[] = {8, 0, 0x11, 0xc6, 0x12, 0x34, 0x00, 0x07, 0xca, 0xfe, 0x09};
    uint8_t bytes[sizeof expected];
    memcpy(bytes + ICMP_HEADER, expected + ICMP_HEADER, 3);
    struct icmp echo = {.type = ICMP_ECHO, .id = 0x1234, .sequence = 7};
    CU_ASSERT_EQUAL(icmp_write(bytes, &echo, span_of(bytes + ICMP_HEADER, 3)), ICMP_HEADER);
    CU_ASSERT(memcmp(bytes, expected, sizeof expected) == 0);
}

static void random_messages_survive_write_and_parse(void)
{
    struct random random;
    random_seed(&random, 1);
    for (unsigned round = 0; round < 5000; round++) {
        uint8_t bytes[100];
        size_t payload = random_below(&random, sizeof bytes - ICMP_HEADER);
        wire_draw(&random, bytes, sizeof bytes);
        struct icmp in = {.type = (uint8_t)random_below(&random, 13),
                          .code = (uint8_t)random_below(&random, 6)};
        if (in.type == ICMP_ECHO || in.type == ICMP_ECHO_REPLY) {
            in.id = (uint16_t)random_next(&random);
            in.sequence = (uint16_t)random_next(&random);
        } else if (in.type == ICMP_UNREACHABLE &&
                   in.code == ICMP_UNREACHABLE_FRAGMENTATION_NEEDED) {
            in.next_hop_mtu = (uint16_t)random_next(&random);
        }
        icmp_write(bytes, &in, span_of(bytes + ICMP_HEADER, payload));

        struct icmp out;
        struct rill_span rest;
        CU_ASSERT_EQUAL(icmp_parse(&out, span_of(bytes, ICMP_HEADER + payload), &rest),
                        RILL_DROP_NONE);
        CU_ASSERT(wire_icmp_equal(&in, &out));
        CU_ASSERT(wire_span_equal(rest, span_of(bytes + ICMP_HEADER, payload)));
    }
}

/* RFC 792: the four bytes behind the checksum are unused, and zero, in a port unreachable. */
static void unused_bytes_are_zero(void)
{
    uint8_t bytes[ICMP_HEADER];
    struct icmp in = {.type = ICMP_UNREACHABLE,
                      .code = ICMP_UNREACHABLE_PORT,
                      .id = 0xffff,
                      .sequence = 0xffff,
                      .next_hop_mtu = 0xffff};
    icmp_write(bytes, &in, span_of(NULL, 0));
    CU_ASSERT_EQUAL(wire_get32(bytes + 4), 0);
    in.code = ICMP_UNREACHABLE_FRAGMENTATION_NEEDED;
    icmp_write(bytes, &in, span_of(NULL, 0));
    CU_ASSERT_EQUAL(wire_get32(bytes + 4), 0x0000ffff);
}

static void every_short_message_is_refused(void)
{
    static const uint8_t zeros[ICMP_HEADER];
    for (size_t length = 0; length < ICMP_HEADER; length++) {
        struct icmp icmp;
        struct rill_span rest;
        uint8_t *cut = wire_exact(zeros, length);
        CU_ASSERT_EQUAL(icmp_parse(&icmp, span_of(cut, length), &rest), RILL_DROP_ICMP_SHORT);
        free(cut);
    }
}

static void every_bit_flip_fails_the_checksum(void)
{
    uint8_t bytes[41];
    struct icmp echo = {.type = ICMP_ECHO, .id = 1, .sequence = 2}, out;
    struct rill_span rest;
    memset(bytes, 0x5a, sizeof bytes);
    icmp_write(bytes, &echo, span_of(bytes + ICMP_HEADER, sizeof bytes - ICMP_HEADER));
    for (unsigned bit = 0; bit < 8 * sizeof bytes; bit++) {
        uint8_t *copy = wire_exact(bytes, sizeof bytes);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CU_ASSERT_EQUAL(icmp_parse(&out, span_of(copy, sizeof bytes), &rest),
                        RILL_DROP_ICMP_CHECKSUM);
        free(copy);
    }
}

static void errors_are_the_five_types_of_rfc_1122(void)
{
    for (unsigned type = 0; type < 256; type++) {
        bool error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
        CU_ASSERT_EQUAL(icmp_is_error((uint8_t)type), error);
    }
}

/* Header and 8 bytes of a datagram as an error quotes them. */
static size_t make_quote(uint8_t *at, uint8_t protocol, uint16_t fragment_offset, size_t options)
{
    static const uint8_t nops[40] = {[0 ... 39] = 1},
                         start[8] = {0x30, 0x39, 0x00, 0x50, 0xde, 0xad, 0xbe, 0xef};
    struct ip4 ip = {.total_length = 1500,
                     .ttl = 1,
                     .protocol = protocol,
                     .fragment_offset = fragment_offset,
                     .source = 0xc0000201,
                     .destination = 0xc0000202,
                     .options = span_of(nops, options)};
    size_t header = ip4_write(at, &ip);
    memcpy(at + header, start, 8);
    return header + 8;
}

static void quoted_tcp_gives_ports_and_sequence_number(void)
{
    for (size_t options = 0; options <= 40; options += 4) {
        uint8_t bytes[68];
        struct icmp_quote quote;
        size_t length = make_quote(bytes, IP_PROTOCOL_TCP, 0, options);
        CU_ASSERT(icmp_quote_parse(&quote, span_of(bytes, length)));
        CU_ASSERT_EQUAL(quote.ip.source, 0xc0000201);
        CU_ASSERT_EQUAL(quote.ip.destination, 0xc0000202);
        CU_ASSERT_EQUAL(quote.source_port, 12345);
        CU_ASSERT_EQUAL(quote.destination_port, 80);
        CU_ASSERT_EQUAL(quote.tcp_seq, 0xdeadbeef);
        CU_ASSERT(wire_span_equal(quote.payload, span_of(bytes + 20 + options, 8)));
    }
}

static void quoted_udp_has_ports_and_quoted_icmp_has_none(void)
{
    uint8_t bytes[68];
    struct icmp_quote quote;
    size_t length = make_quote(bytes, IP_PROTOCOL_UDP, 0, 0);
    CU_ASSERT(icmp_quote_parse(&quote, span_of(bytes, length)));
    CU_ASSERT(quote.source_port == 12345 && quote.destination_port == 80 && quote.tcp_seq == 0);
    length = make_quote(bytes, IP_PROTOCOL_ICMP, 0, 0);
    CU_ASSERT(icmp_quote_parse(&quote, span_of(bytes, length)));
    CU_ASSERT(quote.source_port == 0 && quote.destination_port == 0 && quote.tcp_seq == 0);
    CU_ASSERT_EQUAL(quote.payload.length, 8);
}

static void every_cut_quote_is_refused(void)
{
    for (size_t options = 0; options <= 40; options += 40) {
        uint8_t bytes[68];
        size_t length = make_quote(bytes, IP_PROTOCOL_TCP, 0, options);
        for (size_t cut = 0; cut <= length; cut++) {
            struct icmp_quote quote;
            uint8_t *copy = wire_exact(bytes, cut);
            CU_ASSERT_EQUAL(icmp_quote_parse(&quote, span_of(copy, cut)), cut == length);
            free(copy);
        }
    }
}

static void lying_quotes_are_refused(void)
{
    uint8_t bytes[68];
    struct icmp_quote quote;
    size_t length = make_quote(bytes, IP_PROTOCOL_TCP, 0, 0);
    static const uint8_t first_bytes[] = {0x65, 0x44, 0x40, 0x4f, 0x48, 0x05};
    for (size_t i = 0; i < sizeof first_bytes; i++) {
        bytes[0] = first_bytes[i];
        CU_ASSERT_FALSE(icmp_quote_parse(&quote, span_of(bytes, length)));
    }
    length = make_quote(bytes, IP_PROTOCOL_TCP, 8, 0);
    CU_ASSERT_FALSE(icmp_quote_parse(&quote, span_of(bytes, length)));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a known echo is written byte for byte", known_echo_is_written_byte_for_byte},
        {"random messages survive write and parse", random_messages_survive_write_and_parse},
        {"unused bytes are zero", unused_bytes_are_zero},
        {"every short message is refused", every_short_message_is_refused},
        {"every bit flip fails the checksum", every_bit_flip_fails_the_checksum},
        {"errors are the five types of RFC 1122", errors_are_the_five_types_of_rfc_1122},
        {"quoted TCP gives ports and sequence number", quoted_tcp_gives_ports_and_sequence_number},
        {"quoted UDP has ports and quoted ICMP has none",
         quoted_udp_has_ports_and_quoted_icmp_has_none},
        {"every cut quote is refused", every_cut_quote_is_refused},
        {"lying quotes are refused", lying_quotes_are_refused},
    };
    return UNIT_MAIN("icmp", tests);
}
