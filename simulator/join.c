#include "join.h"

#include "wire/eth.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"

enum { IP_AT = ETH_HEADER, TCP_AT = ETH_HEADER + IP4_HEADER };
enum { IP_LENGTH = IP_AT + 2, IP_CHECKSUM = IP_AT + 10 };
enum { TCP_SEQ = TCP_AT + 4, TCP_FLAGS = TCP_AT + 13 };
enum { HEADERS_MAX = TCP_AT + TCP_HEADER_MAX };

/* A segment that may be joined: it has only text, and flags that go with text. */
struct part {
    struct ip4 ip;
    struct tcp_header tcp;
    size_t headers; /* Ethernet, IP and TCP: bytes */
    struct rill_span text;
};

/* `verified`: its checksum was checked before. */
static bool part_read(struct part *p, struct rill_span frame, bool verified)
{
    struct eth eth;
    struct rill_span packet, segment;
    if (!eth_parse(&eth, frame, &packet) || eth.type != ETH_TYPE_IP4 ||
        ip4_parse(&p->ip, packet, &segment) || p->ip.options.length ||
        p->ip.protocol != IP_PROTOCOL_TCP || p->ip.more_fragments || p->ip.fragment_offset)
        return false;
    if (!verified && !tcp_checksum_good(rill_address_ip4(p->ip.source),
                                        rill_address_ip4(p->ip.destination), segment))
        return false;
    if (tcp_header_parse(&p->tcp, segment, &p->text))
        return false;
    p->headers = (size_t)(p->text.at - frame.at);
    return p->text.length && !(p->tcp.flags & (TCP_SYN | TCP_RST | TCP_URG));
}

/* Copies headers without the fields that may differ between the segments of a superframe. */
static void blind(uint8_t to[HEADERS_MAX], const uint8_t *from, size_t headers)
{
    memcpy(to, from, headers);
    memset(to + IP_LENGTH, 0, 4); /* and the identification */
    memset(to + IP_CHECKSUM, 0, 2);
    memset(to + TCP_SEQ, 0, 4);
    memset(to + TCP_AT + TCP_CHECKSUM_OFFSET, 0, 2);
    to[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH | TCP_CWR);
}

static bool headers_equal(const uint8_t *a, const uint8_t *b, size_t headers)
{
    uint8_t blind_a[HEADERS_MAX], blind_b[HEADERS_MAX];
    blind(blind_a, a, headers);
    blind(blind_b, b, headers);
    return memcmp(blind_a, blind_b, headers) == 0;
}

/* Does `next` continue `whole`, which has segments with `size` bytes of text? FIN, PSH and a short
 * segment end a superframe, CWR starts one. */
static bool goes_on(const struct part *whole, size_t size, const struct part *next)
{
    return next->tcp.seq.n == whole->tcp.seq.n + (uint32_t)whole->text.length &&
           whole->text.length % size == 0 && next->text.length <= size &&
           !(whole->tcp.flags & (TCP_FIN | TCP_PSH)) && !(next->tcp.flags & TCP_CWR) &&
           whole->headers == next->headers;
}

/* Updates the headers of `whole`, whose text has grown by that of `next`. */
static void restate(struct rill_frame *f, struct part *whole, const struct part *next)
{
    uint8_t *at = f->buffer + f->start;
    whole->ip.total_length = (uint16_t)(whole->ip.total_length + next->text.length);
    ip4_write(at + IP_AT, &whole->ip);
    at[TCP_FLAGS] |= next->tcp.flags & (TCP_FIN | TCP_PSH);
    uint64_t sum =
        checksum_pseudo(rill_address_ip4(whole->ip.source), rill_address_ip4(whole->ip.destination),
                        IP_PROTOCOL_TCP, whole->ip.total_length - IP4_HEADER);
    tcp_checksum_put(at + TCP_AT, checksum_fold(sum));
    f->checksum_good = f->checksum_partial = true;
    f->checksum_start = TCP_AT;
    f->checksum_offset = TCP_CHECKSUM_OFFSET;
    f->header_length = (uint16_t)whole->headers;
}

bool join(struct rill_frame *f, struct rill_span segment)
{
    struct part whole, next;
    struct rill_span before = span_of(f->buffer + f->start, f->length);
    if (!part_read(&whole, before, f->gso_size) || !part_read(&next, segment, false))
        return false;
    size_t size = f->gso_size ? f->gso_size : whole.text.length;
    size_t end = whole.headers + whole.text.length; /* removes padding */
    if (!goes_on(&whole, size, &next) || !headers_equal(before.at, segment.at, whole.headers) ||
        whole.ip.total_length + next.text.length > IP4_TOTAL_MAX ||
        f->start + end + next.text.length > f->room)
        return false;
    memcpy(f->buffer + f->start + end, next.text.at, next.text.length);
    f->length = (uint32_t)(end + next.text.length);
    f->gso_size = (uint16_t)size;
    restate(f, &whole, &next);
    return true;
}
