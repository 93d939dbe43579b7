/* The UDP header: RFC 768, and attacks U01 (length lies) and U02 (checksum). */
#include "wire/udp_header.h"

#include "unit.h"
#include "wire/ip4.h"
#include "wire_unit.h"

static const struct rill_address ip6_a = {{0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
                                 ip6_b = {{0x20, 0x01, 0x0d, 0xb8, [15] = 2}};

/* Header and data with a good checksum for these addresses. */
static void make_good(uint8_t *at, size_t length, struct rill_address from, struct rill_address to)
{
    struct udp_header udp = {.source = 1234, .destination = 7, .length = (uint16_t)length};
    udp_header_write(at, &udp);
    for (size_t i = UDP_HEADER; i < length; i++)
        at[i] = (uint8_t)i;
    uint64_t sum = checksum_pseudo(from, to, IP_PROTOCOL_UDP, (uint32_t)length);
    udp.checksum = checksum_finish(checksum_add(sum, span_of(at, length)));
    udp_header_write(at, &udp);
}

static void known_header_gives_its_fields(void)
{
    static const uint8_t bytes[] = {0x04, 0xd2, 0x00, 0x35, 0x00, 0x0b, 0xbe, 0xef, 1, 2, 3, 0, 0};
    struct udp_header udp;
    struct rill_span rest;
    CU_ASSERT_EQUAL(udp_header_parse(&udp, span_of(bytes, sizeof bytes), &rest), RILL_DROP_NONE);
    CU_ASSERT(udp.source == 1234 && udp.destination == 53 && udp.length == 11 &&
              udp.checksum == 0xbeef);
    CU_ASSERT(wire_span_equal(rest, span_of(bytes + 8, 3)));
}

static void random_headers_survive_write_and_parse(void)
{
    struct random random;
    random_seed(&random, 1);
    static uint8_t bytes[65535];
    for (unsigned round = 0; round < 2000; round++) {
        struct udp_header in, out;
        struct rill_span rest;
        wire_draw(&random, &in, sizeof in);
        in.length = (uint16_t)(8 + random_below(&random, 65528));
        CU_ASSERT_EQUAL(udp_header_write(bytes, &in), UDP_HEADER);
        CU_ASSERT_EQUAL(udp_header_parse(&out, span_of(bytes, sizeof bytes), &rest),
                        RILL_DROP_NONE);
        CU_ASSERT(wire_udp_equal(&in, &out));
        CU_ASSERT_EQUAL(rest.length, in.length - 8);
    }
}

static void every_prefix_is_refused(void)
{
    uint8_t bytes[20];
    make_good(bytes, sizeof bytes, ip6_a, ip6_b);
    for (size_t length = 0; length < sizeof bytes; length++) {
        struct udp_header udp;
        struct rill_span rest;
        uint8_t *cut = wire_exact(bytes, length);
        CU_ASSERT_EQUAL(udp_header_parse(&udp, span_of(cut, length), &rest),
                        length < 8 ? RILL_DROP_UDP_SHORT : RILL_DROP_UDP_LENGTH);
        free(cut);
    }
}

/* U01: 100 bytes of IP payload and every UDP length. */
static void every_length_is_checked_and_cuts_the_data(void)
{
    for (unsigned claimed = 0; claimed <= 65535; claimed++) {
        uint8_t bytes[100] = {0};
        struct udp_header in = {.length = (uint16_t)claimed}, out;
        struct rill_span rest;
        udp_header_write(bytes, &in);
        enum rill_drop drop = udp_header_parse(&out, span_of(bytes, sizeof bytes), &rest);
        bool fits = claimed >= 8 && claimed <= 100;
        CU_ASSERT_EQUAL(drop, fits ? RILL_DROP_NONE : RILL_DROP_UDP_LENGTH);
        if (fits)
            CU_ASSERT(rest.at == bytes + 8 && rest.length == claimed - 8);
    }
}

/* U02: of 65,536 values the right one, and over IPv4 also 0; odd data, at the end of its buffer. */
static void only_the_right_checksum_is_good(void)
{
    struct rill_address from[] = {rill_address_ip4(0xc0000201), ip6_a};
    struct rill_address to[] = {rill_address_ip4(0xc0000202), ip6_b};
    for (unsigned family = 0; family < 2; family++) {
        uint8_t bytes[21];
        make_good(bytes, sizeof bytes, from[family], to[family]);
        uint16_t right = (uint16_t)(bytes[6] << 8 | bytes[7]);
        uint8_t *copy = wire_exact(bytes, sizeof bytes);
        for (unsigned value = 0; value <= 65535; value++) {
            copy[6] = (uint8_t)(value >> 8);
            copy[7] = (uint8_t)value;
            bool expected = value == right || (value == 0 && family == 0);
            CU_ASSERT_EQUAL(
                udp_checksum_good(from[family], to[family], span_of(copy, sizeof bytes)), expected);
        }
        free(copy);
    }
}

/* The sum is 0xffff without its field: 0 would say "none", so that 0xffff is sent, and is good. */
static void computed_zero_sent_as_ffff_is_good(void)
{
    uint8_t bytes[10];
    make_good(bytes, sizeof bytes, ip6_a, ip6_b);
    uint16_t field = (uint16_t)(bytes[6] << 8 | bytes[7]);
    bytes[8] =
        (uint8_t)((field + (8 << 8 | 9)) % 65535 >> 8); /* moves the field's worth into the data */
    bytes[9] = (uint8_t)((field + (8 << 8 | 9)) % 65535);
    bytes[6] = bytes[7] = 0xff;
    CU_ASSERT(udp_checksum_good(ip6_a, ip6_b, span_of(bytes, sizeof bytes)));
    bytes[6] = bytes[7] = 0;
    CU_ASSERT_FALSE(udp_checksum_good(ip6_a, ip6_b, span_of(bytes, sizeof bytes)));
}

static void bytes_beyond_the_length_are_not_summed(void)
{
    uint8_t bytes[30];
    memset(bytes, 0xee, sizeof bytes);
    make_good(bytes, 21, ip6_a, ip6_b);
    CU_ASSERT(udp_checksum_good(ip6_a, ip6_b, span_of(bytes, sizeof bytes)));
}

static void checksum_covers_the_addresses(void)
{
    uint8_t bytes[21];
    struct rill_address other = ip6_b;
    make_good(bytes, sizeof bytes, ip6_a, ip6_b);
    other.byte[14] ^= 1;
    CU_ASSERT_FALSE(udp_checksum_good(ip6_a, other, span_of(bytes, sizeof bytes)));
    CU_ASSERT_FALSE(udp_checksum_good(other, ip6_b, span_of(bytes, sizeof bytes)));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a known header gives its fields", known_header_gives_its_fields},
        {"random headers survive write and parse", random_headers_survive_write_and_parse},
        {"every prefix is refused", every_prefix_is_refused},
        {"every length is checked and cuts the data", every_length_is_checked_and_cuts_the_data},
        {"only the right checksum is good", only_the_right_checksum_is_good},
        {"a computed zero sent as ffff is good", computed_zero_sent_as_ffff_is_good},
        {"bytes beyond the length are not summed", bytes_beyond_the_length_are_not_summed},
        {"the checksum covers the addresses", checksum_covers_the_addresses},
    };
    return UNIT_MAIN("udp_header", tests);
}
