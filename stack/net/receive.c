/* Input: one straight path from a frame to its protocol. Each step returns why it stopped. */
#include "net/drop.h"
#include "net/message.h"
#include "net/multicast.h"
#include "net/reply.h"
#include "net/steering.h"

/* One datagram, or several that were joined behind one header (USO, Linux's UDP_SEGMENT). */
static enum rill_drop deliver_udp(struct net *net, const struct arrival *in, struct udp_arrival *u)
{
    struct rill_span rest = u->data;
    if (in->joined && in->joined < rest.length && udp_takes_joined(&net->udp, u)) {
        u->segment = in->joined;
        return udp_input(&net->udp, u);
    }
    size_t piece = in->joined ? in->joined : rest.length;
    for (;;) {
        u->data = span_first(rest, piece);
        rest = span_skip(rest, u->data.length);
        enum rill_drop drop = udp_input(&net->udp, u);
        if (rest.length == 0 || drop == RILL_DROP_UDP_PORT)
            return drop;
        if (drop)
            net_drop(net, in->port, drop);
    }
}

static enum rill_drop receive_udp(struct net *net, const struct arrival *in)
{
    struct udp_arrival u = {.source = in->source,
                            .destination = in->destination,
                            .port = (uint8_t)in->port,
                            .tos = in->ip.tos,
                            .ttl = in->ip.ttl,
                            .when = net->now,
                            .to_group =
                                in->kind == ADDRESS_BROADCAST || in->kind == ADDRESS_MULTICAST,
                            .to_members = in->kind == ADDRESS_MULTICAST};
    enum rill_drop drop = udp_header_parse(&u.header, in->payload, &u.data);
    if (drop == RILL_DROP_NONE && !in->checksum_good &&
        !udp_checksum_good(in->source, in->destination, in->payload))
        drop = RILL_DROP_UDP_CHECKSUM;
    if (drop) {
        net->counters.value[RILL_UdpInErrors]++;
        return drop;
    }
    drop = deliver_udp(net, in, &u);
    if (drop == RILL_DROP_UDP_PORT && u.header.destination != 0) /* port 0 has no socket */
        reply_error(net, in,
                    &(struct icmp){.type = ICMP_UNREACHABLE, .code = ICMP_UNREACHABLE_PORT});
    return drop;
}

static enum rill_drop receive_tcp(struct net *net, const struct arrival *in)
{
    struct tcp_header header;
    struct tcp_reply reply;
    struct tcp_arrival segment = {
        .source = in->source,
        .destination = in->destination,
        .header = &header,
        .port = (uint8_t)in->port,
        .ecn = in->ip.tos & ECN_MASK,
        .to_group =
            in->link_group || in->kind == ADDRESS_BROADCAST || in->kind == ADDRESS_MULTICAST,
        .port_segment_max = (uint16_t)(net->port[in->port].link.mtu - IP4_HEADER),
        .joined = in->joined,
    };
    if (!in->checksum_good && !tcp_checksum_good(in->source, in->destination, in->payload)) {
        net->counters.value[RILL_TcpInCsumErrors]++;
        net->counters.value[RILL_TcpInErrs]++;
        return in->payload.length < TCP_HEADER ? RILL_DROP_TCP_SHORT : RILL_DROP_TCP_CHECKSUM;
    }
    enum rill_drop drop = tcp_header_parse(&header, in->payload, &segment.text);
    if (drop) {
        net->counters.value[RILL_TcpInErrs]++;
        return drop;
    }
    drop = tcp_input(&net->tcp, &segment, &reply);
    if (reply.pending)
        reply_segment(net, in, &reply);
    return drop;
}

/* Passes a complete datagram to its protocol. */
static enum rill_drop receive_datagram(struct net *net, const struct arrival *in)
{
    net->counters.value[RILL_IpInDelivers]++;
    switch (in->ip.protocol) {
    case IP_PROTOCOL_TCP:
        return receive_tcp(net, in);
    case IP_PROTOCOL_UDP:
        return receive_udp(net, in);
    case IP_PROTOCOL_ICMP:
        return message_receive(net, in);
    case IP_PROTOCOL_IGMP:
        return multicast_receive(net, in);
    default:
        reply_error(net, in,
                    &(struct icmp){.type = ICMP_UNREACHABLE, .code = ICMP_UNREACHABLE_PROTOCOL});
        return RILL_DROP_IP_PROTOCOL;
    }
}

/* RFC 1112 7.2: what nobody here has joined is for others. IGMP concerns the group, whatever
 * sources are wanted. */
static enum rill_drop judge_group(struct net *net, const struct arrival *in)
{
    bool wanted = in->ip.protocol == IP_PROTOCOL_IGMP
                      ? group_joined(&net->groups, in->port, in->ip.destination)
                      : group_wanted(&net->groups, in->port, in->ip.destination, in->ip.source);
    net->counters.value[RILL_IpExtInMcastPkts] += wanted;
    return wanted ? RILL_DROP_NONE : RILL_DROP_IP_GROUP;
}

