#include "replay/offload.h"

#include "wire/eth.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"
#include "wire/udp_header.h"

/* For protocols whose checksum a device may complete: its offset, if it is good; else 0. */
static uint16_t sum_offset(const struct ip4 *ip, struct rill_span segment)
{
    struct rill_address from = rill_address_ip4(ip->source), to = rill_address_ip4(ip->destination);
    struct udp_header udp;
    struct rill_span data;
    if (ip->more_fragments || ip->fragment_offset)
        return 0;
    if (ip->protocol == IP_PROTOCOL_TCP)
        return tcp_checksum_good(from, to, segment) ? TCP_CHECKSUM_OFFSET : 0;
    bool whole = ip->protocol == IP_PROTOCOL_UDP && !udp_header_parse(&udp, segment, &data) &&
                 udp.checksum != 0 && udp.length == segment.length;
    return whole && udp_checksum_good(from, to, segment) ? UDP_CHECKSUM_OFFSET : 0;
}

void offload_sum(struct rill_frame *f)
{
    struct eth eth;
    struct ip4 ip;
    struct rill_span packet, segment;
    uint8_t *frame = f->buffer + f->start;
    if (f->checksum_partial || !eth_parse(&eth, span_of(frame, f->length), &packet) ||
        eth.type != ETH_TYPE_IP4 || ip4_parse(&ip, packet, &segment))
        return;
    f->checksum_offset = sum_offset(&ip, segment);
    if (f->checksum_offset == 0)
        return;
    f->checksum_good = f->checksum_partial = true;
    f->checksum_start = (uint16_t)(segment.at - frame);
    uint64_t sum = checksum_pseudo(rill_address_ip4(ip.source), rill_address_ip4(ip.destination),
                                   ip.protocol, (uint32_t)segment.length);
    wire_put16(frame + f->checksum_start + f->checksum_offset, checksum_fold(sum));
}
