/* What software would have sent is built here by other means: each frame from its fields, each sum
 * word by word with the carry added at once. */
#include "segment.h"
#include "unit.h"

#include <string.h>

enum { ETH = 14, IP = 20, TCP = 32, HEADERS = ETH + IP + TCP };
enum { FIN = 1, PSH = 8, ACK = 16, CWR = 128 };
enum { TEXT_MAX = 4000 };

static uint8_t text[TEXT_MAX];

static uint16_t naive_sum(uint16_t sum, const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned wide = sum + (i % 2 ? at[i] : (unsigned)at[i] << 8);
        sum = (uint16_t)(wide > 0xffff ? wide - 0xffff : wide);
    }
    return sum;
}

static uint16_t pseudo_sum(const uint8_t *ip, uint8_t protocol, size_t length)
{
    uint8_t rest[4] = {0, protocol, (uint8_t)(length >> 8), (uint8_t)length};
    return naive_sum(naive_sum(0, ip + 12, 8), rest, sizeof rest);
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

struct sent {
    uint32_t seq;
    uint16_t id;
    uint8_t flags;
    size_t begin, length;
};

/* The headers of a segment that carries text[begin, begin + length), sums left at 0. */
static void build_headers(uint8_t *to, const struct sent *s)
{
    static const uint8_t eth[ETH] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    static const uint8_t ip[IP] = {0x45, 0, 0,   0, 0, 0, 0x40, 0, 64, 6,
                                   0,    0, 192, 0, 2, 2, 192,  0, 2,  1};
    static const uint8_t tcp[TCP] = {0x30, 0x39, 0, 80,   0,    0, 0, 0, 1, 2, 3,
                                     4,    0x80, 0, 0xff, 0xff, 0, 0, 0, 0, 1, 1,
                                     8,    10,   1, 2,    3,    4, 5, 6, 7, 8};
    memcpy(to, eth, ETH);
    memcpy(to + ETH, ip, IP);
    memcpy(to + ETH + IP, tcp, TCP);
    put16(to + ETH + 2, (unsigned)(IP + TCP + s->length));
    put16(to + ETH + 4, s->id);
    put16(to + ETH + IP + 4, s->seq >> 16);
    put16(to + ETH + IP + 6, s->seq & 0xffff);
    to[ETH + IP + 13] = s->flags;
}

static size_t build_segment(uint8_t *to, const struct sent *s)
{
    build_headers(to, s);
    memcpy(to + HEADERS, text + s->begin, s->length);
    uint8_t *ip = to + ETH, *tcp = ip + IP;
    size_t length = TCP + s->length;
    put16(ip + 10, (uint16_t)~naive_sum(0, ip, IP));
    put16(tcp + 16, (uint16_t)~naive_sum(pseudo_sum(ip, 6, length), tcp, length));
    return HEADERS + s->length;
}

/* A superframe whose text lies behind the headers and in two spans, all of odd lengths. */
static struct rill_frame superframe(uint8_t *buffer, uint32_t room, const struct sent *s,
                                    uint16_t gso)
{
    struct rill_frame f = {.buffer = buffer, .room = room, .start = 7, .header_length = HEADERS};
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 31 + i / 256);
    build_headers(buffer + 7, s);
    memcpy(buffer + 7 + HEADERS, text + s->begin, 101);
    f.length = HEADERS + 101;
    f.gather[0] = (struct rill_span){text + s->begin + 101, 1003};
    f.gather[1] = (struct rill_span){text + s->begin + 1104, s->length - 1104};
    f.gather_count = 2;
    f.gso_size = gso;
    f.checksum_partial = true;
    f.checksum_start = ETH + IP;
    f.checksum_offset = 16;
    return f;
}

