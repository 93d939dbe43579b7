/* Output: what a port must send now, in this order: queued replies, ARP requests and claims, then
 * TCP and UDP in turn. Each frame is built when the device has room for it. */
#include "net/multicast.h"
#include "net/reply.h"
#include "net/routing.h"
#include "net/waiting.h"

#include <errno.h>

#define IP_AT ETH_HEADER /* offsets in the frame's buffer: only IGMP has IPv4 options */
#define PAYLOAD_AT (ETH_HEADER + IP4_HEADER)
#define SENDERS_PER_FRAME 64 /* tried in one pull: they may have nothing to send */

/* An empty frame with room for the link header. */
static void frame_start(struct rill_frame *f)
{
    *f = (struct rill_frame){.buffer = f->buffer, .room = f->room, .start = ETH_HEADER};
}

/* The frame holds a complete packet: adds the link header, and does what the device cannot. Returns
 * the number of frames that result. */
static unsigned frame_finish(const struct net_port *p, struct rill_frame *f, struct mac to,
                             uint16_t type)
{
    port_wrap(&p->link, f, to, type);
    return port_lower(&p->link, f);
}

static void write_ip(struct net *net, struct rill_frame *f, struct ip4 *ip, size_t payload)
{
    ip->total_length = (uint16_t)(IP4_HEADER + payload);
    ip4_write(f->buffer + IP_AT, ip);
    net->counters.value[RILL_IpOutRequests]++;
}

/* The transport checksum field holds only the sum of the pseudo-header: port_lower or the device
 * completes it. */
static void leave_checksum(struct rill_frame *f, uint16_t offset, size_t header)
{
    f->header_length = (uint16_t)(PAYLOAD_AT + header - f->start);
    f->checksum_partial = true;
    f->checksum_start = (uint16_t)(PAYLOAD_AT - f->start);
    f->checksum_offset = offset;
}

/* Sends one fragment of the oldest queued datagram, or all of it. */
static void send_reply_ip(struct net *net, struct net_port *p, struct queued_reply *e,
                          struct rill_frame *f)
{
    struct reply_queue *q = &p->replies;
    struct fragment piece;
    if (!q->cutting) {
        uint16_t mtu = e->mtu ? min_of(e->mtu, p->link.mtu) : p->link.mtu;
        fragments_start(&q->cut, e->length, IP4_HEADER, mtu);
        q->cutting = true;
    }
    fragments_next(&q->cut, &piece);
    struct ip4 ip = e->header;
    ip.fragment_offset = (uint16_t)piece.offset;
    ip.more_fragments = piece.more;
    if (piece.more || piece.offset)
        net->counters.value[RILL_IpFragCreates]++;
    write_ip(net, f, &ip, piece.length);
    memcpy(f->buffer + PAYLOAD_AT, e->payload + piece.offset, piece.length);
    f->length = (uint32_t)(IP4_HEADER + piece.length);
    frame_finish(p, f, e->to, ETH_TYPE_IP4);
    if (piece.more)
        return;
    net->counters.value[RILL_IpFragOKs] += piece.offset != 0;
    reply_trace(net, e);
    reply_queue_drop_first(q);
}

/* Sends one frame of the oldest queued entry. */
static unsigned send_reply(struct net *net, struct net_port *p, struct rill_frame *f)
{
    struct queued_reply *e = reply_queue_first(&p->replies);
    if (e->type == ETH_TYPE_IP4) {
        send_reply_ip(net, p, e, f);
        return 1;
    }
    memcpy(f->buffer + IP_AT, e->payload, e->length);
    f->length = e->length;
    frame_finish(p, f, e->to, e->type);
    reply_queue_drop_first(&p->replies);
    return 1;
}

static void send_arp(struct net *net, struct net_port *p, struct rill_frame *f,
                     const struct arp *arp, struct mac to)
{
    f->length = (uint32_t)arp_write(f->buffer + IP_AT, arp);
    frame_finish(p, f, to, ETH_TYPE_ARP);
    net->counters.value[RILL_ArpOutRequests]++;
}

/* RFC 5227: probes, announcements and defences of our own addresses. */
static bool send_claim(struct net *net, int port, struct rill_frame *f)
{
    struct net_port *p = &net->port[port];
    for (unsigned i = 0; i < net->claims; i++) {
        struct net_claim *c = &net->claim[i];
        struct arp arp;
        if (c->port != port || !claim_next(&c->claim, p->link.mac, &net->random, net->now, &arp))
            continue;
        struct local_address *a = address_find(&net->addresses, port, c->address);
        if (a->state == RILL_ADDRESS_PROBING && claim_usable(&c->claim)) {
            a->state = RILL_ADDRESS_READY;
            paths_outdate(&net->paths);
        }
        net_notices_changed(net);
        send_arp(net, p, f, &arp, mac_broadcast);
        return true;
    }
    return false;
}

