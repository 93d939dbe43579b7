#include "net/message.h"

#include "net/drop.h"
#include "net/routing.h"
#include "net/waiting.h"

#include <errno.h>

/* RFC 826: the target answers the sender. */
static void owe_arp_reply(struct net *net, int port, const struct arp *request)
{
    struct queued_reply *e = reply_queue_add(&net->port[port].replies, ARP_SIZE);
    if (!e) {
        net_drop(net, port, RILL_DROP_REPLY_QUEUE_FULL);
        return;
    }
    struct arp reply = {.operation = ARP_REPLY,
                        .sender_mac = net->port[port].link.mac,
                        .sender = request->target,
                        .target_mac = request->sender_mac,
                        .target = request->sender};
    e->type = ETH_TYPE_ARP;
    e->to = request->sender_mac;
    arp_write(e->payload, &reply);
    net->counters.value[RILL_ArpOutReplies]++;
}

/* RFC 5227: does the packet dispute one of our own addresses? */
static bool claims_receive(struct net *net, int port, const struct arp *arp)
{
    bool disputed = false;
    for (unsigned i = 0; i < net->claims; i++) {
        struct net_claim *c = &net->claim[i];
        if (c->port != port)
            continue;
        enum claim_result result =
            claim_receive(&c->claim, arp, net->port[port].link.mac, net->now);
        if (result == CLAIM_UNAFFECTED)
            continue;
        disputed = true;
        net->counters.value[RILL_ArpConflicts]++;
        if (result == CLAIM_LOST)
            address_find(&net->addresses, port, c->address)->state = RILL_ADDRESS_CONFLICT;
    }
    if (disputed)
        net_notices_changed(net);
    return disputed;
}

/* In one of the port's subnets, or behind a host route without a gateway. */
static bool is_on_link(const struct net *net, int port, struct rill_address a)
{
    const struct route *r = route_find(&net->routes, a);
    bool routed = r && r->on_link && r->port == port && r->prefix == PREFIX_MAX;
    return routed || address_on_link(&net->addresses, port, a);
}

enum rill_drop message_receive_arp(struct net *net, const struct arrival *in, struct rill_span body)
{
    struct arp arp;
    bool foreign;
    if (!arp_parse(&arp, body, &foreign))
        return foreign ? RILL_DROP_ARP_HEADER : RILL_DROP_ARP_SHORT;
    if (arp.operation != ARP_REQUEST && arp.operation != ARP_REPLY)
        return RILL_DROP_ARP_OPERATION;
    bool reply = arp.operation == ARP_REPLY;
    net->counters.value[reply ? RILL_ArpInReplies : RILL_ArpInRequests]++;
    if (claims_receive(net, in->port, &arp))
        return RILL_DROP_ARP_CONFLICT;
    struct rill_address sender = rill_address_ip4(arp.sender),
                        target = rill_address_ip4(arp.target);
    struct neighbour_claim claim = {
        .port = in->port,
        .address = sender,
        .mac = arp.sender_mac,
        .on_link = is_on_link(net, in->port, sender),
        .reply = reply,
        .for_us = address_kind(&net->addresses, in->port, target) == ADDRESS_OURS,
        .announces = arp.sender == arp.target,
    };
    struct neighbour *taken = NULL;
    enum rill_drop drop = neighbour_learn(&net->neighbours, &claim, net->now, &taken);
    if (taken)
        waiting_release(net, taken);
    if (reply)
        return drop;
    if (!claim.for_us)
        return RILL_DROP_ARP_NOT_US;
    if (!neighbour_mac_good(arp.sender_mac)) /* no valid MAC to answer */
        return RILL_DROP_ARP_SENDER;
    if (net->steer.core == 0) /* every core learns, but only one answers */
        owe_arp_reply(net, in->port, &arp);
    return RILL_DROP_NONE;
}

