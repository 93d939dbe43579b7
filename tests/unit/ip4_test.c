/* The IPv4 header: RFC 791, and attacks I01 (header length), I02 (total length), I03 (version,
 * checksum), I07 and I08 (options). */
#include "wire/ip4.h"

#include "unit.h"
#include "wire/checksum.h"
#include "wire_unit.h"

#define PAYLOAD 46

static struct ip4 drawn(struct random *random, uint8_t options[40])
{
    memset(options, 1, 40); /* NOPs: any other byte would have to make sense */
    size_t options_length = 4 * random_below(random, 11);
    return (struct ip4){.tos = (uint8_t)random_next(random),
                        .total_length = (uint16_t)(IP4_HEADER + options_length + PAYLOAD),
                        .id = (uint16_t)random_next(random),
                        .dont_fragment = wire_draw_bool(random),
                        .more_fragments = wire_draw_bool(random),
                        .fragment_offset = (uint16_t)(8 * random_below(random, 8192)),
                        .ttl = (uint8_t)random_next(random),
                        .protocol = (uint8_t)random_next(random),
                        .source = (uint32_t)random_next(random),
                        .destination = (uint32_t)random_next(random),
                        .options = span_of(options, options_length)};
}

/* A good UDP datagram of 66 bytes with the given options. */
static size_t make_good(uint8_t *at, struct rill_span options)
{
    struct ip4 ip = {.total_length = (uint16_t)(IP4_HEADER + options.length + PAYLOAD),
                     .ttl = 64,
                     .protocol = IP_PROTOCOL_UDP,
                     .source = 0xc0000201,
                     .destination = 0xc0000202,
                     .options = options};
    size_t header = ip4_write(at, &ip);
    memset(at + header, 0xab, PAYLOAD);
    return header + PAYLOAD;
}

static void sum_again(uint8_t *at, size_t header)
{
    wire_put16(at + 10, 0);
    wire_put16(at + 10, checksum_finish(checksum_add(0, span_of(at, header))));
}

static enum rill_drop parse_exact(const uint8_t *at, size_t length, struct rill_span *rest)
{
    uint8_t *copy = wire_exact(at, length);
    struct ip4 ip;
    enum rill_drop drop = ip4_parse(&ip, span_of(copy, length), rest);
    if (drop == RILL_DROP_NONE)
        CU_ASSERT(rest->at + rest->length <= copy + length);
    free(copy);
    return drop;
}

static void known_header_gives_its_fields(void)
{
    static const uint8_t bytes[] = {0x45, 0xb9, 0x00, 0x18, 0x12, 0x34, 0x60, 0x03,
                                    0x40, 0x11, 0xdc, 0xc4, 0xc0, 0xa8, 0x00, 0x01,
                                    0xc0, 0xa8, 0x00, 0xc7, 1,    2,    3,    4};
    struct ip4 ip;
    struct rill_span rest;
    uint8_t fixed[sizeof bytes];
    memcpy(fixed, bytes, sizeof bytes);
    sum_again(fixed, IP4_HEADER);
    CU_ASSERT_EQUAL(ip4_parse(&ip, span_of(fixed, sizeof fixed), &rest), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(ip.tos, 0xb9);
    CU_ASSERT_EQUAL(ip.total_length, 24);
    CU_ASSERT_EQUAL(ip.id, 0x1234);
    CU_ASSERT(ip.dont_fragment);
    CU_ASSERT(ip.more_fragments);
    CU_ASSERT_EQUAL(ip.fragment_offset, 24);
    CU_ASSERT_EQUAL(ip.ttl, 64);
    CU_ASSERT_EQUAL(ip.protocol, IP_PROTOCOL_UDP);
    CU_ASSERT_EQUAL(ip.source, 0xc0a80001);
    CU_ASSERT_EQUAL(ip.destination, 0xc0a800c7);
    CU_ASSERT_EQUAL(ip.options.length, 0);
    CU_ASSERT(wire_span_equal(rest, span_of(fixed + 20, 4)));
}

static void random_headers_survive_write_and_parse(void)
{
    struct random random;
    random_seed(&random, 1);
    for (unsigned round = 0; round < 5000; round++) {
        uint8_t options[40], bytes[IP4_HEADER_MAX + PAYLOAD] = {0};
        struct ip4 in = drawn(&random, options), out;
        struct rill_span rest;
        size_t header = ip4_write(bytes, &in);
        CU_ASSERT_EQUAL(header, IP4_HEADER + in.options.length);
        CU_ASSERT_EQUAL(ip4_parse(&out, span_of(bytes, in.total_length), &rest), RILL_DROP_NONE);
        CU_ASSERT(wire_ip4_equal(&in, &out));
        CU_ASSERT_PTR_EQUAL(rest.at, bytes + header);
        CU_ASSERT_EQUAL(rest.length, PAYLOAD);
    }
}

static void flags_lie_where_rfc_791_puts_them(void)
{
    uint8_t bytes[IP4_HEADER];
    struct ip4 ip = {.total_length = 20, .dont_fragment = true};
    ip4_write(bytes, &ip);
    CU_ASSERT_EQUAL(wire_get16(bytes + 6), 0x4000);
    ip = (struct ip4){.total_length = 20, .more_fragments = true, .fragment_offset = 65528};
    ip4_write(bytes, &ip);
    CU_ASSERT_EQUAL(wire_get16(bytes + 6), 0x3fff);
}

static void every_prefix_is_refused(void)
{
    uint8_t bytes[128], nops[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct rill_span rest;
    size_t length = make_good(bytes, span_of(nops, 8));
    for (size_t cut = 0; cut < length; cut++) {
        enum rill_drop expected = cut < 20   ? RILL_DROP_IP_SHORT
                                  : cut < 28 ? RILL_DROP_IP_HEADER_LENGTH
                                             : RILL_DROP_IP_TOTAL_LENGTH;
        CU_ASSERT_EQUAL(parse_exact(bytes, cut, &rest), expected);
    }
    CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest), RILL_DROP_NONE);
}

