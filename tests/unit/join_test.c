/* Joining segments: whatever is joined can be cut into the same segments again, to the byte, by
 * what cuts a sender's superframes; whatever could not is left alone. */
#include "join.h"
#include "segment.h"
#include "unit.h"

#include "wire/eth.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"

enum { ROOM = 66000, TEXT = 1000, HEADERS = ETH_HEADER + IP4_HEADER + TCP_HEADER + 12 };

/* A segment, and what is odd about it. */
struct made {
    uint32_t seq;
    uint16_t id, flags;
    size_t text;
    uint32_t ack, timestamp, source;
    uint8_t tos;
    bool corrupt;
};

static struct made plain(uint32_t number)
{
    return (struct made){.seq = 0xfffff000u + number * TEXT,
                         .id = (uint16_t)(7 + number),
                         .flags = TCP_ACK,
                         .text = TEXT,
                         .ack = 5,
                         .timestamp = 9,
                         .source = 0x0a000001};
}

static size_t make(uint8_t *to, const struct made *m)
{
    struct eth eth = {
        .destination = {{2, 0, 0, 0, 0, 2}}, .source = {{2, 0, 0, 0, 0, 1}}, .type = ETH_TYPE_IP4};
    struct tcp_header tcp = {.source = 80,
                             .destination = 4000,
                             .seq = {m->seq},
                             .ack = {m->ack},
                             .flags = m->flags,
                             .window = 77};
    tcp.options.has_timestamps = true;
    tcp.options.timestamp_value = m->timestamp;
    uint8_t *at = to + ETH_HEADER + IP4_HEADER;
    size_t header = tcp_header_write(at, &tcp), length = header + m->text;
    for (size_t i = 0; i < m->text; i++)
        at[header + i] = (uint8_t)(m->seq + i);
    struct ip4 ip = {.tos = m->tos,
                     .total_length = (uint16_t)(IP4_HEADER + length),
                     .id = m->id,
                     .dont_fragment = true,
                     .ttl = 64,
                     .protocol = IP_PROTOCOL_TCP,
                     .source = m->source,
                     .destination = 0x0a000002};
    eth_write(to, &eth);
    ip4_write(to + ETH_HEADER, &ip);
    uint64_t sum = checksum_pseudo(rill_address_ip4(ip.source), rill_address_ip4(ip.destination),
                                   IP_PROTOCOL_TCP, (uint32_t)length);
    uint16_t value = checksum_finish(checksum_add(sum, span_of(at, length)));
    tcp_checksum_put(at, m->corrupt ? (uint16_t)(value ^ 1) : value);
    return ETH_HEADER + IP4_HEADER + length;
}

static struct rill_frame frame_of(uint8_t *buffer, const struct made *m)
{
    return (struct rill_frame){.buffer = buffer, .room = ROOM, .length = (uint32_t)make(buffer, m)};
}

static bool joins(struct rill_frame *f, struct made m)
{
    uint8_t bytes[2000];
    struct rill_frame before = *f;
    bool joined = join(f, span_of(bytes, make(bytes, &m)));
    if (!joined)
        CU_ASSERT(memcmp(&before, f, sizeof before) == 0);
    return joined;
}

static void what_was_joined_is_cut_into_the_same_segments(void)
{
    static uint8_t buffer[ROOM];
    uint8_t bytes[2000], cut[2000];
    struct made m[5];
    for (uint32_t i = 0; i < 5; i++)
        m[i] = plain(i);
    m[0].flags |= TCP_CWR;
    m[4].flags |= TCP_PSH | TCP_FIN;
    m[4].text = 333;
    struct rill_frame f = frame_of(buffer, &m[0]);
    for (int i = 1; i < 5; i++)
        CU_ASSERT(joins(&f, m[i]));
    CU_ASSERT_EQUAL(f.length, HEADERS + 4 * TEXT + 333);
    CU_ASSERT_EQUAL(f.gso_size, TEXT);
    CU_ASSERT_TRUE(f.checksum_good);
    CU_ASSERT_EQUAL_FATAL(segment_count(&f), 5);
    for (unsigned i = 0; i < 5; i++) {
        size_t length = make(bytes, &m[i]);
        CU_ASSERT_EQUAL(segment_copy(&f, i, cut), length);
        CU_ASSERT(memcmp(cut, bytes, length) == 0);
    }
}

