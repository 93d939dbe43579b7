/* ARP for IPv4 over Ethernet (RFC 826): see arp.h.
 *
 *     0         2         4  5  6          8           14      18          24      28
 *     | hardware| protocol|hl|pl| operation| sender mac| sender| target mac| target|
 */
#include "wire/arp.h"

#include "wire/wire.h"

#define ARP_HARDWARE_ETHERNET 1
#define ARP_HARDWARE_LENGTH 6
#define ARP_PROTOCOL_LENGTH 4

static bool is_ip4_over_ethernet(const uint8_t *at)
{
    return wire_get16(at) == ARP_HARDWARE_ETHERNET && wire_get16(at + 2) == ETH_TYPE_IP4 &&
           at[4] == ARP_HARDWARE_LENGTH && at[5] == ARP_PROTOCOL_LENGTH;
}

bool arp_parse(struct arp *out, struct rill_span in, bool *foreign)
{
    *foreign = false;
    if (in.length < ARP_SIZE)
        return false;
    if (!is_ip4_over_ethernet(in.at)) {
        *foreign = true;
        return false;
    }
    out->operation = wire_get16(in.at + 6);
    memcpy(out->sender_mac.byte, in.at + 8, 6);
    out->sender = wire_get32(in.at + 14);
    memcpy(out->target_mac.byte, in.at + 18, 6);
    out->target = wire_get32(in.at + 24);
    return true;
}

size_t arp_write(uint8_t *at, const struct arp *arp)
{
    wire_put16(at, ARP_HARDWARE_ETHERNET);
    wire_put16(at + 2, ETH_TYPE_IP4);
    at[4] = ARP_HARDWARE_LENGTH;
    at[5] = ARP_PROTOCOL_LENGTH;
    wire_put16(at + 6, arp->operation);
    memcpy(at + 8, arp->sender_mac.byte, 6);
    wire_put32(at + 14, arp->sender);
    memcpy(at + 18, arp->target_mac.byte, 6);
    wire_put32(at + 24, arp->target);
    return ARP_SIZE;
}
