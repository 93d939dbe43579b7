/* Works only on the copy: it never writes to the frame or to the ring of its spans. It sums
 * everything anew, and shares no code with the stack, which cuts by adapting headers and sums
 * (link/cut): so each is a test of the other (tests/unit/port_test.c). */
#include "segment.h"

#include <assert.h>
#include <string.h>

enum { ETH_LENGTH = 14, ETH_TYPE = 12 };
enum { IP_TOTAL_LENGTH = 2, IP_ID = 4, IP_PROTOCOL = 9, IP_CHECKSUM = 10, IP_SOURCE = 12 };
enum { TCP_SEQ = 4, TCP_DATA_OFFSET = 12, TCP_FLAGS = 13, TCP_CHECKSUM = 16 };
enum { FLAG_FIN = 0x01, FLAG_PSH = 0x08, FLAG_CWR = 0x80 };
enum { UDP_LENGTH = 4, UDP_CHECKSUM = 6, UDP_HEADER_LENGTH = 8 };
enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

/* One of the pieces into which a superframe's text is cut. */
struct piece {
    unsigned index;
    size_t begin; /* offset of its text in the superframe's text */
    size_t length;
    bool last;
};

static uint16_t load16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void store16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* Adds to an Internet checksum (RFC 1071). */
static uint64_t sum_add(uint64_t sum, const uint8_t *at, size_t length)
{
    for (; length >= 2; at += 2, length -= 2)
        sum += load16(at);
    return length ? sum + (uint64_t)(at[0] << 8) : sum;
}

static uint16_t sum_finish(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* Copies bytes [from, from + length) of the frame in wire format. */
static void copy_range(const struct rill_frame *f, size_t from, size_t length, uint8_t *to)
{
    for (unsigned i = 0; i <= f->gather_count && length > 0; i++) {
        struct rill_span span = {f->buffer + f->start, f->length};
        if (i > 0)
            span = f->gather[i - 1];
        if (from >= span.length) {
            from -= span.length;
            continue;
        }
        size_t n = span.length - from < length ? span.length - from : length;
        memcpy(to, span.at + from, n);
        to += n;
        length -= n;
        from = 0;
    }
    assert(length == 0);
}

bool segment_is_udp(const struct rill_frame *f)
{
    return f->checksum_offset == UDP_CHECKSUM;
}

bool segment_has_cwr(const struct rill_frame *f)
{
    const uint8_t *tcp = f->buffer + f->start + f->checksum_start;
    return !segment_is_udp(f) && tcp[TCP_FLAGS] & FLAG_CWR;
}

size_t segment_copy_whole(const struct rill_frame *f, uint8_t *to)
{
    size_t length = rill_frame_length(f);
    copy_range(f, 0, length, to);
    if (!f->checksum_partial)
        return length;
    assert((size_t)f->checksum_start + f->checksum_offset + 2 <= length);
    uint8_t *begin = to + f->checksum_start;
    uint16_t sum = sum_finish(sum_add(0, begin, length - f->checksum_start));
    if (sum == 0 && segment_is_udp(f))
        sum = 0xffff; /* RFC 768: 0 means no checksum */
    store16(begin + f->checksum_offset, sum);
    return length;
}

static size_t text_length(const struct rill_frame *f)
{
    return rill_frame_length(f) - f->header_length;
}

unsigned segment_count(const struct rill_frame *f)
{
    if (f->gso_size == 0 || text_length(f) == 0)
        return 1;
    return (unsigned)((text_length(f) + f->gso_size - 1) / f->gso_size);
}

size_t segment_room(const struct rill_frame *f)
{
    size_t whole = rill_frame_length(f), cut = (size_t)f->header_length + f->gso_size;
    return f->gso_size > 0 && cut < whole ? cut : whole;
}

static void fix_ip(uint8_t *ip, size_t header, size_t total, unsigned index)
{
    store16(ip + IP_TOTAL_LENGTH, (uint16_t)total);
    store16(ip + IP_ID, (uint16_t)(load16(ip + IP_ID) + index));
    store16(ip + IP_CHECKSUM, 0);
    store16(ip + IP_CHECKSUM, sum_finish(sum_add(0, ip, header)));
}

/* FIN and PSH belong to the end of the text, so only the last piece has them; only the first has
 * CWR (RFC 3168 6.1.2). */
static uint8_t piece_flags(uint8_t flags, const struct piece *p)
{
    if (!p->last)
        flags &= (uint8_t) ~(FLAG_FIN | FLAG_PSH);
    if (p->index > 0)
        flags &= (uint8_t)~FLAG_CWR;
    return flags;
}

/* The checksum of a TCP segment or UDP datagram of that length, with its pseudo-header. */
static uint16_t transport_sum(const uint8_t *ip, const uint8_t *at, size_t length)
{
    return sum_finish(sum_add(sum_add(ip[IP_PROTOCOL] + length, ip + IP_SOURCE, 8), at, length));
}

static void fix_udp(uint8_t *udp, size_t length, const uint8_t *ip)
{
    store16(udp + UDP_LENGTH, (uint16_t)length);
    store16(udp + UDP_CHECKSUM, 0);
    uint16_t sum = transport_sum(ip, udp, length);
    store16(udp + UDP_CHECKSUM, sum ? sum : 0xffff); /* RFC 768: 0 means no checksum */
}

static void fix_tcp(uint8_t *tcp, size_t length, const uint8_t *ip, const struct piece *p)
{
    uint32_t seq = (uint32_t)load16(tcp + TCP_SEQ) << 16 | load16(tcp + TCP_SEQ + 2);
    seq += (uint32_t)p->begin;
    store16(tcp + TCP_SEQ, (uint16_t)(seq >> 16));
    store16(tcp + TCP_SEQ + 2, (uint16_t)seq);
    tcp[TCP_FLAGS] = piece_flags(tcp[TCP_FLAGS], p);
    store16(tcp + TCP_CHECKSUM, 0);
    store16(tcp + TCP_CHECKSUM, transport_sum(ip, tcp, length));
}

size_t segment_copy(const struct rill_frame *f, unsigned index, uint8_t *to)
{
    assert(index < segment_count(f));
    if (f->gso_size == 0)
        return segment_copy_whole(f, to);
    assert(f->header_length <= f->length);
    size_t text = text_length(f);
    struct piece p = {.index = index, .begin = (size_t)index * f->gso_size};
    p.last = text - p.begin <= f->gso_size;
    p.length = p.last ? text - p.begin : f->gso_size;
    copy_range(f, 0, f->header_length, to);
    copy_range(f, f->header_length + p.begin, p.length, to + f->header_length);

    uint8_t *ip = to + ETH_LENGTH;
    size_t ip_header = (size_t)(ip[0] & 15) * 4;
    assert(load16(to + ETH_TYPE) == 0x0800 && ip[0] >> 4 == 4);
    bool is_tcp = ip[IP_PROTOCOL] == PROTOCOL_TCP;
    assert(is_tcp || ip[IP_PROTOCOL] == PROTOCOL_UDP);
    uint8_t *transport = ip + ip_header;
    size_t header = is_tcp ? (size_t)(transport[TCP_DATA_OFFSET] >> 4) * 4 : UDP_HEADER_LENGTH;
    assert(ETH_LENGTH + ip_header + header == f->header_length);
    fix_ip(ip, ip_header, ip_header + header + p.length, index);
    if (is_tcp)
        fix_tcp(transport, header + p.length, ip, &p);
    else
        fix_udp(transport, header + p.length, ip);
    return f->header_length + p.length;
}
