/* ICMP (RFC 792): see icmp.h.
 *
 *     0     1     2         4                               8
 *     | type| code| checksum| id         | sequence         |  echo and its reply
 *     | type| code| checksum| 0          | next-hop MTU     |  fragmentation needed (RFC 1191 4)
 *     | type| code| checksum| 0                             |  all else that rill speaks
 */
#include "wire/icmp.h"

#include "wire/checksum.h"

static bool is_echo(const struct icmp *icmp)
{
    return icmp->type == ICMP_ECHO || icmp->type == ICMP_ECHO_REPLY;
}

static bool is_fragmentation_needed(const struct icmp *icmp)
{
    return icmp->type == ICMP_UNREACHABLE && icmp->code == ICMP_UNREACHABLE_FRAGMENTATION_NEEDED;
}

enum rill_drop icmp_parse(struct icmp *out, struct rill_span in, struct rill_span *rest)
{
    if (in.length < ICMP_HEADER)
        return RILL_DROP_ICMP_SHORT;
    if (checksum_finish(checksum_add(0, in)) != 0)
        return RILL_DROP_ICMP_CHECKSUM;

    *out = (struct icmp){.type = in.at[0], .code = in.at[1]};
    if (is_echo(out)) {
        out->id = wire_get16(in.at + 4);
        out->sequence = wire_get16(in.at + 6);
    } else if (is_fragmentation_needed(out)) {
        out->next_hop_mtu = wire_get16(in.at + 6);
    }
    *rest = span_skip(in, ICMP_HEADER);
    return RILL_DROP_NONE;
}

size_t icmp_write(uint8_t *at, const struct icmp *icmp, struct rill_span payload)
{
    at[0] = icmp->type;
    at[1] = icmp->code;
    wire_put16(at + 2, 0);
    wire_put16(at + 4, is_echo(icmp) ? icmp->id : 0);
    wire_put16(at + 6, is_echo(icmp)                   ? icmp->sequence
                       : is_fragmentation_needed(icmp) ? icmp->next_hop_mtu
                                                       : 0);
    uint64_t sum = checksum_add(0, span_of(at, ICMP_HEADER));
    wire_put16(at + 2, checksum_finish(checksum_add(sum, payload)));
    return ICMP_HEADER;
}

bool icmp_is_error(uint8_t type)
{
    switch (type) {
    case ICMP_UNREACHABLE:
    case ICMP_SOURCE_QUENCH:
    case ICMP_REDIRECT:
    case ICMP_TIME_EXCEEDED:
    case ICMP_PARAMETER_PROBLEM:
        return true;
    default:
        return false;
    }
}

#define QUOTE_PAYLOAD \
    8 /* bytes after the quoted header, at least (RFC 1122 3.2.2): ports, sequence number */

bool icmp_quote_parse(struct icmp_quote *out, struct rill_span in)
{
    *out = (struct icmp_quote){0};
    if (!ip4_parse_quoted(&out->ip, in, &out->payload))
        return false;
    /* A later fragment has no ports, and errors are sent only for the first one (RFC 1122
     * 3.2.2). */
    if (out->payload.length < QUOTE_PAYLOAD || out->ip.fragment_offset != 0)
        return false;

    const uint8_t *at = out->payload.at;
    if (out->ip.protocol == IP_PROTOCOL_TCP || out->ip.protocol == IP_PROTOCOL_UDP) {
        out->source_port = wire_get16(at);
        out->destination_port = wire_get16(at + 2);
    }
    if (out->ip.protocol == IP_PROTOCOL_TCP)
        out->tcp_seq = wire_get32(at + 4);
    return true;
}