/* RFC 3376 4: the groups that this host is in. */
static bool send_report(struct net *net, int port, struct rill_frame *f)
{
    struct ip4 ip;
    uint8_t *payload = f->buffer + PAYLOAD_AT + IP4_ROUTER_ALERT;
    if (groups_deadline(&net->groups) > net->now || !multicast_report(net, port, &ip, payload))
        return false;
    ip4_write(f->buffer + IP_AT, &ip);
    f->length = ip.total_length;
    frame_finish(&net->port[port], f, mac_of_ip4_group(ip.destination), ETH_TYPE_IP4);
    net->counters.value[RILL_IpOutRequests]++;
    net->counters.value[RILL_IpExtOutMcastPkts]++;
    return true;
}

/* RFC 4861 7.2.2, with ARP: the source is the address that the target would answer to. */
static bool send_request(struct net *net, int port, struct rill_frame *f)
{
    struct net_port *p = &net->port[port];
    struct neighbour_request r;
    while (neighbour_next_request(&net->neighbours, port, net->now, &r)) {
        const struct local_address *source =
            address_source(&net->addresses, port, r.target, r.target);
        if (!source)
            continue;
        struct arp arp = {.operation = ARP_REQUEST,
                          .sender_mac = p->link.mac,
                          .sender = rill_address_to_ip4(source->address),
                          .target = rill_address_to_ip4(r.target)};
        send_arp(net, p, f, &arp, r.destination);
        return true;
    }
    return false;
}

/* Finds the sender's path and MAC. False: the sender waits, has moved to another port, or has
 * ended. */
static bool tcp_find_hop(struct net *net, int port, struct sender *s, struct path **path,
                         struct mac *mac)
{
    struct neighbour *n;
    *path = routing_path(net, &s->path, s->head.flow.remote);
    if (!*path) {
        tcp_unreachable(&net->tcp, s);
        return false;
    }
    if ((*path)->port != port) {
        tcp_move(&net->tcp, s, (uint8_t)(*path)->port);
        return false;
    }
    switch (routing_next_hop(net, *path, mac, &n)) {
    case NEXT_HOP_RESOLVED:
        return true;
    case NEXT_HOP_PENDING:
        list_remove(&s->node);
        list_append(&n->waiting[NET_WAITS_TCP], &s->node);
        return false;
    case NEXT_HOP_FAILED:
        tcp_unreachable(&net->tcp, s);
        return false;
    }
    return false;
}

/* The segment's frame, from the flow's own address (MUST-45): headers in the buffer, text in the
 * send ring. */
static void write_segment(struct net *net, struct rill_frame *f, const struct flow *flow,
                          bool dont_fragment, const struct tcp_emission *e)
{
    uint8_t *header = f->buffer + PAYLOAD_AT;
    size_t header_length = tcp_header_write(header, &e->header), length = header_length + e->length;
    uint64_t sum = checksum_pseudo(flow->local, flow->remote, IP_PROTOCOL_TCP, (uint32_t)length);
    tcp_checksum_put(header, checksum_fold(sum));
    struct ip4 ip = {
        .tos = e->tos,
        .dont_fragment = dont_fragment, /* atomic: its id may be anything (RFC 6864 4.1) */
        .id = dont_fragment ? 0 : net_ip_id(net),
        .ttl = e->ttl,
        .protocol = IP_PROTOCOL_TCP,
        .source = rill_address_to_ip4(flow->local),
        .destination = rill_address_to_ip4(flow->remote),
    };
    write_ip(net, f, &ip, length);
    f->length = (uint32_t)(IP4_HEADER + header_length);
    for (unsigned i = 0; i < e->text_count; i++)
        f->gather[i] = e->text[i];
    f->gather_count = (uint8_t)e->text_count;
    f->gso_size = e->gso_size;
    leave_checksum(f, TCP_CHECKSUM_OFFSET, header_length);
}

/* gso_max counts bytes of IP: subtracts the longest headers. */
static uint32_t superframe_text(const struct port *p)
{
    return p->gso_max ? p->gso_max - IP4_HEADER - TCP_HEADER_MAX : 0;
}

/* If the path MTU is below what ICMP can report, only senders that insist on DF still set it. */
static bool dont_fragment(const struct net *net, const struct path *path, enum ip4_discovery d)
{
    return ip4_discovery_sets_df(d) &&
           (d != IP4_DISCOVERY_WANT || pmtu_discovers(&path->pmtu, net->now));
}

/* Skips senders that have nothing to send, up to a limit. Returns the number of frames, `room` at
 * most. */
