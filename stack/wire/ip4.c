/* The IPv4 header (RFC 791 3.1): see ip4.h.
 *
 *      0  version, header length | TOS             | total length
 *      4  identification                           | 0, DF, MF | fragment offset in 8 bytes
 *      8  TTL                    | protocol        | header checksum
 *     12  source
 *     16  destination
 *     20  options
 */
#include "wire/ip4.h"

#include "wire/checksum.h"

#define FLAG_DONT_FRAGMENT 0x4000
#define FLAG_MORE_FRAGMENTS 0x2000
#define FRAGMENT_OFFSET_MASK 0x1fff

/* Option types (RFC 791 3.1). */
enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_LOOSE_ROUTE = 131,
    OPTION_STRICT_ROUTE = 137,
    OPTION_ROUTER_ALERT = 148
};

static const uint8_t router_alert[IP4_ROUTER_ALERT] = {OPTION_ROUTER_ALERT, IP4_ROUTER_ALERT, 0, 0};
const struct rill_span ip4_router_alert = {router_alert, IP4_ROUTER_ALERT};

static unsigned version(struct rill_span in)
{
    return in.at[0] >> 4;
}

static size_t header_length(struct rill_span in)
{
    return (in.at[0] & 0x0f) * 4u;
}

static bool header_length_good(struct rill_span in)
{
    return header_length(in) >= IP4_HEADER && header_length(in) <= in.length;
}

/* MUST-50. Every option lies inside, and none is a source route. Each round consumes at least one
 * of at most 40 bytes. */
static bool options_good(struct rill_span in)
{
    while (in.length > 0 && in.at[0] != OPTION_END) {
        if (in.at[0] == OPTION_NOP) {
            in = span_skip(in, 1);
            continue;
        }
        if (in.length < 2)
            return false;
        size_t length = in.at[1];
        if (length < 2 || length > in.length)
            return false;
        /* DEVIATION from RFC 1122 3.2.1.8 (c), where hosts are the end of source routes: RFC 7126
         * 4.3.5 and 4.4.5 drop them, because an attacker controls where a reply along the reversed
         * route goes. */
        if (in.at[0] == OPTION_LOOSE_ROUTE || in.at[0] == OPTION_STRICT_ROUTE)
            return false;
        in = span_skip(in, length);
    }
    return true;
}

bool ip4_has_router_alert(const struct ip4 *ip)
{
    struct rill_span in = ip->options;
    while (in.length > 0 && in.at[0] != OPTION_END && in.at[0] != OPTION_ROUTER_ALERT)
        in = span_skip(in, in.at[0] == OPTION_NOP ? 1 : in.at[1]);
    return in.length > 0 && in.at[0] == OPTION_ROUTER_ALERT;
}

/* Loads the fields of a header whose length has been checked. */
static inline void header_load(struct ip4 *out, struct rill_span header)
{
    const uint8_t *at = header.at;
    uint16_t fragment = wire_get16(at + 6); /* its top bit is reserved: zero, and ignored */
    out->tos = at[1];
    out->total_length = wire_get16(at + 2);
    out->id = wire_get16(at + 4);
    out->dont_fragment = fragment & FLAG_DONT_FRAGMENT;
    out->more_fragments = fragment & FLAG_MORE_FRAGMENTS;
    out->fragment_offset = (uint16_t)((fragment & FRAGMENT_OFFSET_MASK) * 8);
    out->ttl = at[8];
    out->protocol = at[9];
    out->source = wire_get32(at + 12);
    out->destination = wire_get32(at + 16);
    out->options = span_skip(header, IP4_HEADER);
}

/* Sums 32-bit words in 64 bits, which cannot overflow: no end-around carry is needed. */
static inline uint64_t sum_of(const uint8_t *at, size_t length)
{
    uint64_t sum = 0;
    uint32_t word;
    for (size_t i = 0; i < length; i += sizeof word) {
        memcpy(&word, at + i, sizeof word);
        sum += word;
    }
    return sum;
}

static inline uint16_t header_checksum(struct rill_span header)
{
    uint64_t sum = sum_of(header.at, IP4_HEADER);
    if (header.length > IP4_HEADER)
        sum += sum_of(header.at + IP4_HEADER, header.length - IP4_HEADER);
    return checksum_finish(sum);
}

enum rill_drop ip4_parse(struct ip4 *out, struct rill_span in, struct rill_span *rest)
{
    if (in.length < IP4_HEADER)
        return RILL_DROP_IP_SHORT;
    if (version(in) != 4)
        return RILL_DROP_IP_VERSION;
    if (!header_length_good(in))
        return RILL_DROP_IP_HEADER_LENGTH;

    struct rill_span header = span_first(in, header_length(in));
    header_load(out, header);
    if (out->total_length < header.length || out->total_length > in.length)
        return RILL_DROP_IP_TOTAL_LENGTH;
    if (header_checksum(header) != 0)
        return RILL_DROP_IP_CHECKSUM;
    if (!options_good(out->options))
        return RILL_DROP_IP_OPTION;

    *rest = span_skip(span_first(in, out->total_length), header.length);
    return RILL_DROP_NONE;
}

bool ip4_parse_quoted(struct ip4 *out, struct rill_span in, struct rill_span *rest)
{
    if (in.length < IP4_HEADER || version(in) != 4 || !header_length_good(in))
        return false;
    struct rill_span header = span_first(in, header_length(in));
    header_load(out, header);
    *rest = span_skip(in, header.length);
    return true;
}

size_t ip4_write(uint8_t *at, const struct ip4 *ip)
{
    size_t length = IP4_HEADER + ip->options.length;
    assert(length <= IP4_HEADER_MAX);
    assert(length % 4 == 0);
    assert(ip->total_length >= length);
    assert(ip->fragment_offset % 8 == 0);

    at[0] = (uint8_t)(4 << 4 | length / 4);
    at[1] = ip->tos;
    wire_put16(at + 2, ip->total_length);
    wire_put16(at + 4, ip->id);
    wire_put16(at + 6, (uint16_t)((ip->dont_fragment ? FLAG_DONT_FRAGMENT : 0) |
                                  (ip->more_fragments ? FLAG_MORE_FRAGMENTS : 0) |
                                  ip->fragment_offset / 8));
    at[8] = ip->ttl;
    at[9] = ip->protocol;
    wire_put16(at + 10, 0); /* the checksum counts as zero in its own sum */
    wire_put32(at + 12, ip->source);
    wire_put32(at + 16, ip->destination);
    if (ip->options.length > 0)
        memcpy(at + IP4_HEADER, ip->options.at, ip->options.length);
    wire_put16(at + 10, header_checksum(span_of(at, length)));
    return length;
}