static void a_cut_equals_what_software_would_have_sent(void)
{
    uint8_t buffer[2048], expected[2048], got[2048];
    struct sent whole = {0xfffffe00, 0xffff, ACK | PSH | FIN | CWR, 0, 3500};
    struct rill_frame f = superframe(buffer, sizeof buffer, &whole, 1000);
    CU_ASSERT_EQUAL(segment_count(&f), 4);
    CU_ASSERT_EQUAL(segment_room(&f), HEADERS + 1000);
    for (unsigned i = 0; i < 4; i++) {
        uint8_t flags = ACK;
        flags |= (uint8_t)((i == 0 ? CWR : 0) | (i == 3 ? PSH | FIN : 0));
        struct sent one = {.seq = 0xfffffe00 + 1000 * i,
                           .id = (uint16_t)(0xffff + i),
                           .flags = flags,
                           .begin = 1000 * i,
                           .length = i == 3 ? 500 : 1000};
        size_t length = build_segment(expected, &one);
        CU_ASSERT_EQUAL(segment_copy(&f, i, got), length);
        CU_ASSERT(memcmp(got, expected, length) == 0);
    }
}

static void a_cut_at_the_end_leaves_no_empty_piece(void)
{
    uint8_t buffer[2048], expected[2048], got[2048];
    struct sent whole = {5, 1, ACK | PSH, 0, 3000};
    struct rill_frame f = superframe(buffer, sizeof buffer, &whole, 1000);
    CU_ASSERT_EQUAL(segment_count(&f), 3);
    struct sent last = {2005, 3, ACK | PSH, 2000, 1000};
    size_t length = build_segment(expected, &last);
    CU_ASSERT_EQUAL(segment_copy(&f, 2, got), length);
    CU_ASSERT(memcmp(got, expected, length) == 0);
}

static void a_superframe_of_one_piece_is_finished_too(void)
{
    uint8_t buffer[2048], expected[2048], got[2048];
    struct sent whole = {5, 1, ACK | PSH | CWR, 0, 1204};
    struct rill_frame f = superframe(buffer, sizeof buffer, &whole, 1400);
    CU_ASSERT_EQUAL(segment_count(&f), 1);
    size_t length = build_segment(expected, &whole);
    CU_ASSERT_EQUAL(segment_room(&f), length);
    CU_ASSERT_EQUAL(segment_copy(&f, 0, got), length);
    CU_ASSERT(memcmp(got, expected, length) == 0);
}

static void cutting_leaves_the_frame_alone(void)
{
    uint8_t buffer[2048] = {0}, before[2048], got[2048];
    struct sent whole = {5, 1, ACK, 0, 3000};
    struct rill_frame f = superframe(buffer, sizeof buffer, &whole, 1000);
    memcpy(before, buffer, 7 + f.length);
    segment_copy(&f, 1, got);
    CU_ASSERT(memcmp(before, buffer, 7 + f.length) == 0);
}

static void a_partial_checksum_is_finished_over_all_spans(void)
{
    uint8_t buffer[2048], expected[4096], got[4096];
    struct sent whole = {77, 9, ACK | PSH, 0, 1301};
    struct rill_frame f = superframe(buffer, sizeof buffer, &whole, 0);
    uint8_t *ip = buffer + f.start + ETH;
    put16(ip + 10, (uint16_t)~naive_sum(0, ip, IP));
    put16(ip + IP + 16, pseudo_sum(ip, 6, TCP + 1301)); /* as a device wants it */
    size_t length = build_segment(expected, &whole);
    CU_ASSERT_EQUAL(segment_copy_whole(&f, got), length);
    CU_ASSERT(memcmp(got, expected, length) == 0);
    memset(got, 0, sizeof got);
    CU_ASSERT_EQUAL(segment_count(&f), 1);
    CU_ASSERT_EQUAL(segment_copy(&f, 0, got), length);
    CU_ASSERT(memcmp(got, expected, length) == 0);
}

