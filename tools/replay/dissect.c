#include "replay/dissect.h"

static bool all_zero(struct rill_span s)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.at[i] != 0)
            return false;
    return true;
}

static const char *dissect_transport(struct dissected *d, struct rill_span in)
{
    struct rill_address from = rill_address_ip4(d->ip.source),
                        to = rill_address_ip4(d->ip.destination);
    switch (d->ip.protocol) {
    case IP_PROTOCOL_ICMP:
        d->kind = DISSECTED_ICMP;
        return icmp_parse(&d->icmp, in, &d->payload) ? "ICMP checksum or length" : NULL;
    case IP_PROTOCOL_IGMP:
        d->kind = DISSECTED_IGMP;
        d->payload = in;
        return igmp_parse(&(struct igmp){0}, in) ? "IGMP checksum or length" : NULL;
    case IP_PROTOCOL_UDP:
        d->kind = DISSECTED_UDP;
        if (udp_header_parse(&d->udp, in, &d->payload))
            return "UDP length";
        if (d->udp.length != in.length)
            return "UDP length is not the datagram's";
        return udp_checksum_good(from, to, in) ? NULL : "UDP checksum";
    case IP_PROTOCOL_TCP:
        d->kind = DISSECTED_TCP;
        if (tcp_header_parse(&d->tcp, in, &d->payload))
            return "TCP header";
        return tcp_checksum_good(from, to, in) ? NULL : "TCP checksum";
    default:
        return "an IP protocol that rill does not speak";
    }
}

const char *dissect(struct dissected *d, struct rill_span frame)
{
    struct rill_span rest, payload;
    bool foreign;
    *d = (struct dissected){0};
    if (frame.length < ETH_MINIMUM || !eth_parse(&d->eth, frame, &rest))
        return "shorter than an Ethernet frame";
    if (d->eth.type == ETH_TYPE_ARP) {
        d->kind = DISSECTED_ARP;
        if (!arp_parse(&d->arp, rest, &foreign))
            return "ARP body";
        return all_zero(span_skip(rest, ARP_SIZE)) ? NULL : "ARP padding is not zero";
    }
    if (d->eth.type != ETH_TYPE_IP4)
        return "an EtherType that rill does not speak";
    if (ip4_parse(&d->ip, rest, &payload))
        return "IPv4 header";
    if (!all_zero(span_skip(rest, d->ip.total_length)))
        return "padding is not zero";
    if (!d->ip.more_fragments && d->ip.fragment_offset == 0)
        return dissect_transport(d, payload);
    d->kind = DISSECTED_FRAGMENT;
    d->payload = payload;
    return NULL;
}