/* RFC 792, RFC 1122 3.2.2.6: returns the same bytes, never to a group. */
static enum rill_drop receive_echo(struct net *net, const struct arrival *in,
                                   const struct icmp *request, struct rill_span data)
{
    net->counters.value[RILL_IcmpInEchos]++;
    if (in->kind != ADDRESS_OURS && in->kind != ADDRESS_LOOPBACK)
        return RILL_DROP_ICMP_BROADCAST;
    struct queued_reply *e = reply_to(net, in, IP_PROTOCOL_ICMP, ICMP_HEADER + data.length);
    if (!e)
        return RILL_DROP_NONE; /* counted as REPLY_QUEUE_FULL */
    struct icmp reply = {.type = ICMP_ECHO_REPLY, .id = request->id, .sequence = request->sequence};
    memcpy(e->payload + ICMP_HEADER, data.at, data.length);
    icmp_write(e->payload, &reply, span_of(e->payload + ICMP_HEADER, data.length));
    net->counters.value[RILL_IcmpOutMsgs]++;
    net->counters.value[RILL_IcmpOutEchoReps]++;
    return RILL_DROP_NONE;
}

/* The meaning of an ICMP error for the sender of the datagram (RFC 1122 4.2.3.9). */
struct icmp_meaning {
    uint8_t error; /* errno; 0: ignored */
    bool fatal;    /* a retry would not help: udp(7), as Linux's icmp_err_convert */
};

/* Source quench (MUST-55: RFC 6633) and redirects are ignored. */
static struct icmp_meaning icmp_meaning(const struct icmp *m)
{
    static const struct icmp_meaning unreachable[] = {
        {ENETUNREACH, false},  {EHOSTUNREACH, false}, {ENOPROTOOPT, true},  {ECONNREFUSED, true},
        {EMSGSIZE, true},      {EOPNOTSUPP, false},   {ENETUNREACH, true},  {EHOSTDOWN, true},
        {ENONET, true},        {ENETUNREACH, true},   {EHOSTUNREACH, true}, {ENETUNREACH, false},
        {EHOSTUNREACH, false}, {EHOSTUNREACH, true},  {EHOSTUNREACH, true}, {EHOSTUNREACH, true}};
    static const struct icmp_meaning elsewhere = {EHOSTUNREACH, false};
    switch (m->type) {
    case ICMP_UNREACHABLE:
        return m->code < sizeof unreachable / sizeof *unreachable ? unreachable[m->code]
                                                                  : elsewhere;
    case ICMP_TIME_EXCEEDED:
        return elsewhere;
    case ICMP_PARAMETER_PROBLEM:
        return (struct icmp_meaning){EPROTO, true};
    default:
        return (struct icmp_meaning){0, false};
    }
}

static bool is_about_length(const struct icmp *m)
{
    return m->type == ICMP_UNREACHABLE && m->code == ICMP_UNREACHABLE_FRAGMENTATION_NEEDED;
}

/* The path whose MTU an ICMP error may change; NULL: none. */
static struct path *path_of_routers(struct net *net, struct rill_address remote)
{
    struct path *path = path_find(&net->paths, remote);
    return path && path->kind == PATH_NEIGHBOUR ? path : NULL;
}

/* Applies the MTU that the router reports (RFC 1191). */
static bool claim_width(struct net *net, struct path *path, const struct icmp *m,
                        const struct icmp_quote *q)
{
    uint16_t port_mtu = net->port[path->port].link.mtu;
    return pmtu_claim(&path->pmtu, port_mtu, m->next_hop_mtu, q->ip.total_length, net->now);
}

/* A router could not forward a segment of this flow. The report is believed only if TCP has the
 * segment in flight. */
static bool take_narrow_path(struct net *net, const struct icmp *m, const struct icmp_quote *q,
                             struct tcp_icmp *e)
{
    struct path *path = path_of_routers(net, e->flow.remote);
    if (!path)
        return false;
    struct pmtu before = path->pmtu;
    bool narrower = claim_width(net, path, m, q);
    e->segment_max = (uint16_t)(routing_mtu(net, path) - IP4_HEADER);
    e->claimed = (uint16_t)(max_of(m->next_hop_mtu, IP4_HEADER) - IP4_HEADER);
    if (tcp_icmp(&net->tcp, e))
        return true;
    if (narrower)
        path->pmtu = before;
    return false;
}

