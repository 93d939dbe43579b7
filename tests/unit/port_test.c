/* What a port accepts, and what it does for its device. */
#include "link/port.h"

#include "base/hash.h"
#include "unit.h"
#include "wire/checksum.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"

#include "segment.h"

#define MTU 1500

static const struct mac own = {{2, 0, 0, 0, 0, 1}};
static const struct mac other = {{2, 0, 0, 0, 0, 2}};
static const struct mac group = {{1, 0, 0x5e, 0, 0, 1}};

static struct rill_port_config config_of(bool can_gather, bool can_checksum, uint32_t gso_max)
{
    struct rill_port_config config = {.name = "test",
                                      .mtu = MTU,
                                      .can_gather = can_gather,
                                      .can_checksum = can_checksum,
                                      .gso_max = gso_max};
    memcpy(config.mac, own.byte, 6);
    return config;
}

static struct port port_of(bool can_gather, bool can_checksum, uint32_t gso_max)
{
    struct rill_port_config config = config_of(can_gather, can_checksum, gso_max);
    struct port p;
    port_init(&p, &config);
    return p;
}

static enum rill_drop accepts(const struct port *p, struct mac destination, struct mac source,
                              size_t payload)
{
    static uint8_t bytes[70000];
    struct eth eth = {.destination = destination, .source = source, .type = ETH_TYPE_IP4}, got;
    struct rill_span rest = {0};
    eth_write(bytes, &eth);
    enum rill_drop drop = port_accept(p, span_of(bytes, ETH_HEADER + payload), &got, &rest);
    if (drop == RILL_DROP_NONE) {
        CU_ASSERT(mac_equal(got.destination, destination) && mac_equal(got.source, source));
        CU_ASSERT_EQUAL(got.type, ETH_TYPE_IP4);
        CU_ASSERT_PTR_EQUAL(rest.at, bytes + ETH_HEADER);
        CU_ASSERT_EQUAL(rest.length, payload);
    }
    return drop;
}

static void config_needs_a_unicast_mac_and_an_mtu(void)
{
    struct rill_port_config config = config_of(true, true, 0);
    CU_ASSERT(port_config_good(&config));
    config.mtu = 67;
    CU_ASSERT_FALSE(port_config_good(&config));
    config.mtu = 68;
    CU_ASSERT(port_config_good(&config));
    config.mac[0] = 3;
    CU_ASSERT_FALSE(port_config_good(&config));
    memset(config.mac, 0, sizeof config.mac);
    CU_ASSERT_FALSE(port_config_good(&config));
}

