/* Ethernet II (RFC 894): see eth.h. */
#include "wire/eth.h"

const struct mac mac_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

bool eth_parse(struct eth *out, struct rill_span in, struct rill_span *rest)
{
    if (in.length < ETH_HEADER)
        return false;
    memcpy(out->destination.byte, in.at, 6);
    memcpy(out->source.byte, in.at + 6, 6);
    out->type = wire_get16(in.at + 12);
    *rest = span_skip(in, ETH_HEADER);
    return true;
}

size_t eth_write(uint8_t *at, const struct eth *eth)
{
    memcpy(at, eth->destination.byte, 6);
    memcpy(at + 6, eth->source.byte, 6);
    wire_put16(at + 12, eth->type);
    return ETH_HEADER;
}

bool mac_equal(struct mac a, struct mac b)
{
    return memcmp(a.byte, b.byte, sizeof a.byte) == 0;
}

bool mac_is_group(struct mac mac)
{
    return mac.byte[0] & 1;
}

bool mac_is_zero(struct mac mac)
{
    return mac_equal(mac, (struct mac){{0}});
}

struct mac mac_of_ip4_group(uint32_t address)
{
    struct mac mac = {{0x01, 0x00, 0x5e}};
    mac.byte[3] = address >> 16 & 0x7f;
    mac.byte[4] = address >> 8 & 0xff;
    mac.byte[5] = address & 0xff;
    return mac;
}
