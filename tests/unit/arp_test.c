/* ARP packets: RFC 826, and attack A07 (malformed lengths and types). */
#include "wire/arp.h"

#include "unit.h"
#include "wire/wire.h"
#include "wire_unit.h"

/* 192.0.2.1 (02:..:01) asks for 192.0.2.2. */
static const uint8_t request[ARP_SIZE] = {0,   1, 8, 0, 6, 4, 0, 1, 2, 0, 0,   0, 0, 1,
                                          192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2};

static bool parses(const uint8_t *at, size_t length, bool *foreign)
{
    struct arp arp;
    return arp_parse(&arp, span_of(at, length), foreign);
}

static void known_request_gives_its_fields(void)
{
    struct arp arp;
    bool foreign = true;
    CU_ASSERT(arp_parse(&arp, span_of(request, sizeof request), &foreign));
    CU_ASSERT_FALSE(foreign);
    CU_ASSERT_EQUAL(arp.operation, ARP_REQUEST);
    CU_ASSERT(mac_equal(arp.sender_mac, (struct mac){{2, 0, 0, 0, 0, 1}}));
    CU_ASSERT_EQUAL(arp.sender, 0xc0000201);
    CU_ASSERT(mac_is_zero(arp.target_mac));
    CU_ASSERT_EQUAL(arp.target, 0xc0000202);
}

static void random_packets_survive_write_and_parse(void)
{
    struct random random;
    random_seed(&random, 1);
    for (unsigned round = 0; round < 2000; round++) {
        struct arp in, out;
        uint8_t bytes[ARP_SIZE];
        bool foreign;
        wire_draw(&random, &in, sizeof in);
        CU_ASSERT_EQUAL(arp_write(bytes, &in), ARP_SIZE);
        CU_ASSERT(arp_parse(&out, span_of(bytes, sizeof bytes), &foreign));
        CU_ASSERT(wire_arp_equal(&in, &out));
    }
}

static void known_request_is_written_byte_for_byte(void)
{
    struct arp arp = {.operation = ARP_REQUEST,
                      .sender_mac = {{2, 0, 0, 0, 0, 1}},
                      .sender = 0xc0000201,
                      .target = 0xc0000202};
    uint8_t bytes[ARP_SIZE];
    arp_write(bytes, &arp);
    CU_ASSERT(memcmp(bytes, request, ARP_SIZE) == 0);
}

static void every_cut_body_is_short_not_foreign(void)
{
    for (size_t length = 0; length < ARP_SIZE; length++) {
        uint8_t *cut = wire_exact(request, length);
        bool foreign = true;
        CU_ASSERT_FALSE(parses(cut, length, &foreign));
        CU_ASSERT_FALSE(foreign);
        free(cut);
    }
}

static void trailing_bytes_do_not_matter(void)
{
    uint8_t padded[ETH_MINIMUM - ETH_HEADER];
    memset(padded, 0xff, sizeof padded);
    memcpy(padded, request, sizeof request);
    bool foreign;
    CU_ASSERT(parses(padded, sizeof padded, &foreign));
}

static void any_other_length_byte_is_foreign(void)
{
    for (unsigned hardware = 0; hardware < 256; hardware++)
        for (unsigned protocol = 0; protocol < 256; protocol++) {
            uint8_t bytes[ARP_SIZE];
            bool foreign, ours = hardware == 6 && protocol == 4;
            memcpy(bytes, request, sizeof bytes);
            bytes[4] = (uint8_t)hardware;
            bytes[5] = (uint8_t)protocol;
            CU_ASSERT_EQUAL(parses(bytes, sizeof bytes, &foreign), ours);
            CU_ASSERT_EQUAL(foreign, !ours);
        }
}

static void any_other_hardware_or_protocol_is_foreign(void)
{
    for (size_t field = 0; field <= 2; field += 2)
        for (unsigned value = 0; value < 65536; value++) {
            uint8_t bytes[ARP_SIZE];
            bool foreign, ours = value == (field == 0 ? 1 : ETH_TYPE_IP4);
            memcpy(bytes, request, sizeof bytes);
            wire_put16(bytes + field, (uint16_t)value);
            CU_ASSERT_EQUAL(parses(bytes, sizeof bytes, &foreign), ours);
            CU_ASSERT_EQUAL(foreign, !ours);
        }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a known request gives its fields", known_request_gives_its_fields},
        {"random packets survive write and parse", random_packets_survive_write_and_parse},
        {"a known request is written byte for byte", known_request_is_written_byte_for_byte},
        {"every cut body is short, not foreign", every_cut_body_is_short_not_foreign},
        {"trailing bytes do not matter", trailing_bytes_do_not_matter},
        {"any other length byte is foreign", any_other_length_byte_is_foreign},
        {"any other hardware or protocol is foreign", any_other_hardware_or_protocol_is_foreign},
    };
    return UNIT_MAIN("arp", tests);
}
