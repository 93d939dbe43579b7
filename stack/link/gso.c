#include "link/gso.h"

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/eth.h"
#include "wire/tcp_header.h"
#include "wire/wire.h"

enum { IP_TOTAL_LENGTH = 2, IP_ID = 4, IP_CHECKSUM = 10 }; /* RFC 791 3.1 */
enum { TCP_SEQ = 4, TCP_FLAGS = 13 };                      /* RFC 9293 3.1 */

/* The spans of [from, from + length) of `whole`. */
static void share_text(struct rill_frame *piece, const struct rill_frame *whole, size_t from,
                       size_t length)
{
    piece->gather_count = 0;
    for (unsigned i = 0; i < whole->gather_count && length; i++) {
        struct rill_span span = whole->gather[i];
        if (from >= span.length) {
            from -= span.length;
            continue;
        }
        size_t some = min_of(span.length - from, length);
        piece->gather[piece->gather_count++] = (struct rill_span){span.at + from, some};
        length -= some;
        from = 0;
    }
}

static void change_word(uint8_t *header, size_t at, size_t checksum_at, uint16_t to)
{
    uint16_t field = wire_get16(header + checksum_at), from = wire_get16(header + at);
    wire_put16(header + at, to);
    wire_put16(header + checksum_at, checksum_update(field, from, to));
}

/* FIN and PSH belong to the end of the text, so they stay on the last piece. CWR is sent once, on
 * the first (RFC 3168 6.1.2). The partial checksum includes the length, so it changes, too. */
static void adapt_headers(struct rill_frame *piece, const struct rill_frame *whole, size_t from,
                          size_t length)
{
    uint8_t *ip = piece->buffer + piece->start + ETH_HEADER;
    uint8_t *tcp = piece->buffer + piece->start + piece->checksum_start;
    size_t headers = whole->header_length - ETH_HEADER;
    size_t text = rill_frame_length(whole) - whole->header_length;
    uint16_t total = (uint16_t)(headers + length), id = wire_get16(ip + IP_ID);
    change_word(ip, IP_TOTAL_LENGTH, IP_CHECKSUM, total);
    if (id) /* 0: it may not be fragmented further, so it needs none (RFC 6864 4.1) */
        change_word(ip, IP_ID, IP_CHECKSUM, (uint16_t)(id + from / whole->gso_size));
    wire_put32(tcp + TCP_SEQ, wire_get32(tcp + TCP_SEQ) + (uint32_t)from);
    if (from + length < text)
        tcp[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
    if (from)
        tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
    uint16_t sum = wire_get16(tcp + piece->checksum_offset);
    uint32_t moved = (uint32_t)sum + (uint16_t) ~(uint16_t)(text - length);
    wire_put16(tcp + piece->checksum_offset, (uint16_t)(moved + (moved >> 16)));
}

unsigned gso_segment(struct rill_frame *f)
{
    const struct rill_frame whole = f[0];
    size_t text = rill_frame_length(&whole) - whole.header_length, from = 0;
    unsigned count = (unsigned)((text + whole.gso_size - 1) / whole.gso_size);
    assert(whole.length == whole.header_length);
    assert(whole.checksum_partial);
    for (unsigned i = 0; i < count; i++) { /* headers first, because the first piece changes them */
        uint8_t *buffer = f[i].buffer;
        uint32_t room = f[i].room;
        f[i] = whole;
        f[i].buffer = buffer;
        f[i].room = room;
        f[i].gso_size = 0;
        if (i)
            memcpy(buffer + whole.start, f[0].buffer + whole.start, whole.length);
    }
    for (unsigned i = 0; i < count; i++) {
        size_t length = min_of(text - from, (size_t)whole.gso_size);
        share_text(&f[i], &whole, from, length);
        adapt_headers(&f[i], &whole, from, length);
        from += length;
    }
    return count;
}