static void a_frame_without_partial_checksum_is_copied_as_it_is(void)
{
    uint8_t buffer[2048], got[4096];
    struct sent whole = {77, 9, ACK, 0, 1301};
    struct rill_frame f = superframe(buffer, sizeof buffer, &whole, 0);
    f.checksum_partial = false;
    CU_ASSERT_EQUAL(segment_copy(&f, 0, got), HEADERS + 1301);
    CU_ASSERT(memcmp(got, buffer + f.start, HEADERS) == 0);
    CU_ASSERT(memcmp(got + HEADERS, text, 1301) == 0);
}

static void datagrams_are_cut_too(void)
{
    enum { UDP = 8, ALL = ETH + IP + UDP };
    uint8_t buffer[3000] = {[12] = 8, [ETH] = 0x45, [ETH + 4] = 0x12, [ETH + 9] = 17}, got[2000];
    struct rill_frame f = {.buffer = buffer,
                           .room = sizeof buffer,
                           .length = ALL + 2500,
                           .header_length = ALL,
                           .gso_size = 1000,
                           .checksum_partial = true,
                           .checksum_start = ETH + IP,
                           .checksum_offset = 6};
    for (size_t i = 0; i < 2500; i++)
        buffer[ALL + i] = (uint8_t)(i * 31 + i / 256);
    CU_ASSERT_EQUAL(segment_count(&f), 3);
    CU_ASSERT_EQUAL(segment_room(&f), ALL + 1000);
    for (unsigned i = 0; i < 3; i++) {
        size_t length = i < 2 ? 1000 : 500;
        uint8_t expected[2] = {0, 0};
        CU_ASSERT_EQUAL_FATAL(segment_copy(&f, i, got), ALL + length);
        CU_ASSERT(memcmp(got + ALL, buffer + ALL + 1000 * (size_t)i, length) == 0);
        put16(expected, (unsigned)(UDP + length));
        CU_ASSERT(memcmp(got + ETH + IP + 4, expected, 2) == 0);
        put16(expected, (unsigned)(IP + UDP + length));
        CU_ASSERT(memcmp(got + ETH + 2, expected, 2) == 0);
        put16(expected, 0x1200 + i);
        CU_ASSERT(memcmp(got + ETH + 4, expected, 2) == 0);
        CU_ASSERT_EQUAL(naive_sum(0, got + ETH, IP), 0xffff);
        CU_ASSERT_EQUAL(
            naive_sum(pseudo_sum(got + ETH, 17, UDP + length), got + ETH + IP, UDP + length),
            0xffff);
    }
}

static void a_udp_sum_of_zero_is_sent_as_ffff(void)
{
    uint8_t got[64], bytes[ETH + IP + 8 + 2] = {[12] = 8, [ETH] = 0x45, [ETH + 9] = 17};
    struct rill_frame f = {.buffer = bytes, .room = sizeof bytes, .length = sizeof bytes};
    f.checksum_partial = true;
    f.checksum_start = ETH + IP;
    f.checksum_offset = 6;
    put16(bytes + ETH + IP + 8,
          0xffff); /* all other words are 0: the sum is ffff, its complement 0 */
    segment_copy(&f, 0, got);
    CU_ASSERT_EQUAL(got[ETH + IP + 6], 0xff);
    CU_ASSERT_EQUAL(got[ETH + IP + 7], 0xff);
}

static const struct unit_test tests[] = {
    {"a cut equals what software would have sent", a_cut_equals_what_software_would_have_sent},
    {"a cut at the end leaves no empty piece", a_cut_at_the_end_leaves_no_empty_piece},
    {"a superframe of one piece is finished too", a_superframe_of_one_piece_is_finished_too},
    {"cutting leaves the frame alone", cutting_leaves_the_frame_alone},
    {"a partial checksum is finished over all spans",
     a_partial_checksum_is_finished_over_all_spans},
    {"a frame without partial checksum is copied as it is",
     a_frame_without_partial_checksum_is_copied_as_it_is},
    {"datagrams are cut, too", datagrams_are_cut_too},
    {"a UDP sum of zero is sent as ffff", a_udp_sum_of_zero_is_sent_as_ffff},
};

int main(void)
{
    return UNIT_MAIN("segment", tests);
}