/* RFC 1122 3.2.1.3, 3.3.4.2, 3.3.6: a valid source address, and a destination that is ours or a
 * group that we are in. */
static enum rill_drop judge_addresses(struct net *net, struct arrival *in)
{
    int port = in->port == RILL_LOOPBACK_PORT ? ADDRESS_ANY_PORT : in->port;
    if (address_martian_source(&net->addresses, in->port, in->source))
        return RILL_DROP_IP_SOURCE;
    in->kind = address_kind(&net->addresses, port, in->destination);
    bool ours = in->kind == ADDRESS_OURS ||
                (in->kind == ADDRESS_LOOPBACK && in->port == RILL_LOOPBACK_PORT);
    if (ours && in->link_group) /* unicast inside a link broadcast: 3.3.6 */
        return RILL_DROP_IP_DESTINATION;
    if (in->kind == ADDRESS_MULTICAST)
        return judge_group(net, in);
    return ours || in->kind == ADDRESS_BROADCAST ? RILL_DROP_NONE : RILL_DROP_IP_DESTINATION;
}

/* Most datagrams belong to a known flow: the result for its two addresses is valid until our own
 * addresses change. */
static enum rill_drop check_addresses(struct net *net, struct arrival *in)
{
    struct net_pair *p = &net->pair[in->ip.source % NET_PAIRS];
    in->source = rill_address_ip4(in->ip.source);
    in->destination = rill_address_ip4(in->ip.destination);
    if (p->source == in->ip.source && p->destination == in->ip.destination && p->port == in->port &&
        p->generation == net->paths.generation && !in->link_group) {
        in->kind = ADDRESS_OURS;
        return RILL_DROP_NONE;
    }
    enum rill_drop drop = judge_addresses(net, in);
    if (drop == RILL_DROP_NONE && in->kind == ADDRESS_OURS)
        *p = (struct net_pair){in->ip.source, in->ip.destination, in->port, net->paths.generation};
    return drop;
}

/* Fragments go to every core that shares the address; the core is known only when the datagram is
 * complete. */
static bool is_ours(const struct net *net, const struct arrival *in)
{
    return in->link_group || in->port == RILL_LOOPBACK_PORT ||
           steering_datagram(&net->steer, &in->ip, in->payload) == net->steer.core;
}

static enum rill_drop receive_fragment(struct net *net, struct arrival *in)
{
    struct reassembly_result whole;
    net->counters.value[RILL_IpReasmReqds]++;
    enum rill_drop drop = reassembly_take(&net->reassembly, &in->ip, in->payload, net->now, &whole);
    if (drop) {
        net->counters.value[RILL_IpReasmFails] += drop != RILL_DROP_FRAGMENT_DUPLICATE;
        return drop;
    }
    if (!whole.complete)
        return RILL_DROP_NONE;
    net->counters.value[RILL_IpReasmOKs]++;
    in->ip = whole.header;
    in->payload = whole.payload;
    in->checksum_good = false; /* the device has checked only fragments */
    in->frame = NULL;
    in->joined = 0;
    return is_ours(net, in) ? receive_datagram(net, in) : RILL_DROP_OTHER_CORE;
}

static enum rill_drop receive_ip(struct net *net, struct arrival *in, struct rill_span packet)
{
    net->counters.value[RILL_IpInReceives]++;
    enum rill_drop drop = ip4_parse(&in->ip, packet, &in->payload);
    if (drop)
        return drop;
    if (in->ip.ttl == 0)
        return RILL_DROP_IP_TTL;
    drop = check_addresses(net, in);
    if (drop)
        return drop;
    if (in->ip.more_fragments || in->ip.fragment_offset)
        return receive_fragment(net, in);
    return receive_datagram(net, in);
}

static enum rill_drop receive_frame(struct net *net, int port, const struct rill_frame *frame)
{
    struct arrival in; /* each step fills in its part */
    in.port = port;
    in.frame = frame;
    in.checksum_good = frame->checksum_good;
    in.joined = frame->gso_size;
    struct rill_span rest;
    enum rill_drop drop =
        port_accept(&net->port[port].link, span_of(frame->buffer + frame->start, frame->length),
                    &in.eth, &rest);
    if (drop)
        return drop;
    in.link_group = mac_is_group(in.eth.destination);
    if (in.eth.type == ETH_TYPE_IP4)
        return receive_ip(net, &in, rest);
    if (in.eth.type == ETH_TYPE_ARP && port != RILL_LOOPBACK_PORT)
        return message_receive_arp(net, &in, rest);
    return RILL_DROP_ETH_TYPE;
}

void net_receive(struct net *net, int port, const struct rill_frame *frames, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        net->trace.frame = frames[i].number;
        enum rill_drop drop = receive_frame(net, port, &frames[i]);
        if (drop)
            net_drop(net, port, drop);
    }
    net->trace.frame = 0;
}
