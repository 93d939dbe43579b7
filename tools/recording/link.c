#include "recording/link.h"

#include <pcap/pcap.h>

#define TAG 4 /* IEEE 802.1Q 9.6: its EtherType and what it says */
#define LABEL 4
#define SESSION 8 /* RFC 2516's header, and PPP's protocol */
#define SLL_HEADER 16
#define SLL2_HEADER 20
#define FAMILY 4 /* BSD's loopback: the address family */

bool link_known(int type)
{
    static const int known[] = {DLT_EN10MB,    DLT_RAW,        DLT_IPV4, DLT_IPV6,
                                DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL, DLT_LOOP};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == type)
            return true;
    return false;
}

static uint16_t type_of_version(struct rill_span packet)
{
    unsigned version = packet.length ? packet.at[0] >> 4 : 0;
    return version == 4 ? ETH_TYPE_IP4 : version == 6 ? ETH_TYPE_IP6 : 0;
}

static bool is_tag(uint16_t type)
{
    return type == 0x8100 || type == 0x88a8 || type == 0x9100; /* 802.1Q, 802.1ad, its draft */
}

/* RFC 3032 2.1: labels of 4 bytes, a bit in the last one; they do not say what follows. */
static void pass_labels(uint16_t *type, struct rill_span *body)
{
    bool last = false;
    while (!last && body->length >= LABEL) {
        last = body->at[2] & 1;
        *body = span_skip(*body, LABEL);
    }
    *type = type_of_version(*body);
}

/* RFC 2516 4: behind it stands PPP's number of what follows. */
static void pass_session(uint16_t *type, struct rill_span *body)
{
    if (body->length < SESSION)
        return;
    uint16_t protocol = wire_get16(body->at + SESSION - 2);
    *type = protocol == 0x0021 ? ETH_TYPE_IP4 : protocol == 0x0057 ? ETH_TYPE_IP6 : 0;
    *body = span_skip(*body, SESSION);
}

/* Whatever an access network puts between Ethernet and IP, each of it once, tags in numbers. */
static bool parse_ethernet(struct rill_span in, uint16_t *type, struct rill_span *body)
{
    struct eth eth;
    if (!eth_parse(&eth, in, body))
        return false;
    *type = eth.type;
    while (is_tag(*type) && body->length >= TAG) {
        *type = wire_get16(body->at + 2);
        *body = span_skip(*body, TAG);
    }
    if (*type == 0x8864) /* PPPoE, session */
        pass_session(type, body);
    else if (*type == 0x8847) /* MPLS */
        pass_labels(type, body);
    return true;
}

/* The header's length of a link whose head says nothing but what follows. */
static size_t header_of(int type)
{
    switch (type) {
    case DLT_LINUX_SLL:
        return SLL_HEADER;
    case DLT_LINUX_SLL2:
        return SLL2_HEADER;
    case DLT_NULL: /* families are numbered, and ordered, as the recording host likes: the */
    case DLT_LOOP: /* packet itself says which it is */
        return FAMILY;
    default:
        return 0;
    }
}

bool link_parse(int type, struct rill_span in, uint16_t *ether_type, struct rill_span *body)
{
    if (type == DLT_EN10MB)
        return parse_ethernet(in, ether_type, body);
    if (in.length < header_of(type))
        return false;
    *body = span_skip(in, header_of(type));
    if (type == DLT_LINUX_SLL)
        *ether_type = wire_get16(in.at + 14);
    else if (type == DLT_LINUX_SLL2)
        *ether_type = wire_get16(in.at);
    else
        *ether_type = type_of_version(*body);
    return true;
}
