#include "ip/icmp_error.h"

#include "wire/udp_header.h"

/* The length of the quoted payload: at most 576 bytes less two IP headers and the ICMP header. */
static size_t icmp_quoted_payload(const struct icmp_offence *o)
{
    size_t header = IP4_HEADER + o->header->options.length;
    return min_of(o->payload.length, ICMP_ERROR_MAX - IP4_HEADER - ICMP_HEADER - header);
}

/* RFC 1122 3.2.2: "a source address that does not define a single host". Loopback sources are
 * single hosts on the loopback port; on other ports they were dropped as martians. */
static bool icmp_source_is_one_host(uint32_t source)
{
    return source >> 24 != 0 && source >> 29 != 7;
}

/* A message too short to have a type counts as an error. */
static bool icmp_is_about_error(const struct icmp_offence *o)
{
    if (o->header->protocol != IP_PROTOCOL_ICMP)
        return false;
    return o->payload.length == 0 || icmp_is_error(o->payload.at[0]);
}

bool icmp_error_allowed(const struct icmp_offence *o)
{
    if (o->link_group || o->destination == ADDRESS_BROADCAST || o->destination == ADDRESS_MULTICAST)
        return false;
    return o->header->fragment_offset == 0 && icmp_source_is_one_host(o->header->source) &&
           !icmp_is_about_error(o);
}

size_t icmp_error_length(const struct icmp_offence *o)
{
    return ICMP_HEADER + IP4_HEADER + o->header->options.length + icmp_quoted_payload(o);
}

/* The sum covers the whole payload, even if less of it is quoted: `payload` of the quotation is
 * `length` bytes long. */
static void icmp_finish_quoted_sum(uint8_t *payload, size_t length, const struct icmp_offence *o)
{
    size_t at = o->sum_start + o->sum_offset;
    if (!o->sum_partial || at + 2 > length)
        return;
    uint64_t sum = checksum_add(0, span_skip(o->payload, o->sum_start));
    wire_put16(payload + at, checksum_finish_at(sum, o->sum_offset));
}

size_t icmp_error_write(uint8_t *at, const struct icmp *message, const struct icmp_offence *o)
{
    uint8_t *quote = at + ICMP_HEADER;
    size_t header = ip4_write(quote, o->header);
    size_t length = header + icmp_quoted_payload(o);
    memcpy(quote + header, o->payload.at, length - header);
    icmp_finish_quoted_sum(quote + header, length - header, o);
    return icmp_write(at, message, span_of(quote, length)) + length;
}
