#include "sim/attack.h"

#include "socket/rill.h"
#include "tcp/seq.h"
#include "wire/icmp.h"

#include <stdio.h>

#define NOBODY 0x0a420000 /* 10.66.0.0: no hosts have these addresses */
#define FAR (1u << 28)    /* far from all sequence numbers in flight or in a window */

/* A frame that is being built. */
struct forgery {
    uint8_t frame[ETH_HEADER + 1500];
    size_t length;
    const struct rill_sim_node *victim;
    uint32_t source; /* the claimed source */
};

static void begin(struct forgery *f, const struct rill_sim_node *victim, uint32_t source)
{
    struct eth eth = {.source = {{2, 0, 0, 0x66, 0x66, 0x66}}, .type = ETH_TYPE_IP4};
    f->victim = victim;
    f->source = source;
    memcpy(eth.destination.byte, rill_sim_mac(victim), sizeof eth.destination.byte);
    f->length = eth_write(f->frame, &eth);
}

static void add_ip(struct forgery *f, uint8_t protocol, size_t payload)
{
    struct ip4 ip = {.total_length = (uint16_t)(IP4_HEADER + payload),
                     .ttl = 64,
                     .protocol = protocol,
                     .source = f->source,
                     .destination = rill_sim_address(f->victim)};
    f->length += ip4_write(f->frame + f->length, &ip);
}

/* A header, and so many bytes of text. */
static void add_tcp(struct forgery *f, const struct tcp_header *h, size_t text)
{
    size_t length = tcp_header_length(&h->options) + text;
    add_ip(f, IP_PROTOCOL_TCP, length);
    uint8_t *tcp = f->frame + f->length;
    size_t header = tcp_header_write(tcp, h);
    memset(tcp + header, 0x66, text);
    uint64_t sum =
        checksum_pseudo(rill_address_ip4(f->source), rill_address_ip4(rill_sim_address(f->victim)),
                        IP_PROTOCOL_TCP, (uint32_t)length);
    tcp_checksum_put(tcp, checksum_finish(checksum_add(sum, span_of(tcp, length))));
    f->length += length;
}

static void arrive(struct rill_sim_node *victim, const struct forgery *f)
{
    rill_sim_inject(victim, f->frame, f->length);
}

/* ---- Against a connection ---- */

/* One of the victim's connections, NULL: it has none. */
static const struct tcp_conn *draw_connection(struct trial *t, const struct rill_sim_node *victim)
{
    const struct table *table = &rill_sim_stack(victim)->net.tcp.table;
    const struct tcp_conn *chosen = NULL;
    uint64_t cursor = 0, seen = 0;
    for (head_ref r; (r = table_walk(table, &cursor)) != 0;)
        if (ref_kind(r) == HEAD_CONNECTION && trial_once_in(t, ++seen))
            chosen = conn_of(table_at(table, r));
    return chosen;
}

/* Anywhere in the window except its left edge, which a reset would have to hit. */
static position draw_in_window(struct trial *t, const struct tcp_conn *c)
{
    position window = c->rcv.edge - c->rcv.nxt;
    return window > 1 ? c->rcv.nxt + (position)trial_draw(t, 1, (uint64_t)window - 1)
                      : c->rcv.nxt + FAR;
}

/* An invalid acknowledgement: of data that was never sent, or older than the largest window of the
 * victim's peer (RFC 5961 5.2). */
static position draw_wrong_ack(struct trial *t, const struct tcp_conn *c)
{
    position far = (position)trial_draw(t, 1, FAR);
    return trial_once_in(t, 2) ? c->snd.nxt + far : c->snd.una - (position)c->snd.wnd_max - far;
}