static unsigned send_tcp(struct net *net, int port, struct rill_frame *f, unsigned room)
{
    struct net_port *p = &net->port[port];
    for (int i = 0; i < SENDERS_PER_FRAME; i++) {
        struct sender *s = tcp_next_sender(&net->tcp, port);
        struct path *path;
        struct mac mac;
        struct tcp_emission e;
        if (!s)
            return 0;
        if (!tcp_find_hop(net, port, s, &path, &mac))
            continue;
        struct flow flow = s->head.flow; /* the sender may be freed after its last segment */
        struct tcp_path facts = {
            .segment_max = (uint16_t)(routing_mtu(net, path) - IP4_HEADER),
            .port_segment_max = (uint16_t)(p->link.mtu - IP4_HEADER),
            .gso_max = superframe_text(&p->link),
            .train_max = room,
        };
        if (!tcp_output(&net->tcp, s, &facts, &e))
            continue;
        write_segment(net, f, &flow, dont_fragment(net, path, e.discovery), &e);
        return frame_finish(p, f, mac, ETH_TYPE_IP4);
    }
    return 0;
}

/* Bytes of IP that the datagram may have without fragmentation. To a group it leaves through any
 * port, and nothing is learned about the path. */
static uint16_t datagram_mtu(const struct net *net, const struct path *path,
                             const struct udp_datagram *d)
{
    bool learned = path->kind != PATH_GROUP && ip4_discovery_heeds_icmp(d->discovery);
    return learned ? routing_mtu(net, path) : net->port[d->port].link.mtu;
}

/* The device may cut (USO), unless the pieces would still exceed the path MTU. */
static struct udp_piece next_piece(const struct net_port *p, const struct udp_datagram *d,
                                   uint16_t mtu)
{
    bool cuts = p->link.cuts_udp && udp_packet_length(d->segment) <= mtu;
    return udp_next_piece(d, cuts ? p->link.gso_max - (uint32_t)udp_packet_length(0) : 0);
}

/* Copies the text behind the header at `to`. Returns its length. */
static size_t put_text(uint8_t *to, const struct udp_piece *piece)
{
    if (piece->text.length)
        memcpy(to + UDP_HEADER, piece->text.at, piece->text.length);
    return piece->text.length;
}

static struct ip4 datagram_header(struct net *net, const struct udp_datagram *d, bool whole)
{
    return (struct ip4){
        .tos = d->tos,
        .dont_fragment = whole,
        .id = whole ? 0 : net_ip_id(net), /* RFC 6864 4.1 */
        .ttl = d->ttl,
        .protocol = IP_PROTOCOL_UDP,
        .source = rill_address_to_ip4(d->local),
        .destination = rill_address_to_ip4(d->remote),
    };
}

/* A datagram that fits is sent at once; if the device cuts, several are, and their text stays in
 * place. */
static void write_whole(struct net *net, const struct path *path, struct rill_frame *f,
                        const struct udp_datagram *d, const struct udp_piece *piece, struct mac to)
{
    struct net_port *p = &net->port[d->port];
    struct ip4 ip = datagram_header(net, d, dont_fragment(net, path, d->discovery));
    uint32_t length = (uint32_t)(UDP_HEADER + piece->text.length);
    write_ip(net, f, &ip, length);
    udp_write_header(d, piece, f->buffer + PAYLOAD_AT);
    f->length = IP4_HEADER + UDP_HEADER;
    f->gso_size = piece->segment;
    if (piece->segment)
        f->gather[f->gather_count++] = piece->text;
    else
        f->length += (uint32_t)put_text(f->buffer + PAYLOAD_AT, piece);
    leave_checksum(f, UDP_CHECKSUM_OFFSET, UDP_HEADER);
    frame_finish(p, f, to, ETH_TYPE_IP4);
}

/* A longer one is fragmented like a long reply, if the reply queue has room. */
static bool write_cut(struct net *net, struct rill_frame *f, const struct udp_datagram *d,
                      const struct udp_piece *piece, struct mac to, uint16_t mtu)
{
    struct net_port *p = &net->port[d->port];
    uint32_t length = (uint32_t)(UDP_HEADER + piece->text.length);
    struct queued_reply *e = reply_queue_add(&p->replies, length);
    if (!e)
        return false;
    e->type = ETH_TYPE_IP4;
    e->to = to;
    e->mtu = mtu;
    e->header = datagram_header(net, d, false);
    udp_write_header(d, piece, e->payload);
    put_text(e->payload, piece);
    udp_finish(e->payload, length); /* the device sees only fragments */
    send_reply(net, p, f);
    return true;
}

static bool write_datagram(struct net *net, const struct path *path, struct rill_frame *f,
                           struct udp_socket *s, struct mac to)
{
    const struct udp_datagram *d = udp_first_unsent(s);
    uint16_t mtu = datagram_mtu(net, path, d);
    struct udp_piece piece = next_piece(&net->port[d->port], d, mtu);
    if (piece.segment || udp_packet_length(piece.text.length) <= mtu)
        write_whole(net, path, f, d, &piece, to);
    else if (!write_cut(net, f, d, &piece, to, mtu))
        return false;
    udp_sent(&net->udp, s, &piece);
    net->counters.value[RILL_IpExtOutMcastPkts] += path->is_multicast;
    return true;
}

