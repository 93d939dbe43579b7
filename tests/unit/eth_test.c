/* Ethernet II headers and MAC addresses. */
#include "wire/eth.h"

#include "unit.h"
#include "wire_unit.h"

static const uint8_t good[] = {0x02, 0, 0, 0,    0,    0x01, 0x02, 0,
                               0,    0, 0, 0x02, 0x08, 0x06, 0xaa, 0xbb};

static void known_frame_gives_its_fields_and_the_rest(void)
{
    struct eth eth;
    struct rill_span rest;
    CU_ASSERT(eth_parse(&eth, span_of(good, sizeof good), &rest));
    CU_ASSERT(mac_equal(eth.destination, (struct mac){{0x02, 0, 0, 0, 0, 0x01}}));
    CU_ASSERT(mac_equal(eth.source, (struct mac){{0x02, 0, 0, 0, 0, 0x02}}));
    CU_ASSERT_EQUAL(eth.type, ETH_TYPE_ARP);
    CU_ASSERT(wire_span_equal(rest, span_of(good + 14, 2)));
}

static void what_is_written_is_what_was_parsed(void)
{
    struct eth eth;
    struct rill_span rest;
    uint8_t written[ETH_HEADER];
    CU_ASSERT(eth_parse(&eth, span_of(good, sizeof good), &rest));
    CU_ASSERT_EQUAL(eth_write(written, &eth), ETH_HEADER);
    CU_ASSERT(memcmp(written, good, ETH_HEADER) == 0);
}

static void every_runt_is_refused_unread(void)
{
    for (size_t length = 0; length <= ETH_HEADER; length++) {
        struct eth eth;
        struct rill_span rest;
        uint8_t *cut = wire_exact(good, length);
        CU_ASSERT_EQUAL(eth_parse(&eth, span_of(cut, length), &rest), length == ETH_HEADER);
        free(cut);
    }
}

static void groups_have_the_low_bit_of_the_first_byte(void)
{
    CU_ASSERT(mac_is_group(mac_broadcast));
    CU_ASSERT(mac_is_group((struct mac){{0x01, 0x00, 0x5e, 0, 0, 1}}));
    CU_ASSERT_FALSE(mac_is_group((struct mac){{0x02, 0x01, 0x01, 1, 1, 1}}));
}

static void zero_and_equality_look_at_every_byte(void)
{
    struct mac zero = {{0}};
    CU_ASSERT(mac_is_zero(zero));
    for (unsigned i = 0; i < 6; i++) {
        struct mac other = zero;
        other.byte[i] = 1;
        CU_ASSERT_FALSE(mac_is_zero(other));
        CU_ASSERT_FALSE(mac_equal(zero, other));
    }
}

/* RFC 1112 6.4: 23 bits, so the top bit of the second byte is lost. */
static void group_address_maps_with_its_low_23_bits(void)
{
    struct mac all_hosts = {{0x01, 0x00, 0x5e, 0x00, 0x00, 0x01}};
    struct mac full = {{0x01, 0x00, 0x5e, 0x7f, 0xfe, 0xfd}};
    CU_ASSERT(mac_equal(mac_of_ip4_group(0xe0000001), all_hosts));
    CU_ASSERT(mac_equal(mac_of_ip4_group(0xeffffefd), full));
    CU_ASSERT(mac_equal(mac_of_ip4_group(0xef7ffefd), full));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a known frame gives its fields and the rest", known_frame_gives_its_fields_and_the_rest},
        {"what is written is what was parsed", what_is_written_is_what_was_parsed},
        {"every runt is refused unread", every_runt_is_refused_unread},
        {"groups have the low bit of the first byte", groups_have_the_low_bit_of_the_first_byte},
        {"zero and equality look at every byte", zero_and_equality_look_at_every_byte},
        {"a group address maps with its low 23 bits", group_address_maps_with_its_low_23_bits},
    };
    return UNIT_MAIN("eth", tests);
}