/* RFC 5961: no single such segment ends or moves the connection, or adds data to it. */
static void forge_segment(struct trial *t, struct forgery *f, const struct tcp_conn *c)
{
    static const uint16_t flags[] = {TCP_RST,           TCP_RST | TCP_ACK, TCP_SYN,
                                     TCP_SYN | TCP_ACK, TCP_ACK,           TCP_PSH | TCP_ACK,
                                     TCP_FIN | TCP_ACK, TCP_URG | TCP_ACK};
    enum rill_tcp_state s = conn_state(c);
    bool opens = s == RILL_TCP_SYN_SENT || s == RILL_TCP_SYN_RECEIVED;
    struct tcp_header h = {.source = c->sender.head.flow.remote_port,
                           .destination = c->sender.head.flow.local_port,
                           .flags = flags[trial_draw(t, 0, 7)],
                           .window = (uint16_t)trial_draw(t, 0, 65535),
                           .urgent = (uint16_t)trial_draw(t, 0, 9)};
    /* A connection in SYN-SENT would accept a SYN: RFC 9293 3.5, simultaneous open. */
    if (opens && h.flags & TCP_SYN)
        h.flags = TCP_RST | TCP_ACK;
    bool exact = !trial_once_in(t, 4) && !(h.flags & TCP_RST);
    position seq = exact ? c->rcv.nxt : draw_in_window(t, c);
    h.seq = seq_wrap(seq, c->irs);
    h.ack = seq_wrap(draw_wrong_ack(t, c), c->iss);
    if (c->timestamps && !trial_once_in(t, 3)) {
        h.options.has_timestamps = true;
        h.options.timestamp_value = c->ts_recent + (uint32_t)trial_draw(t, 0, 1000);
    }
    add_tcp(f, &h, (size_t)trial_draw(t, 0, 3) * 100);
}

/* RFC 5927 4.1: the quoted segment is not in flight. */
static void forge_icmp(struct trial *t, struct forgery *f, const struct tcp_conn *c)
{
    static const uint8_t codes[] = {ICMP_UNREACHABLE_NET, ICMP_UNREACHABLE_HOST,
                                    ICMP_UNREACHABLE_PROTOCOL, ICMP_UNREACHABLE_PORT,
                                    ICMP_UNREACHABLE_FRAGMENTATION_NEEDED};
    uint8_t quote[IP4_HEADER + 8];
    struct ip4 ip = {.total_length = IP4_HEADER + 1000,
                     .dont_fragment = true,
                     .ttl = 60,
                     .protocol = IP_PROTOCOL_TCP,
                     .source = rill_sim_address(f->victim),
                     .destination = rill_address_to_ip4(c->sender.head.flow.remote)};
    size_t n = ip4_write(quote, &ip);
    wire_put16(quote + n, c->sender.head.flow.local_port);
    wire_put16(quote + n + 2, c->sender.head.flow.remote_port);
    wire_put32(quote + n + 4, seq_wrap(c->snd.nxt, c->iss).n + FAR);
    struct icmp icmp = {.type = trial_once_in(t, 4) ? ICMP_SOURCE_QUENCH : ICMP_UNREACHABLE};
    if (icmp.type == ICMP_UNREACHABLE)
        icmp.code = codes[trial_draw(t, 0, 4)];
    if (icmp.type == ICMP_UNREACHABLE && icmp.code == ICMP_UNREACHABLE_FRAGMENTATION_NEEDED)
        icmp.next_hop_mtu = (uint16_t)trial_draw(t, 0, 600);
    add_ip(f, IP_PROTOCOL_ICMP, ICMP_HEADER + sizeof quote);
    f->length += icmp_write(f->frame + f->length, &icmp, span_of(quote, sizeof quote));
    memcpy(f->frame + f->length, quote, sizeof quote);
    f->length += sizeof quote;
}

static void at_connection(struct trial *t, struct rill_sim_node *victim)
{
    struct forgery f;
    const struct tcp_conn *c = draw_connection(t, victim);
    if (!c)
        return;
    begin(&f, victim, rill_address_to_ip4(c->sender.head.flow.remote));
    if (trial_once_in(t, 4))
        forge_icmp(t, &f, c);
    else
        forge_segment(t, &f, c);
    arrive(victim, &f);
}

/* ---- Against the host ---- */

