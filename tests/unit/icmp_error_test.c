/* Our ICMP errors: RFC 1122 3.2.2, RFC 1812 4.3.2.3, and attacks I09, I12, F12, C07. */
#include "ip/icmp_error.h"

#include "unit.h"

static uint8_t payload[1500];

static struct ip4 header_of(uint8_t protocol)
{
    return (struct ip4){.total_length = 1500,
                        .id = 77,
                        .ttl = 3,
                        .protocol = protocol,
                        .source = 0x0a000007,
                        .destination = 0x0a000005};
}

static struct icmp_offence offence_of(const struct ip4 *h)
{
    return (struct icmp_offence){
        .header = h, .payload = span_of(payload, 1480), .destination = ADDRESS_OURS};
}

static void ordinary_datagrams_may_draw_errors(void)
{
    struct ip4 udp = header_of(IP_PROTOCOL_UDP), first = udp, loopback = udp, echo = udp;
    first.more_fragments = true;
    loopback.source = 0x7f000001;
    echo.protocol = IP_PROTOCOL_ICMP;
    payload[0] = ICMP_ECHO;
    const struct ip4 *headers[] = {&udp, &first, &loopback, &echo};
    for (unsigned i = 0; i < 4; i++) {
        struct icmp_offence o = offence_of(headers[i]);
        CU_ASSERT(icmp_error_allowed(&o));
    }
}

/* C07 */
static void no_error_about_an_error(void)
{
    struct ip4 icmp = header_of(IP_PROTOCOL_ICMP);
    struct icmp_offence o = offence_of(&icmp);
    for (unsigned type = 0; type < 256; type++) {
        payload[0] = (uint8_t)type;
        CU_ASSERT_EQUAL(icmp_error_allowed(&o), !icmp_is_error((uint8_t)type));
    }
    o.payload.length = 0;
    CU_ASSERT_FALSE(icmp_error_allowed(&o));
}

/* I12, F12, C07 */
static void no_error_about_groups_or_later_fragments(void)
{
    struct ip4 h = header_of(IP_PROTOCOL_UDP);
    struct icmp_offence o = offence_of(&h);
    o.destination = ADDRESS_BROADCAST;
    CU_ASSERT_FALSE(icmp_error_allowed(&o));
    o.destination = ADDRESS_MULTICAST;
    CU_ASSERT_FALSE(icmp_error_allowed(&o));
    o.destination = ADDRESS_OURS;
    o.link_group = true;
    CU_ASSERT_FALSE(icmp_error_allowed(&o));
    o.link_group = false;
    h.fragment_offset = 8;
    CU_ASSERT_FALSE(icmp_error_allowed(&o));
}

static void no_error_to_who_is_not_one_host(void)
{
    static const uint32_t nobody[] = {0,          0x00ffffff, 0xe0000001,
                                      0xefffffff, 0xf0000001, 0xffffffff};
    for (unsigned i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        struct ip4 h = header_of(IP_PROTOCOL_UDP);
        h.source = nobody[i];
        struct icmp_offence o = offence_of(&h);
        CU_ASSERT_FALSE(icmp_error_allowed(&o));
    }
}

/* I09: the header with its options and as much as makes 576, byte for byte. */
static void quotation_is_exact_and_bounded(void)
{
    static uint8_t options[40];
    memset(options, 1, sizeof options);
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 7);
    for (size_t length = 0; length <= 1440; length += 9) {
        for (size_t n = 0; n <= 40; n += 4) {
            struct ip4 h = header_of(IP_PROTOCOL_UDP);
            h.options = span_of(options, n);
            h.total_length = (uint16_t)(IP4_HEADER + n + length);
            struct icmp_offence o = offence_of(&h);
            o.payload.length = length;
            struct icmp message = {.type = ICMP_UNREACHABLE, .code = ICMP_UNREACHABLE_PORT};
            uint8_t original[IP4_HEADER_MAX + 1440], at[ICMP_ERROR_MAX - IP4_HEADER + 1];
            size_t whole = ip4_write(original, &h) + length;
            memcpy(original + whole - length, payload, length);
            at[sizeof at - 1] = 0xee;

            size_t written = icmp_error_write(at, &message, &o);
            CU_ASSERT_EQUAL(written, icmp_error_length(&o));
            CU_ASSERT_EQUAL(IP4_HEADER + written, min_of(ICMP_ERROR_MAX, IP4_HEADER + 8 + whole));
            CU_ASSERT(memcmp(at + 8, original, written - 8) == 0);
            CU_ASSERT_EQUAL(at[sizeof at - 1], 0xee);
            struct icmp parsed;
            struct rill_span rest;
            CU_ASSERT_EQUAL(icmp_parse(&parsed, span_of(at, written), &rest), RILL_DROP_NONE);
            CU_ASSERT(parsed.type == ICMP_UNREACHABLE && parsed.code == ICMP_UNREACHABLE_PORT);
        }
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"ordinary datagrams may draw errors", ordinary_datagrams_may_draw_errors},
        {"no error about an error (C07)", no_error_about_an_error},
        {"no error about groups or later fragments (I12, F12)",
         no_error_about_groups_or_later_fragments},
        {"no error to who is not one host", no_error_to_who_is_not_one_host},
        {"the quotation is exact and bounded (I09)", quotation_is_exact_and_bounded},
    };
    return UNIT_MAIN("icmp_error", tests);
}