static void the_sum_of_the_whole_can_be_finished(void)
{
    static uint8_t buffer[ROOM], whole[ROOM];
    struct made m = plain(0);
    struct rill_frame f = frame_of(buffer, &m);
    CU_ASSERT(joins(&f, plain(1)));
    size_t length = segment_copy_whole(&f, whole);
    struct ip4 ip;
    struct rill_span segment;
    CU_ASSERT_EQUAL(ip4_parse(&ip, span_of(whole + ETH_HEADER, length - ETH_HEADER), &segment),
                    RILL_DROP_NONE);
    CU_ASSERT(
        tcp_checksum_good(rill_address_ip4(ip.source), rill_address_ip4(ip.destination), segment));
}

/* What follows the first segment, changed in one way. */
static void what_does_not_belong_there_is_left_alone(void)
{
    static uint8_t buffer[ROOM];
    struct made first = plain(0), odd[11];
    for (int i = 0; i < 11; i++)
        odd[i] = plain(1);
    odd[0].seq++;
    odd[1].ack++;
    odd[2].timestamp++;
    odd[3].source++;
    odd[4].tos = ECN_CE;
    odd[5].corrupt = true;
    odd[6].flags |= TCP_CWR;
    odd[7].flags |= TCP_RST;
    odd[8].flags |= TCP_URG;
    odd[9].text = 0;
    odd[10].text = TEXT + 1;
    for (int i = 0; i < 11; i++) {
        struct rill_frame f = frame_of(buffer, &first);
        CU_ASSERT_FALSE(joins(&f, odd[i]));
        CU_ASSERT(joins(&f, plain(1)));
    }
}

static void what_ends_a_superframe_is_its_last(void)
{
    static uint8_t buffer[ROOM];
    struct made last[3] = {plain(0), plain(0), plain(0)};
    last[0].flags |= TCP_PSH;
    last[1].flags |= TCP_FIN;
    last[2].corrupt = true;
    for (int i = 0; i < 3; i++) {
        struct rill_frame f = frame_of(buffer, &last[i]);
        CU_ASSERT_FALSE(joins(&f, plain(1)));
    }
    struct made first = plain(0), second = plain(1), third = plain(2);
    second.text = third.text = TEXT / 2;
    third.seq -= TEXT / 2;
    struct rill_frame f = frame_of(buffer, &first);
    CU_ASSERT(joins(&f, second));
    CU_ASSERT_FALSE(joins(&f, third));
}

static void a_superframe_is_one_datagram_and_fits_its_buffer(void)
{
    static uint8_t buffer[ROOM];
    struct made first = plain(0);
    struct rill_frame f = frame_of(buffer, &first);
    uint32_t n = 1;
    while (joins(&f, plain(n)))
        n++;
    CU_ASSERT_EQUAL(n, 65); /* 65 * 1000 and the headers, of 65535 */
    f = frame_of(buffer, &first);
    f.room = HEADERS + 2 * TEXT;
    CU_ASSERT(joins(&f, plain(1)));
    CU_ASSERT_FALSE(joins(&f, plain(2)));
}

static const struct unit_test tests[] = {
    {"what was joined is cut into the same segments",
     what_was_joined_is_cut_into_the_same_segments},
    {"the sum of the whole can be finished", the_sum_of_the_whole_can_be_finished},
    {"what does not belong there is left alone", what_does_not_belong_there_is_left_alone},
    {"what ends a superframe is its last", what_ends_a_superframe_is_its_last},
    {"a superframe is one datagram, and fits its buffer",
     a_superframe_is_one_datagram_and_fits_its_buffer},
};

int main(void)
{
    return UNIT_MAIN("join", tests);
}
