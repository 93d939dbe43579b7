#include "replay/violation.h"

#include "replay/stage.h"

static bool is_group_or_martian(uint32_t address)
{
    return address >> 28 >= 14 || address >> 24 == 127 || address >> 24 == 0 ||
           address == (STAGE_OWN | 0xff);
}

/* RFC 3376 4, RFC 1112 6.4. */
static const char *violation_of_multicast(const struct dissected *d)
{
    if (!mac_equal(d->eth.destination, mac_of_ip4_group(d->ip.destination)))
        return "to a group by another MAC";
    if (d->kind == DISSECTED_UDP)
        return d->ip.options.length ? "carries IP options" : NULL;
    return d->ip.ttl == 1 && ip4_has_router_alert(&d->ip) ? NULL : "IGMP without Router Alert";
}

const char *violation_of(const struct dissected *d)
{
    if (!mac_equal(d->eth.source, stage_head.destination))
        return "not from our MAC";
    if (d->kind == DISSECTED_ARP) {
        if (d->arp.operation == ARP_REPLY && mac_is_group(d->eth.destination))
            return "ARP reply to a group";
        return d->arp.sender == STAGE_OWN ? NULL : "ARP in the name of another";
    }
    if (d->ip.source == STAGE_OWN && d->ip.destination >> 28 == 14 &&
        (d->kind == DISSECTED_IGMP || d->kind == DISSECTED_UDP))
        return violation_of_multicast(d);
    if (mac_is_group(d->eth.destination) || is_group_or_martian(d->ip.destination))
        return "to a group or a martian";
    if (d->ip.source != STAGE_OWN)
        return "from an address that is not ours";
    return d->ip.options.length ? "carries IP options" : NULL;
}

static bool is_reset(const struct dissected *d)
{
    return d->kind == DISSECTED_TCP && d->tcp.flags & TCP_RST;
}

static bool is_error(const struct dissected *d)
{
    return d->kind == DISSECTED_ICMP && icmp_is_error(d->icmp.type);
}

const char *violation_of_answer(const struct dissected *d, struct rill_span heard)
{
    const uint8_t *frame = heard.at, *ip = frame + ETH_HEADER, *payload = ip + IP4_HEADER;
    if (heard.length < ETH_HEADER + IP4_HEADER + 14 || wire_get16(frame + 12) != ETH_TYPE_IP4 ||
        ip[0] != 0x45)
        return NULL;
    bool group = frame[0] & 1 || wire_get32(ip + 16) >> 28 >= 14;
    bool later = wire_get16(ip + 6) & 0x1fff;
    if (is_reset(d) && ip[9] == IP_PROTOCOL_TCP && (payload[13] & TCP_RST || group))
        return "a reset in answer to a reset, or to a group";
    if (is_error(d) && (group || later || (ip[9] == IP_PROTOCOL_ICMP && icmp_is_error(payload[0]))))
        return "an ICMP error about an ICMP error, a group or a later fragment";
    return NULL;
}
