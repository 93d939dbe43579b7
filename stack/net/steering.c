#include "net/steering.h"

#include "wire/eth.h"
#include "wire/icmp.h"

static unsigned steer_error(const struct steer *s, struct rill_span quotation,
                            struct rill_address sender)
{
    struct icmp_quote q;
    if (!icmp_quote_parse(&q, quotation))
        return steer_core(s, sender, 0, 0);
    return steer_core(s, rill_address_ip4(q.ip.destination), q.destination_port, q.source_port);
}

unsigned steering_datagram(const struct steer *s, const struct ip4 *ip, struct rill_span payload)
{
    struct rill_address remote = rill_address_ip4(ip->source);
    bool has_ports = ip->protocol == IP_PROTOCOL_TCP || ip->protocol == IP_PROTOCOL_UDP;
    if (has_ports && payload.length >= 4)
        return steer_core(s, remote, wire_get16(payload.at), wire_get16(payload.at + 2));
    if (ip->protocol == IP_PROTOCOL_ICMP && payload.length >= ICMP_HEADER &&
        icmp_is_error(payload.at[0]))
        return steer_error(s, span_skip(payload, ICMP_HEADER), remote);
    return steer_core(s, remote, 0, 0);
}

int steering_frame(const struct steer *s, struct rill_span frame)
{
    struct eth eth;
    struct ip4 ip;
    struct rill_span packet, payload;
    if (s->cores == 1 || !eth_parse(&eth, frame, &packet))
        return (int)s->core;
    if (eth.type == ETH_TYPE_ARP || mac_is_group(eth.destination))
        return RILL_CORE_ALL;
    if (eth.type != ETH_TYPE_IP4 || ip4_parse(&ip, packet, &payload) != RILL_DROP_NONE)
        return (int)s->core;
    if (ip.more_fragments || ip.fragment_offset) /* only the first fragment has the ports */
        return RILL_CORE_ALL;
    return (int)steering_datagram(s, &ip, payload);
}