/* The path MTU has shrunk since the call, and the datagram must not be fragmented. */
static bool must_refuse(const struct net *net, const struct path *path,
                        const struct udp_datagram *d)
{
    struct udp_piece one = udp_next_piece(d, 0);
    return ip4_discovery_refuses(d->discovery) &&
           udp_packet_length(one.text.length) > datagram_mtu(net, path, d);
}

static bool send_udp(struct net *net, int port, struct rill_frame *f)
{
    for (int i = 0; i < SENDERS_PER_FRAME; i++) {
        struct udp_socket *s = udp_next_sender(&net->udp, port);
        if (!s)
            return false;
        uint16_t number = 0;
        struct path *path = routing_path(net, &number, udp_first_unsent(s)->remote);
        struct mac mac;
        struct neighbour *n;
        if (path && path->port != port &&
            path->kind != PATH_GROUP) { /* a route has changed since the call */
            udp_move(&net->udp, s, (uint8_t)path->port);
            continue;
        }
        enum next_hop_state hop = path ? routing_next_hop(net, path, &mac, &n) : NEXT_HOP_FAILED;
        if (hop == NEXT_HOP_RESOLVED && must_refuse(net, path, udp_first_unsent(s))) {
            net->counters.value[RILL_IpFragFails]++; /* RFC 1213 */
            udp_fail(&net->udp, s, EMSGSIZE, net->now);
            continue;
        }
        if (hop == NEXT_HOP_RESOLVED)
            return write_datagram(net, path, f, s, mac);
        if (hop == NEXT_HOP_FAILED) {
            udp_fail(&net->udp, s, path ? EHOSTUNREACH : ENETUNREACH, net->now);
        } else {
            list_remove(&s->sender);
            list_append(&n->waiting[NET_WAITS_UDP], &s->sender);
        }
    }
    return false;
}

static bool notice_is_due(const struct net *net)
{
    return net->notices_at <= net->now;
}

/* One frame, or the frames of a train, at most `room`. 0: the port has nothing to send. Most frames
 * are TCP's, so the other sources are checked only if they have something. */
static unsigned send_next(struct net *net, int port, struct rill_frame *f, unsigned room)
{
    unsigned n;
    struct net_port *p = &net->port[port];
    frame_start(f);
    if (reply_queue_first(&p->replies))
        return send_reply(net, p, f);
    if (notice_is_due(net) && (send_claim(net, port, f) || send_report(net, port, f)))
        return 1;
    if (neighbour_has_request(&net->neighbours, port) && send_request(net, port, f))
        return 1;
    p->udp_turn = !p->udp_turn;
    if (p->udp_turn && udp_next_sender(&net->udp, port) && send_udp(net, port, f))
        return 1;
    if ((n = send_tcp(net, port, f, room)) > 0)
        return n;
    return send_udp(net, port, f) || send_request(net, port, f);
}

/* Most pulls find nothing, so this check must be cheap. */
static bool has_work(const struct net *net, int port)
{
    return net_port_has_work(net, port) || notice_is_due(net);
}

static bool timer_is_due(const struct net *net)
{
    return tcp_deadline(&net->tcp) <= net->now ||
           neighbours_deadline(&net->neighbours) <= net->now ||
           reassembly_is_due(&net->reassembly, net->now);
}

/* Runs due timers, once for each pull: received ACKs have already stopped the timers that they make
 * obsolete. */
static void expire(struct net *net)
{
    struct reassembly_expired lost;
    tcp_expire(&net->tcp);
    for (struct neighbour *n; (n = neighbour_expire(&net->neighbours, net->now)) != NULL;)
        waiting_fail(net, n);
    while (reassembly_expire(&net->reassembly, net->now, &lost)) {
        net->counters.drop[RILL_DROP_FRAGMENT_TIMEOUT]++;
        reply_reassembly_timeout(net, &lost);
    }
}

unsigned net_transmit(struct net *net, int port, struct rill_frame *frames, unsigned max)
{
    unsigned n = 0, some;
    udp_forget_departed(&net->udp);
    if (memory_idles(&net->memory)) /* no pointer to a freed object is in use */
        pools_trim(&net->memory);
    if (timer_is_due(net))
        expire(net);
    net->tcp.queued = 0;
    net->trace.frame = net->frames + 1;
    net->trace.outbound = true;
    while (n < max && has_work(net, port) && (some = send_next(net, port, &frames[n], max - n)) > 0)
        while (some--)
            frames[n++].number = net->trace.frame++;
    net->frames += n;
    net->trace.frame = 0;
    net->trace.outbound = false;
    return n;
}