static bool deliver_to_tcp(struct net *net, const struct icmp *m, const struct icmp_quote *q,
                           const struct flow *flow)
{
    bool unreachable = m->type == ICMP_UNREACHABLE;
    struct tcp_icmp e = {
        .flow = *flow,
        .seq = {q->tcp_seq},
        .error = icmp_meaning(m).error,
        .hard = unreachable &&
                (m->code == ICMP_UNREACHABLE_PROTOCOL || m->code == ICMP_UNREACHABLE_PORT),
        .partial = m->type == ICMP_TIME_EXCEEDED && m->code == ICMP_TIME_EXCEEDED_REASSEMBLY,
    };
    if (is_about_length(m))
        return take_narrow_path(net, m, q, &e);
    return tcp_icmp(&net->tcp, &e);
}

/* Passes on the part of the datagram's text that the ICMP error quotes. */
static bool deliver_to_udp(struct net *net, const struct arrival *in, const struct icmp *m,
                           const struct icmp_quote *q)
{
    struct udp_icmp e = {
        .local = rill_address_ip4(q->ip.source),
        .local_port = q->source_port,
        .fatal = icmp_meaning(m).fatal,
        .data = span_skip(q->payload, UDP_HEADER),
        .report =
            {
                .when = net->now,
                .offender = in->source,
                .local = in->destination,
                .remote = rill_address_ip4(q->ip.destination),
                .remote_port = q->destination_port,
                .info = m->next_hop_mtu,
                .error = icmp_meaning(m).error,
                .origin = ERROR_ICMP,
                .type = m->type,
                .code = m->code,
                .port = (uint8_t)in->port,
                .tos = in->ip.tos,
                .ttl = in->ip.ttl,
            },
    };
    struct path *path = path_of_routers(net, e.report.remote);
    if (path && is_about_length(m) && udp_mtu_plausible(&net->udp, &e))
        claim_width(net, path, m, q);
    return udp_icmp(&net->udp, &e);
}

static enum rill_drop receive_error(struct net *net, const struct arrival *in, const struct icmp *m,
                                    struct rill_span quotation)
{
    struct icmp_quote q;
    net->counters.value[RILL_IcmpInErrors]++;
    if (!icmp_quote_parse(&q, quotation))
        return RILL_DROP_ICMP_QUOTE;
    struct flow f = {rill_address_ip4(q.ip.source), rill_address_ip4(q.ip.destination),
                     q.source_port, q.destination_port};
    int port = in->port == RILL_LOOPBACK_PORT ? ADDRESS_ANY_PORT : in->port;
    enum address_kind kind = address_kind(&net->addresses, port, f.local);
    if (kind != ADDRESS_OURS && kind != ADDRESS_LOOPBACK)
        return RILL_DROP_ICMP_QUOTE;
    if (!icmp_meaning(m).error)
        return RILL_DROP_ICMP_TYPE;
    bool taken = false;
    if (q.ip.protocol == IP_PROTOCOL_TCP)
        taken = deliver_to_tcp(net, m, &q, &f);
    else if (q.ip.protocol == IP_PROTOCOL_UDP)
        taken = deliver_to_udp(net, in, m, &q);
    return taken ? RILL_DROP_NONE : RILL_DROP_ICMP_NO_SUCH_FLOW;
}

enum rill_drop message_receive(struct net *net, const struct arrival *in)
{
    struct icmp m;
    struct rill_span rest;
    enum rill_drop drop = icmp_parse(&m, in->payload, &rest);
    if (drop)
        return drop;
    net->counters.value[RILL_IcmpInMsgs]++;
    if (m.type == ICMP_ECHO && m.code == 0)
        return receive_echo(net, in, &m, rest);
    if (icmp_is_error(m.type))
        return receive_error(net, in, &m, rest);
    return RILL_DROP_ICMP_TYPE;
}