static void every_single_bit_flip_is_refused(void)
{
    uint8_t bytes[128];
    struct rill_span rest;
    size_t length = make_good(bytes, span_of(NULL, 0));
    for (unsigned bit = 0; bit < 160; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CU_ASSERT_NOT_EQUAL(parse_exact(bytes, length, &rest), RILL_DROP_NONE);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest), RILL_DROP_NONE);
}

static void only_version_4_is_taken(void)
{
    uint8_t bytes[128];
    struct rill_span rest;
    size_t length = make_good(bytes, span_of(NULL, 0));
    for (unsigned version = 0; version < 16; version++) {
        bytes[0] = (uint8_t)(version << 4 | 5);
        sum_again(bytes, IP4_HEADER);
        CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest),
                        version == 4 ? RILL_DROP_NONE : RILL_DROP_IP_VERSION);
    }
}

/* I01: only a header length that lies between 20, the total length and the packet is taken. */
static void every_header_length_is_checked_against_the_packet(void)
{
    for (unsigned words = 0; words < 16; words++)
        for (size_t length = IP4_HEADER; length <= 80; length++) {
            uint8_t bytes[80];
            struct rill_span rest;
            memset(bytes, 1, sizeof bytes); /* where options would lie: NOPs */
            bytes[0] = (uint8_t)(4 << 4 | words);
            wire_put16(bytes + 2, (uint16_t)length);
            bool fits = words >= 5 && words * 4 <= length;
            if (fits)
                sum_again(bytes, words * 4);
            CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest),
                            fits ? RILL_DROP_NONE : RILL_DROP_IP_HEADER_LENGTH);
        }
}

/* I02: what lies beyond the total length is padding; what the total length promises must be there.
 */
static void every_total_length_is_checked_against_header_and_packet(void)
{
    uint8_t bytes[128];
    struct rill_span rest;
    size_t length = make_good(bytes, span_of(NULL, 0));
    for (unsigned total = 0; total <= 65535; total++) {
        wire_put16(bytes + 2, (uint16_t)total);
        sum_again(bytes, IP4_HEADER);
        bool fits = total >= IP4_HEADER && total <= length;
        CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest),
                        fits ? RILL_DROP_NONE : RILL_DROP_IP_TOTAL_LENGTH);
        if (fits)
            CU_ASSERT_EQUAL(rest.length, total - IP4_HEADER);
    }
}

static void options_are_not_looked_at_before_the_checksum(void)
{
    uint8_t bytes[128], options[4] = {131, 0, 0, 0};
    struct rill_span rest;
    size_t length = make_good(bytes, span_of(options, 4));
    CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest), RILL_DROP_IP_OPTION);
    bytes[11] ^= 1;
    CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest), RILL_DROP_IP_CHECKSUM);
}