/* A SYN, or another first segment, from a host that does not exist. */
static void from_nobody(struct trial *t, struct rill_sim_node *victim)
{
    struct forgery f;
    struct tcp_header h = {.source = (uint16_t)trial_draw(t, 1, 65535),
                           .destination = (uint16_t)trial_draw(t, 1, 4),
                           .seq = {(uint32_t)trial_draw(t, 0, UINT32_MAX)},
                           .ack = {(uint32_t)trial_draw(t, 0, UINT32_MAX)},
                           .flags = trial_once_in(t, 3) ? TCP_ACK : TCP_SYN,
                           .window = 65535};
    begin(&f, victim, NOBODY + (uint32_t)trial_draw(t, 0, 1000));
    add_tcp(&f, &h, 0);
    arrive(victim, &f);
}

void attack_flood(struct trial *t, struct rill_sim_node *victim, unsigned frames)
{
    struct tcp_header h = {
        .destination = (uint16_t)trial_draw(t, 1, 3), .flags = TCP_SYN, .window = 65535};
    t->attacked = true;
    trial_print(t, "%s is flooded with %u SYNs", rill_sim_name(victim), frames);
    for (unsigned i = 0; i < frames; i++) {
        struct forgery f;
        h.source = (uint16_t)trial_draw(t, 1, 65535);
        h.seq.n = (uint32_t)trial_draw(t, 0, UINT32_MAX);
        begin(&f, victim, NOBODY + (uint32_t)trial_draw(t, 0, 65535));
        add_tcp(&f, &h, 0);
        arrive(victim, &f);
    }
}

/* Of few datagrams, so that some meet. */
static void forge_fragment(struct trial *t, struct rill_sim_node *victim)
{
    struct forgery f;
    size_t length = (size_t)trial_draw(t, 0, 185) * (trial_once_in(t, 4) ? 1 : 8);
    struct ip4 ip = {.total_length = (uint16_t)(IP4_HEADER + length),
                     .id = (uint16_t)trial_draw(t, 0, 63),
                     .more_fragments = !trial_once_in(t, 4),
                     .fragment_offset =
                         (uint16_t)(8 * trial_draw(t, 0, trial_once_in(t, 2) ? 31 : 8191)),
                     .ttl = 64,
                     .protocol = trial_once_in(t, 2) ? IP_PROTOCOL_UDP : IP_PROTOCOL_TCP,
                     .destination = rill_sim_address(victim)};
    begin(&f, victim, NOBODY + (uint32_t)trial_draw(t, 0, 15));
    ip.source = f.source;
    f.length += ip4_write(f.frame + f.length, &ip);
    memset(f.frame + f.length, (int)trial_draw(t, 0, 255), length);
    f.length += length;
    arrive(victim, &f);
}

void attack_fragments(struct trial *t, struct rill_sim_node *victim, unsigned frames)
{
    t->attacked = true;
    trial_print(t, "%s is attacked with %u fragments", rill_sim_name(victim), frames);
    for (unsigned i = 0; i < frames; i++)
        forge_fragment(t, victim);
}

/* Random bytes after headers that are partly correct. */
static void noise(struct trial *t, struct rill_sim_node *victim)
{
    struct forgery f;
    size_t length = (size_t)trial_draw_scale(t, 1, 256);
    begin(&f, victim, NOBODY + (uint32_t)trial_draw(t, 0, 1000));
    if (!trial_once_in(t, 3))
        add_ip(&f, (uint8_t)trial_draw(t, 0, 20), length);
    for (size_t i = 0; i < length; i++)
        f.frame[f.length++] = (uint8_t)trial_draw(t, 0, 255);
    arrive(victim, &f);
}

void attack(struct trial *t, struct rill_sim_node *victim, unsigned frames)
{
    t->attacked = true;
    trial_print(t, "%s is attacked with %u frames", rill_sim_name(victim), frames);
    for (unsigned i = 0; i < frames; i++) {
        uint64_t kind = trial_draw(t, 0, 7);
        if (kind == 0)
            noise(t, victim);
        else if (kind < 3)
            from_nobody(t, victim);
        else
            at_connection(t, victim);
    }
}