static void frames_to_us_and_to_groups_are_accepted(void)
{
    struct port p = port_of(true, true, 0);
    CU_ASSERT_EQUAL(accepts(&p, own, other, 46), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(accepts(&p, group, other, 46), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(accepts(&p, mac_broadcast, other, 46), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(accepts(&p, other, other, 46), RILL_DROP_ETH_DESTINATION);
}

static void sources_that_no_station_has_are_refused(void)
{
    struct port p = port_of(true, true, 0);
    CU_ASSERT_EQUAL(accepts(&p, own, group, 46), RILL_DROP_ETH_SOURCE);
    CU_ASSERT_EQUAL(accepts(&p, own, mac_broadcast, 46), RILL_DROP_ETH_SOURCE);
    CU_ASSERT_EQUAL(accepts(&p, own, (struct mac){{0}}, 46), RILL_DROP_ETH_SOURCE);
    CU_ASSERT_EQUAL(accepts(&p, own, own, 46), RILL_DROP_ETH_SOURCE);
    p.loopback = true;
    CU_ASSERT_EQUAL(accepts(&p, own, own, 46), RILL_DROP_NONE);
}

static void frame_length_has_bounds(void)
{
    struct port plain = port_of(true, true, 0), large = port_of(true, true, 65535);
    struct eth eth;
    struct rill_span rest;
    uint8_t bytes[ETH_HEADER] = {0};
    for (size_t n = 0; n < ETH_HEADER; n++)
        CU_ASSERT_EQUAL(port_accept(&plain, span_of(bytes, n), &eth, &rest), RILL_DROP_ETH_SHORT);
    CU_ASSERT_EQUAL(accepts(&plain, own, other, 0), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(accepts(&plain, own, other, MTU), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(accepts(&plain, own, other, MTU + 1), RILL_DROP_ETH_LONG);
    CU_ASSERT_EQUAL(accepts(&large, own, other, 65535), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(accepts(&large, own, other, 65536), RILL_DROP_ETH_LONG);
}

static void wrapping_prepends_the_header_and_moves_offsets(void)
{
    struct port p = port_of(true, true, 0);
    uint8_t buffer[64] = {0};
    struct rill_frame f = {.buffer = buffer,
                           .room = 64,
                           .start = 20,
                           .length = 40,
                           .checksum_partial = true,
                           .checksum_start = 20,
                           .header_length = 40};
    struct eth eth;
    struct rill_span rest;
    port_wrap(&p, &f, other, ETH_TYPE_ARP);
    CU_ASSERT_EQUAL(f.start, 6);
    CU_ASSERT_EQUAL(f.length, 54);
    CU_ASSERT_EQUAL(f.checksum_start, 34);
    CU_ASSERT_EQUAL(f.header_length, 54);
    CU_ASSERT(eth_parse(&eth, span_of(buffer + 6, 54), &rest));
    CU_ASSERT(mac_equal(eth.destination, other) && mac_equal(eth.source, own));
    CU_ASSERT_EQUAL(eth.type, ETH_TYPE_ARP);
}

/* --------------------------------------------------------------- lowering */

#define HEAD 54 /* Ethernet, IP, TCP */
#define START 34
#define OFFSET 16
#define LONGEST (MTU + ETH_HEADER)

static struct random dice;
static uint8_t whole[LONGEST];      /* the frame as it is to be, but for checksum and padding */
static uint8_t buffer[LONGEST + 8]; /* where it is built: in_buffer bytes, the rest in spans */

/* A frame of `length` bytes of which the first `in_buffer` lie in the buffer and the rest in spans,
 * cut at `cut`. */
static struct rill_frame frame_of(size_t length, size_t in_buffer, size_t cut)
{
    memset(buffer, 0xee, sizeof buffer);
    for (size_t i = 0; i < length; i++)
        whole[i] = (uint8_t)random_next(&dice);
    memcpy(buffer + 3, whole, in_buffer);
    struct rill_frame f = {.buffer = buffer,
                           .room = sizeof buffer,
                           .start = 3,
                           .length = (uint32_t)in_buffer,
                           .checksum_partial = true,
                           .checksum_start = START,
                           .checksum_offset = OFFSET};
    if (in_buffer < cut)
        f.gather[f.gather_count++] = span_of(whole + in_buffer, cut - in_buffer);
    if (cut < length)
        f.gather[f.gather_count++] = span_of(whole + cut, length - cut);
    return f;
}

/* The bytes as they leave, spans included. */
static size_t flatten(const struct rill_frame *f, uint8_t *to)
{
    size_t n = f->length;
    memcpy(to, f->buffer + f->start, n);
    for (unsigned i = 0; i < f->gather_count; i++) {
        memcpy(to + n, f->gather[i].at, f->gather[i].length);
        n += f->gather[i].length;
    }
    return n;
}

static void check_lowered(const struct port *p, size_t length, size_t in_buffer, size_t cut)
{
    uint8_t sent[LONGEST + 8];
    struct rill_frame f = frame_of(length, in_buffer, cut);
    port_lower(p, &f);
    size_t n = flatten(&f, sent);
    CU_ASSERT_EQUAL_FATAL(n, max_of(length, ETH_MINIMUM));
    CU_ASSERT(p->can_gather || f.gather_count == 0);
    CU_ASSERT_EQUAL(f.checksum_partial, p->can_checksum);
    if (!p->can_checksum) {
        struct rill_span pseudo = span_of(whole + START + OFFSET, 2); /* what stood in the field */
        uint64_t sum = checksum_add(0, pseudo);
        CU_ASSERT_EQUAL(checksum_finish(checksum_add(sum, span_of(sent + START, n - START))), 0);
        memcpy(sent + START + OFFSET, whole + START + OFFSET, 2); /* all else is as it was */
    }
    CU_ASSERT(memcmp(sent, whole, length) == 0);
    for (size_t i = length; i < n; i++)
        CU_ASSERT_EQUAL(sent[i], 0);
}

static void every_device_sends_the_same_bytes(void)
{
    random_seed(&dice, 1);
    for (unsigned device = 0; device < 4; device++) {
        struct port p = port_of(device & 1, device & 2, 0);
        for (unsigned round = 0; round < 3000; round++) {
            size_t length = HEAD + random_below(&dice, round % 2 ? 20 : LONGEST - HEAD + 1);
            size_t in_buffer = HEAD + random_below(&dice, length - HEAD + 1);
            check_lowered(&p, length, in_buffer,
                          in_buffer + random_below(&dice, length - in_buffer + 1));
        }
    }
}

static void able_device_gets_the_spans_as_they_are(void)
{
    struct port p = port_of(true, true, 0);
    random_seed(&dice, 1);
    struct rill_frame f = frame_of(1000, HEAD, 500);
    port_lower(&p, &f);
    CU_ASSERT_EQUAL(f.gather_count, 2);
    CU_ASSERT_PTR_EQUAL(f.gather[0].at, whole + HEAD);
    CU_ASSERT_EQUAL(f.length, HEAD);
}

/* The sum of a frame that comes to 0, as a field at this offset says it. */
static uint16_t zero_sum_at(uint16_t offset)
{
    struct port p = port_of(true, false, 0);
    uint8_t bytes[64] = {0};
    struct rill_frame f = {.buffer = bytes,
                           .room = 64,
                           .length = 60,
                           .checksum_partial = true,
                           .checksum_start = START,
                           .checksum_offset = offset};
    wire_put16(bytes + START + offset, 0xffff);
    port_lower(&p, &f);
    return wire_get16(bytes + START + offset);
}

static void checksum_of_zero_is_sent_as_all_ones(void)
{
    CU_ASSERT_EQUAL(zero_sum_at(6), 0xffff); /* UDP, RFC 768 */
    CU_ASSERT_EQUAL(zero_sum_at(16), 0);     /* TCP, RFC 1624 3 */
}

static void superframe_passes_to_a_device_that_cuts(void)
{
    static uint8_t text[60000], head[HEAD];
    struct port p = port_of(true, true, 65535);
    struct rill_frame f = {.buffer = head,
                           .room = HEAD,
                           .length = HEAD,
                           .gso_size = 1460,
                           .checksum_partial = true,
                           .checksum_start = START,
                           .checksum_offset = OFFSET,
                           .gather_count = 1,
                           .gather = {{text, sizeof text}}};
    port_lower(&p, &f);
    CU_ASSERT_EQUAL(rill_frame_length(&f), HEAD + sizeof text);
    CU_ASSERT(f.checksum_partial);
}

/* ---- superframes for a device that does not cut ---- */

#define TCP_HEADERS (ETH_HEADER + IP4_HEADER + TCP_HEADER)
#define PIECES 50
static uint8_t lot[PIECES][2048], long_text[60000];

/* A segment on IPv4 with so much text in two spans, as net builds it. */
static struct rill_frame superframe_of(size_t text, size_t first, uint16_t flags, uint16_t id)
{
    uint8_t *at = lot[0] + ETH_HEADER;
    struct eth eth = {.destination = other, .source = own, .type = ETH_TYPE_IP4};
    struct ip4 ip = {.total_length = (uint16_t)(IP4_HEADER + TCP_HEADER + text),
                     .id = id,
                     .dont_fragment = id == 0,
                     .ttl = 64,
                     .protocol = IP_PROTOCOL_TCP,
                     .source = 0x0a000001,
                     .destination = 0x0a000002};
    struct tcp_header tcp = {.source = 80, .seq = {0xfffff000u}, .flags = flags, .window = 1000};
    eth_write(lot[0], &eth);
    ip4_write(at, &ip);
    tcp_header_write(at + IP4_HEADER, &tcp);
    uint64_t sum = checksum_pseudo(rill_address_ip4(ip.source), rill_address_ip4(ip.destination),
                                   IP_PROTOCOL_TCP, (uint32_t)(TCP_HEADER + text));
    tcp_checksum_put(at + IP4_HEADER, checksum_fold(sum));
    return (struct rill_frame){.buffer = lot[0],
                               .room = sizeof lot[0],
                               .length = TCP_HEADERS,
                               .header_length = TCP_HEADERS,
                               .gather = {{long_text, first}, {long_text + first, text - first}},
                               .gather_count = 2,
                               .checksum_partial = true,
                               .checksum_start = ETH_HEADER + IP4_HEADER,
                               .checksum_offset = 16,
                               .gso_size = 1460};
}

/* Cards count on in the identification, whatever DF says; here what may not be cut has none. */
static void take_identification(uint8_t *expected, const uint8_t *sent)
{
    struct ip4 ip;
    struct rill_span rest;
    CU_ASSERT_EQUAL(
        ip4_parse(&ip, span_of(sent + ETH_HEADER, wire_get16(sent + ETH_HEADER + 2)), &rest),
        RILL_DROP_NONE);
    CU_ASSERT_EQUAL(ip.id, 0);
    memcpy(expected + ETH_HEADER + 4, sent + ETH_HEADER + 4, 2);
    memcpy(expected + ETH_HEADER + 10, sent + ETH_HEADER + 10, 2);
}

/* The same frames as the drivers' own cutting makes, which stands for a network card's. */
static void check_cut(const struct port *p, size_t text, uint16_t flags, uint16_t id)
{
    static uint8_t expected[PIECES][2048], sent[2048];
    static size_t length[PIECES];
    struct rill_frame f[PIECES];
    f[0] = superframe_of(text, random_below(&dice, text), flags, id);
    unsigned pieces = segment_count(&f[0]);
    for (unsigned i = 0; i < pieces; i++)
        length[i] = segment_copy(&f[0], i, expected[i]);
    for (unsigned i = 1; i < PIECES; i++)
        f[i] = (struct rill_frame){.buffer = lot[i], .room = sizeof lot[i]};
    CU_ASSERT_EQUAL_FATAL(port_lower(p, f), pieces);
    for (unsigned i = 0; i < pieces; i++) {
        size_t n = segment_copy_whole(&f[i], sent);
        CU_ASSERT_EQUAL_FATAL(n, max_of(length[i], ETH_MINIMUM));
        if (id == 0)
            take_identification(expected[i], sent);
        CU_ASSERT_EQUAL(memcmp(sent, expected[i], length[i]), 0);
        CU_ASSERT_EQUAL(f[i].gso_size, 0);
    }
}

static void superframe_is_cut_for_a_device_that_does_not(void)
{
    random_seed(&dice, 1);
    for (unsigned i = 0; i < sizeof long_text; i++)
        long_text[i] = (uint8_t)random_next(&dice);
    for (unsigned device = 0; device < 4; device++) {
        struct port p = port_of(device & 1, device & 2, 0);
        for (unsigned round = 0; round < 500; round++)
            check_cut(&p, 1461 + random_below(&dice, 58000),
                      TCP_ACK | (round % 2 ? TCP_PSH | TCP_FIN : 0) | (round % 3 ? TCP_CWR : 0),
                      round % 2 ? 0 : 0xfff0);
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a configuration needs a unicast MAC and an MTU", config_needs_a_unicast_mac_and_an_mtu},
        {"frames to us and to groups are accepted", frames_to_us_and_to_groups_are_accepted},
        {"sources that no station has are refused", sources_that_no_station_has_are_refused},
        {"a frame's length has bounds", frame_length_has_bounds},
        {"wrapping prepends the header and moves offsets",
         wrapping_prepends_the_header_and_moves_offsets},
        {"every device sends the same bytes", every_device_sends_the_same_bytes},
        {"an able device gets the spans as they are", able_device_gets_the_spans_as_they_are},
        {"a checksum of zero is sent as all ones", checksum_of_zero_is_sent_as_all_ones},
        {"a superframe is cut for a device that does not",
         superframe_is_cut_for_a_device_that_does_not},
        {"a superframe passes to a device that cuts", superframe_passes_to_a_device_that_cuts},
    };
    return UNIT_MAIN("port", tests);
}
