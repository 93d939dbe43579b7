/* What the tests and the fuzz targets of stack/wire share: buffers of exact size, bytes that are
 * drawn, and equality of parsed headers field by field (padding between fields is nobody's). */
#ifndef TESTS_WIRE_UNIT_H
#define TESTS_WIRE_UNIT_H

#include "base/bytes.h"
#include "base/hash.h"
#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/tcp_header.h"
#include "wire/udp_header.h"

#include <stdlib.h>

/* A heap copy without a byte to spare, so that the sanitizer sees the first byte read beyond. The
 * caller frees it. */
static inline uint8_t *wire_exact(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length);
    assert(copy != NULL || length == 0);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

static inline void wire_draw(struct random *random, void *to, size_t length)
{
    uint8_t *at = to;
    for (size_t i = 0; i < length; i++)
        at[i] = (uint8_t)random_next(random);
}

static inline bool wire_draw_bool(struct random *random)
{
    return random_below(random, 2) == 1;
}

/* The checksum as RFC 1071 1 tells it, byte by byte: what the fast one is compared with. */
static inline uint16_t wire_plain_sum(const uint8_t *at, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static inline bool wire_span_equal(struct rill_span a, struct rill_span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static inline bool wire_arp_equal(const struct arp *a, const struct arp *b)
{
    return a->operation == b->operation && mac_equal(a->sender_mac, b->sender_mac) &&
           a->sender == b->sender && mac_equal(a->target_mac, b->target_mac) &&
           a->target == b->target;
}

static inline bool wire_ip4_equal(const struct ip4 *a, const struct ip4 *b)
{
    return a->tos == b->tos && a->total_length == b->total_length && a->id == b->id &&
           a->dont_fragment == b->dont_fragment && a->more_fragments == b->more_fragments &&
           a->fragment_offset == b->fragment_offset && a->ttl == b->ttl &&
           a->protocol == b->protocol && a->source == b->source &&
           a->destination == b->destination && wire_span_equal(a->options, b->options);
}

static inline bool wire_icmp_equal(const struct icmp *a, const struct icmp *b)
{
    return a->type == b->type && a->code == b->code && a->id == b->id &&
           a->sequence == b->sequence && a->next_hop_mtu == b->next_hop_mtu;
}

static inline bool wire_udp_equal(const struct udp_header *a, const struct udp_header *b)
{
    return a->source == b->source && a->destination == b->destination && a->length == b->length &&
           a->checksum == b->checksum;
}

static inline bool wire_sack_equal(const struct tcp_options *a, const struct tcp_options *b)
{
    if (a->sack_count != b->sack_count)
        return false;
    for (unsigned i = 0; i < a->sack_count; i++)
        if (a->sack[i].left.n != b->sack[i].left.n || a->sack[i].right.n != b->sack[i].right.n)
            return false;
    return true;
}

/* Values count only where the option is there. */
static inline bool wire_accurate_ecn_equal(const struct tcp_accurate_ecn *a,
                                           const struct tcp_accurate_ecn *b)
{
    return a->fields == b->fields && a->ect0_first == b->ect0_first &&
           !memcmp(a->count, b->count, a->fields * sizeof *a->count);
}

static inline bool wire_options_equal(const struct tcp_options *a, const struct tcp_options *b)
{
    if (a->has_mss != b->has_mss || a->has_window_scale != b->has_window_scale ||
        a->has_sack_permitted != b->has_sack_permitted || a->has_timestamps != b->has_timestamps ||
        a->has_fast_open != b->has_fast_open || a->has_accurate_ecn != b->has_accurate_ecn)
        return false;
    if (a->has_accurate_ecn && !wire_accurate_ecn_equal(&a->accurate_ecn, &b->accurate_ecn))
        return false;
    if (a->has_mss && a->mss != b->mss)
        return false;
    if (a->has_window_scale && a->window_scale != b->window_scale)
        return false;
    if (a->has_timestamps &&
        (a->timestamp_value != b->timestamp_value || a->timestamp_echo != b->timestamp_echo))
        return false;
    if (a->has_fast_open && (a->fast_open.experimental != b->fast_open.experimental ||
                             !wire_span_equal(span_of(a->fast_open.cookie, a->fast_open.length),
                                              span_of(b->fast_open.cookie, b->fast_open.length))))
        return false;
    return wire_sack_equal(a, b);
}

static inline bool wire_tcp_equal(const struct tcp_header *a, const struct tcp_header *b)
{
    return a->source == b->source && a->destination == b->destination && a->seq.n == b->seq.n &&
           a->ack.n == b->ack.n && a->flags == b->flags && a->window == b->window &&
           a->urgent == b->urgent && wire_options_equal(&a->options, &b->options);
}

#endif