/* I07, I08: all types and lengths, at every offset, NOPs in front and behind. */
static void every_option_of_every_length_is_taken_or_refused(void)
{
    for (unsigned type = 0; type < 256; type++)
        for (unsigned claimed = 0; claimed < 64; claimed++)
            for (size_t offset = 0; offset < 39; offset++) {
                uint8_t bytes[128], options[40];
                struct ip4 ip;
                struct rill_span rest;
                memset(options, 1, sizeof options);
                options[offset] = (uint8_t)type;
                options[offset + 1] = (uint8_t)claimed;
                size_t length = make_good(bytes, span_of(options, sizeof options));

                bool inside = claimed >= 2 && offset + claimed <= 40;
                bool route = type == 131 || type == 137;
                bool good = type == 0 || (inside && !route);
                if (type ==
                    1) /* no length: the next byte is a type, and the NOP behind it a length of 1 */
                    good = claimed <= 1;
                CU_ASSERT_EQUAL(ip4_parse(&ip, span_of(bytes, length), &rest),
                                good ? RILL_DROP_NONE : RILL_DROP_IP_OPTION);
            }
}

static void option_whose_length_byte_is_cut_is_refused(void)
{
    uint8_t bytes[128], options[40];
    struct rill_span rest;
    memset(options, 1, sizeof options);
    options[39] = 7;
    size_t length = make_good(bytes, span_of(options, sizeof options));
    CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest), RILL_DROP_IP_OPTION);
}

static void source_route_behind_other_options_is_found(void)
{
    uint8_t bytes[128], options[12] = {1, 7, 3, 4, 131, 7, 4, 192, 0, 2, 1, 0};
    struct rill_span rest;
    size_t length = make_good(bytes, span_of(options, sizeof options));
    CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest), RILL_DROP_IP_OPTION);
    options[3] = 0; /* the end of the list: what follows is no option */
    options[2] = 2;
    options[1] = 7;
    length = make_good(bytes, span_of(options, sizeof options));
    CU_ASSERT_EQUAL(parse_exact(bytes, length, &rest), RILL_DROP_NONE);
}

/* Quoted: total length and checksum are another's. */
static void quoted_header_needs_only_version_and_header_length(void)
{
    uint8_t bytes[128];
    struct ip4 ip;
    struct rill_span rest;
    make_good(bytes, span_of(NULL, 0));
    wire_put16(bytes + 2, 1500);
    for (size_t cut = 0; cut <= 28; cut++) {
        uint8_t *copy = wire_exact(bytes, cut);
        bool good = ip4_parse_quoted(&ip, span_of(copy, cut), &rest);
        CU_ASSERT_EQUAL(good, cut >= IP4_HEADER);
        if (good)
            CU_ASSERT(ip.total_length == 1500 && ip.source == 0xc0000201 &&
                      rest.length == cut - 20);
        free(copy);
    }
    bytes[0] = 0x65;
    CU_ASSERT_FALSE(ip4_parse_quoted(&ip, span_of(bytes, 28), &rest));
    bytes[0] = 0x44;
    CU_ASSERT_FALSE(ip4_parse_quoted(&ip, span_of(bytes, 28), &rest));
    bytes[0] = 0x4f;
    CU_ASSERT_FALSE(ip4_parse_quoted(&ip, span_of(bytes, 59), &rest));
    CU_ASSERT(ip4_parse_quoted(&ip, span_of(bytes, 60), &rest));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a known header gives its fields", known_header_gives_its_fields},
        {"random headers survive write and parse", random_headers_survive_write_and_parse},
        {"flags lie where RFC 791 puts them", flags_lie_where_rfc_791_puts_them},
        {"every prefix is refused", every_prefix_is_refused},
        {"every single bit flip is refused", every_single_bit_flip_is_refused},
        {"only version 4 is taken", only_version_4_is_taken},
        {"every header length is checked against the packet",
         every_header_length_is_checked_against_the_packet},
        {"every total length is checked against header and packet",
         every_total_length_is_checked_against_header_and_packet},
        {"options are not looked at before the checksum",
         options_are_not_looked_at_before_the_checksum},
        {"every option of every length is taken or refused",
         every_option_of_every_length_is_taken_or_refused},
        {"an option whose length byte is cut is refused",
         option_whose_length_byte_is_cut_is_refused},
        {"a source route behind other options is found",
         source_route_behind_other_options_is_found},
        {"a quoted header needs only version and header length",
         quoted_header_needs_only_version_and_header_length},
    };
    return UNIT_MAIN("ip4", tests);
}
