#include "net/reply.h"

#include "net/drop.h"
#include "net/routing.h"

static struct queued_reply *reply_add(struct net *net, int port, size_t length)
{
    struct queued_reply *e = reply_queue_add(&net->port[port].replies, length);
    if (!e)
        net_drop(net, port, RILL_DROP_REPLY_QUEUE_FULL);
    return e;
}

/* A known neighbour's MAC, else that of the frame's sender: a reply without a connection cannot
 * wait for ARP, and concerns only the station that asked. */
static struct mac reply_mac(struct net *net, const struct arrival *in)
{
    struct neighbour *n = neighbour_find(&net->neighbours, in->port, in->source);
    return n && neighbour_usable(n) ? n->mac : in->eth.source;
}

struct queued_reply *reply_to(struct net *net, const struct arrival *in, enum ip_protocol protocol,
                              size_t length)
{
    struct queued_reply *e = reply_add(net, in->port, length);
    if (!e)
        return NULL;
    e->type = ETH_TYPE_IP4;
    e->to = reply_mac(net, in);
    e->header = (struct ip4){
        .ttl = net->config.ttl,
        .protocol = (uint8_t)protocol,
        .source = in->ip.destination,
        .destination = in->ip.source,
        .id = net_ip_id(net),
    };
    return e;
}

static struct icmp_offence offence_of(const struct arrival *in)
{
    const struct rill_frame *f = in->frame;
    struct icmp_offence o = {.header = &in->ip,
                             .payload = in->payload,
                             .destination = in->kind,
                             .link_group = in->link_group};
    if (!f || !f->checksum_partial)
        return o;
    size_t headers = (size_t)(in->payload.at - (f->buffer + f->start));
    o.sum_partial = f->checksum_start >= headers;
    o.sum_start = f->checksum_start - headers;
    o.sum_offset = f->checksum_offset;
    return o;
}

void reply_error(struct net *net, const struct arrival *in, const struct icmp *error)
{
    struct icmp_offence offence = offence_of(in);
    if (!icmp_error_allowed(&offence))
        return;
    bool limited = in->port != RILL_LOOPBACK_PORT; /* as in Linux */
    if (limited && !peer_limit_take(&net->errors, in->source, &net->random, net->now)) {
        net_drop(net, in->port, RILL_DROP_RATE_LIMIT);
        return;
    }
    struct queued_reply *e = reply_to(net, in, IP_PROTOCOL_ICMP, icmp_error_length(&offence));
    if (!e)
        return;
    icmp_error_write(e->payload, error, &offence);
    net->counters.value[RILL_IcmpOutMsgs]++;
    net->counters.value[error->type == ICMP_UNREACHABLE ? RILL_IcmpOutDestUnreachs
                                                        : RILL_IcmpOutTimeExcds]++;
}

void reply_segment(struct net *net, const struct arrival *in, const struct tcp_reply *r)
{
    struct rill_address local = r->flow.local, remote = r->flow.remote;
    if (r->header.flags & TCP_RST && !limit_take(&net->resets, &net->random, net->now)) {
        net_drop(net, in->port, RILL_DROP_RATE_LIMIT);
        return;
    }
    size_t length = tcp_header_length(&r->header.options);
    struct queued_reply *e = reply_to(net, in, IP_PROTOCOL_TCP, length);
    if (!e)
        return;
    e->reason = (uint8_t)r->reason;
    e->state = r->state;
    e->header.dont_fragment = true;
    e->header.id = 0;
    e->header.tos = r->tos;
    if (r->ttl)
        e->header.ttl = r->ttl;
    tcp_header_write(e->payload, &r->header);
    uint64_t sum = checksum_pseudo(local, remote, IP_PROTOCOL_TCP, (uint32_t)length);
    tcp_checksum_put(e->payload, checksum_finish(checksum_add(sum, span_of(e->payload, length))));
    net->counters.value[RILL_TcpOutSegs]++;
}

void reply_reassembly_timeout(struct net *net, const struct reassembly_expired *r)
{
    net->counters.value[RILL_IpReasmTimeout]++;
    struct rill_address source = rill_address_ip4(r->header.source);
    uint16_t number = 0;
    struct path *path = routing_path(net, &number, source);
    struct mac mac;
    struct neighbour *n;
    if (!r->has_first || !path || routing_next_hop(net, path, &mac, &n) != NEXT_HOP_RESOLVED)
        return;
    struct arrival in = {
        .port = path->port,
        .eth.source = mac,
        .ip = r->header,
        .source = source,
        .destination = rill_address_ip4(r->header.destination),
        .payload = r->payload,
    };
    in.kind = address_kind(&net->addresses, path->port, in.destination);
    struct icmp error = {.type = ICMP_TIME_EXCEEDED, .code = ICMP_TIME_EXCEEDED_REASSEMBLY};
    reply_error(net, &in, &error);
}

/* The numbers are those on the wire, because the initial ones are unknown here. */
void reply_trace(struct net *net, const struct queued_reply *e)
{
    struct tcp_header h;
    struct rill_span text;
    if (!trace_on(&net->trace) || e->type != ETH_TYPE_IP4 ||
        e->header.protocol != IP_PROTOCOL_TCP ||
        tcp_header_parse(&h, span_of(e->payload, e->length), &text))
        return;
    struct rill_trace_record r = {
        .when = net->now,
        .seq = h.seq.n,
        .ack = h.flags & TCP_ACK ? h.ack.n : 0,
        .window = h.window,
        .local_ip4 = e->header.source,
        .remote_ip4 = e->header.destination,
        .local_port = h.source,
        .remote_port = h.destination,
        .event = RILL_EVENT_SEGMENT_OUT,
        .before = e->state,
        .after = e->state,
        .reason = e->reason,
        .flags = (uint8_t)h.flags,
    };
    trace_write(&net->trace, &r);
}
