/* Fuzz target: a whole stack with a listener, an established connection and a UDP socket hears a
 * sequence of frames, while time passes and its application goes on calling. Whole-object checks
 * are on; whatever is sent is well formed; at the end every byte has come back.
 *
 * The input begins with a byte that sets up the stack (enum setting). Then it is a list of steps: a
 * byte that says which, a byte for the length of what follows (a frame as it is, one with its
 * checksums put right, the fields of a segment of the connection, a fragment, a time in steps of
 * 10 ms, a call, an ICMP error that quotes what the stack sent last, a UDP datagram, an ARP
 * packet). */
#include "../sim/forge.h"
#include "replay/repair.h"

#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <rill/loopback.h>
#include <rill/rill.h>
#include <stdlib.h>

#define MTU 1500
#define SUPERFRAME 16000 /* bytes of IP */
#define QUOTED 128       /* of the last frame sent: all that an ICMP error may quote */
#define BATCH 16
#define FRAMES_MAX 4096 /* at one instant: more would be a storm */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step {
    STEP_FRAME,
    STEP_REPAIRED,
    STEP_SEGMENT,
    STEP_FRAGMENT,
    STEP_TIME,
    STEP_CALL,
    STEP_ERROR,
    STEP_DATAGRAM,
    STEP_ARP,
    STEPS
};

enum setting {
    SETTING_OPTIONS = 1,     /* the connection has timestamps and a window scale */
    SETTING_SUPERFRAMES = 2, /* the device cuts and joins segments */
    SETTING_LACK = 4,        /* hardly more memory than the stack needs for itself */
    SETTING_WRAP = 8,        /* the clock's milliseconds exceed 32 bits after ten seconds */
    SETTING_COOKIES = 16,    /* SYN cookies for every SYN */
    SETTING_PROBING = 32     /* path MTU discovery by probing, on every connection */
};
#define SETTING_CONGESTION 6 /* in the upper two bits: the congestion control */

struct scene {
    struct rill *rill;
    int port;
    rill_time now;
    int listener, udp, fd;
    uint8_t setting;
    struct tcp_header heard; /* of the stack's last segment to the peer, not counting RSTs */
    uint32_t seq, ack;       /* of the peer: SND.NXT and RCV.NXT as this segment lets it believe */
    uint8_t last[QUOTED];    /* the last frame sent, from its IPv4 header on */
    size_t quotable;
};

/* The peer's next segment belongs to the same connection, and may be the next in order. */
static void take_segment(struct scene *s, struct rill_span segment)
{
    struct tcp_header h;
    struct rill_span text;
    if (tcp_header_parse(&h, segment, &text) != RILL_DROP_NONE || h.flags & TCP_RST)
        return;
    s->heard = h;
    s->ack = h.seq.n + (uint32_t)text.length + !!(h.flags & TCP_SYN) + !!(h.flags & TCP_FIN);
    if (h.flags & TCP_ACK)
        s->seq = h.ack.n;
}

static void check_sent(struct scene *s, const uint8_t *frame, size_t length)
{
    struct ip4 ip;
    struct rill_span payload;
    assert(length >= ETH_MINIMUM);
    uint16_t type = wire_get16(frame + 12);
    assert(type == ETH_TYPE_ARP || type == ETH_TYPE_IP4);
    if (type == ETH_TYPE_ARP)
        return;
    enum rill_drop drop =
        ip4_parse(&ip, span_of(frame + ETH_HEADER, length - ETH_HEADER), &payload);
    assert(drop == RILL_DROP_NONE);
    assert(ip.source == FORGE_VICTIM);
    s->quotable = min_of(length - ETH_HEADER, sizeof s->last);
    memcpy(s->last, frame + ETH_HEADER, s->quotable);
    if (ip.protocol != IP_PROTOCOL_TCP)
        return;
    assert(
        tcp_checksum_good(rill_address_ip4(ip.source), rill_address_ip4(ip.destination), payload));
    if (ip.destination == FORGE_PEER)
        take_segment(s, payload);
}

static void pull(struct scene *s)
{
    static uint8_t buffer[BATCH][SUPERFRAME + ETH_HEADER];
    struct rill_frame frame[BATCH];
    unsigned n = BATCH, sum = 0;
    while (rill_loopback_turn(s->rill, s->now) || n == BATCH) {
        for (unsigned i = 0; i < BATCH; i++)
            frame[i] = (struct rill_frame){.buffer = buffer[i], .room = sizeof buffer[i]};
        n = rill_transmit(s->rill, s->port, frame, BATCH, s->now);
        for (unsigned i = 0; i < n; i++)
            check_sent(s, buffer[i] + frame[i].start, frame[i].length);
        sum += n + 1;
        assert(sum < FRAMES_MAX);
    }
}

/* `joined`: a superframe, of segments with so much text. */
static void hear_joined(struct scene *s, uint8_t *bytes, size_t length, uint16_t joined)
{
    struct rill_frame f = {
        .buffer = bytes, .room = (uint32_t)length, .length = (uint32_t)length, .gso_size = joined};
    rill_receive(s->rill, s->port, &f, 1, s->now);
    pull(s);
}

static void hear(struct scene *s, uint8_t *bytes, size_t length)
{
    hear_joined(s, bytes, length, 0);
}

static void pass(struct scene *s, rill_time time)
{
    rill_time until = s->now + time;
    while (s->now < until) {
        rill_time next = rill_deadline(s->rill);
        s->now = min_of(next, until);
        pull(s);
    }
}

/* ----------------------------------------------------------- the scene */

static int bound(int type, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = rill_socket(AF_INET, type | SOCK_NONBLOCK, 0);
    int failed = rill_bind(fd, (struct sockaddr *)&a, sizeof a);
    assert(fd >= 0 && !failed);
    return fd;
}

static void turn_on(int fd, int level, int option, int value)
{
    int failed = rill_setsockopt(fd, level, option, &value, sizeof value);
    assert(!failed);
}

/* Everything that the network says, and that becomes of a write, goes into the error queues. */
static void listen_to_errors(const struct scene *s)
{
    turn_on(s->udp, IPPROTO_IP, IP_RECVERR, 1);
    turn_on(s->udp, IPPROTO_IP, IP_PKTINFO, 1);
    turn_on(s->udp, SOL_SOCKET, SO_TIMESTAMP, 1);
    struct ip_mreq group = {{htonl(0xe00000fb)}, {htonl(FORGE_VICTIM)}}; /* mDNS */
    rill_setsockopt(s->udp, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
    turn_on(s->listener, IPPROTO_IP, IP_RECVERR, 1);
    turn_on(s->listener, SOL_SOCKET, SO_ZEROCOPY, 1);
    turn_on(s->listener, SOL_SOCKET, SO_TIMESTAMPING,
            SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE);
}

static void send_segment(struct scene *s, const struct tcp_header *h, struct rill_span text)
{
    uint8_t frame[MTU + ETH_HEADER];
    struct forge way = forge_honest();
    hear(s, frame, forge_tcp(frame, &way, h, text));
}

/* `later`: how much the peer's clock has advanced since its SYN, in ms. */
static void put_timestamp(const struct scene *s, struct tcp_options *o, uint32_t later)
{
    o->has_timestamps = s->setting & SETTING_OPTIONS;
    o->timestamp_value = 0xfffffff0u + later;
    o->timestamp_echo = s->heard.options.timestamp_value;
}

static void establish(struct scene *s)
{
    struct tcp_header h = {.source = 5000,
                           .destination = 80,
                           .seq = {1000},
                           .flags = TCP_SYN,
                           .window = 8192,
                           .options = {.has_sack_permitted = true,
                                       .has_mss = true,
                                       .mss = 1000,
                                       .has_window_scale = s->setting & SETTING_OPTIONS,
                                       .window_scale = 7}};
    put_timestamp(s, &h.options, 0);
    send_segment(s, &h, span_of(NULL, 0));
    h = (struct tcp_header){.source = 5000,
                            .destination = 80,
                            .seq = {s->seq},
                            .ack = {s->ack},
                            .flags = TCP_ACK,
                            .window = 8192};
    put_timestamp(s, &h.options, 0);
    send_segment(s, &h, span_of(NULL, 0));
    s->fd = rill_accept4(s->listener, NULL, NULL, SOCK_NONBLOCK);
    assert(s->fd >= 0);
}

static void set_up(uint8_t setting, struct rill_config *config)
{
    static const char *const congestion[] = {"cubic", "reno", "dctcp", "bbr"};
    rill_config_init(config);
    config->check = true;
    config->tcp.fast_open = RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_SERVER |
                            RILL_FAST_OPEN_CLIENT_NO_COOKIE | RILL_FAST_OPEN_SERVER_NO_COOKIE |
                            RILL_FAST_OPEN_ALL_LISTENERS;
    strcpy(config->tcp.congestion, congestion[setting >> SETTING_CONGESTION]);
    if (setting & SETTING_LACK)
        config->memory_budget = 820 << 10;
    if (setting & SETTING_COOKIES)
        config->tcp.syn_cookies = RILL_SYN_COOKIES_ALWAYS;
    if (setting & SETTING_PROBING)
        config->tcp.mtu_probing = RILL_MTU_PROBING_ALWAYS;
}

static void scene_open(struct scene *s, uint8_t setting)
{
    struct rill_config config;
    struct rill_port_config port = {.name = "fuzz", .mac = {2, 0, 0, 0, 0, 1}, .mtu = MTU};
    struct mac mac = forge_mac(2);
    rill_time wrap = RILL_MILLISECONDS(1ll << 32);
    *s = (struct scene){.setting = setting};
    s->now = setting & SETTING_WRAP ? wrap - RILL_SECONDS(15) : RILL_SECONDS(1000);
    set_up(setting, &config);
    if (setting & SETTING_SUPERFRAMES)
        port.gso_max = SUPERFRAME;
    s->rill = rill_new(&config, s->now);
    assert(s->rill);
    s->port = rill_port_add(s->rill, &port);
    rill_address_add(s->rill, s->port, rill_address_ip4(FORGE_VICTIM), 24, false);
    rill_neighbour_add(s->rill, s->port, rill_address_ip4(FORGE_PEER), mac.byte);
    rill_use(s->rill);
    s->listener = bound(SOCK_STREAM, 80);
    int failed = rill_listen(s->listener, 4);
    assert(!failed);
    s->udp = bound(SOCK_DGRAM, 7);
    listen_to_errors(s);
    pass(s, RILL_SECONDS(5));
    establish(s);
}

/* ----------------------------------------------------------- steps */

static uint8_t field(struct rill_span in, size_t i)
{
    return i < in.length ? in.at[i] : 0;
}

/* A signed offset, from bytes to the whole sequence space. */
static uint32_t offset(uint8_t byte, uint8_t shift)
{
    return (uint32_t)(int8_t)byte << (shift & 15) * 2;
}

/* Two bytes for each block: where it begins and ends, before what the peer has seen last. */
static void put_sack(const struct scene *s, struct tcp_options *o, struct rill_span in)
{
    for (uint8_t i = 0; i < o->sack_count; i++) {
        o->sack[i].left.n = s->ack - field(in, 2u * i) * 250u;
        o->sack[i].right.n = s->ack - field(in, 2u * i + 1) * 250u;
    }
}

/* Flags; signed offsets of seq and ack; window; the shifts of window and offsets; urgent pointer;
 * which options; the peer's clock; whether it is a superframe, or a SYN's port another one; text,
 * which begins with options: all of the connection that the stack last sent for, so that most of
 * them mean something. */
static void step_segment(struct scene *s, struct rill_span in)
{
    uint8_t frame[MTU + ETH_HEADER], raw = field(in, 6) % 16 * 4, shift = field(in, 4) >> 4;
    struct forge way = forge_honest();
    bool opens = (field(in, 0) & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    struct tcp_header h = {.source = (uint16_t)(s->heard.destination + (opens ? field(in, 8) : 0)),
                           .destination = s->heard.source,
                           .seq = {s->seq + offset(field(in, 1), shift)},
                           .ack = {s->ack + offset(field(in, 2), shift)},
                           .flags = field(in, 0),
                           .window = (uint16_t)(field(in, 3) << field(in, 4) % 9),
                           .urgent = field(in, 5)};
    struct rill_span text = in.length > 9 ? span_skip(in, 9) : span_of(NULL, 0);
    if (raw > 40) { /* else the options are the first bytes of the text */
        h.options.sack_count = field(in, 6) >> 4 & 3;
        put_timestamp(s, &h.options, offset(field(in, 7), field(in, 6) >> 6));
        put_sack(s, &h.options, text);
    }
    size_t length = forge_tcp(frame, &way, &h, text);
    if (raw <= 40 && raw <= text.length) {
        frame[ETH_HEADER + IP4_HEADER + 12] = (uint8_t)((TCP_HEADER + raw) << 2);
        repair_checksums(frame, length);
    }
    hear_joined(s, frame, length, s->setting & SETTING_SUPERFRAMES ? field(in, 8) : 0);
}

/* Type, code, two more fields, how much is quoted, and what is wrong in the quotation. */
static void step_error(struct scene *s, struct rill_span in)
{
    uint8_t frame[MTU + ETH_HEADER], quote[QUOTED];
    struct forge way = forge_honest();
    struct icmp icmp = {.type = field(in, 0) % 16,
                        .code = field(in, 1) % 16,
                        .next_hop_mtu = (uint16_t)(field(in, 2) << field(in, 3) % 9)};
    size_t length = min_of(s->quotable, field(in, 4) ? field(in, 4) : sizeof quote);
    memcpy(quote, s->last, length);
    if (length)
        quote[field(in, 5) % length] ^= field(in, 6);
    hear(s, frame, forge_icmp(frame, &way, &icmp, span_of(quote, length)));
}

/* The ports, and the data. */
static void step_datagram(struct scene *s, struct rill_span in)
{
    uint8_t frame[MTU + ETH_HEADER];
    struct forge way = forge_honest();
    struct rill_span data = in.length > 2 ? span_skip(in, 2) : span_of(NULL, 0);
    hear(s, frame, forge_udp(frame, &way, field(in, 0), field(in, 1), data));
}

/* The operation; which stations send and are asked; whether the sender has such an address. */
static void step_arp(struct scene *s, struct rill_span in)
{
    uint8_t frame[ETH_MINIMUM];
    struct forge way = forge_honest();
    struct arp arp = {.operation = field(in, 0) % 4,
                      .sender_mac = forge_mac(field(in, 1)),
                      .sender = field(in, 3) & 1 ? 0 : FORGE_VICTIM - 1 + field(in, 1),
                      .target_mac = forge_mac(1),
                      .target = FORGE_VICTIM - 1 + field(in, 2)};
    hear(s, frame, forge_arp(frame, &way, &arp));
}

static void step_fragment(struct scene *s, struct rill_span in)
{
    static const uint8_t protocols[] = {IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, IP_PROTOCOL_ICMP, 4};
    uint8_t frame[MTU + ETH_HEADER];
    struct forge way = forge_honest();
    way.ip.protocol = protocols[field(in, 0) & 3];
    way.ip.id = field(in, 0) >> 6;
    way.ip.more_fragments = field(in, 0) >> 2 & 1;
    way.ip.fragment_offset = (uint16_t)(field(in, 1) * 8);
    struct rill_span payload = in.length > 2 ? span_skip(in, 2) : span_of(NULL, 0);
    hear(s, frame, forge_ip4(frame, &way, payload));
}

/* With or without MSG_ERRQUEUE, and a control buffer that may be too small. */
static void read_message(int fd, uint8_t flags, uint8_t room)
{
    uint8_t bytes[4096];
    _Alignas(struct cmsghdr) uint8_t control[256];
    struct sockaddr_in name;
    struct iovec part = {bytes, (size_t)room * 16};
    struct msghdr m = {.msg_name = &name,
                       .msg_namelen = sizeof name,
                       .msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = room};
    rill_recvmsg(fd, &m, flags & 1 ? MSG_ERRQUEUE : 0);
}

static void step_call(struct scene *s, struct rill_span in)
{
    uint8_t bytes[4096] = {0};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(9),
                             .sin_addr.s_addr = htonl(0xc0000200u | field(in, 1))};
    switch (field(in, 0) % 8) {
    case 0:
        rill_send(s->fd, bytes, (size_t)field(in, 1) * 16, field(in, 2) & 1 ? MSG_ZEROCOPY : 0);
        break;
    case 1:
        read_message(s->fd, field(in, 2), field(in, 1));
        break;
    case 2:
        rill_shutdown(s->fd, field(in, 1) % 3);
        break;
    case 3:
        rill_close(s->fd);
        s->fd = rill_accept4(s->listener, NULL, NULL, SOCK_NONBLOCK);
        break;
    case 4:
        read_message(s->udp, field(in, 2), field(in, 1));
        break;
    case 5:
        rill_sendto(s->udp, bytes, (size_t)field(in, 2) * 16, 0, (struct sockaddr *)&to, sizeof to);
        break;
    case 6:
        rill_close(s->fd);
        s->fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (field(in, 2) & 1)
            rill_sendto(s->fd, bytes, (size_t)field(in, 3) * 16, MSG_FASTOPEN,
                        (struct sockaddr *)&to, sizeof to);
        else
            rill_connect(s->fd, (struct sockaddr *)&to, sizeof to);
        break;
    default:
        rill_memory_fail(s->rill, field(in, 1));
        break;
    }
    pull(s);
}

static void step_frame(struct scene *s, struct rill_span in, bool repair)
{
    uint8_t *exact = malloc(in.length ? in.length : 1);
    assert(exact);
    if (in.length)
        memcpy(exact, in.at, in.length);
    if (repair)
        repair_checksums(exact, in.length);
    hear(s, exact, in.length);
    free(exact);
}

static void take_step(struct scene *s, enum step step, struct rill_span in)
{
    switch (step) {
    case STEP_SEGMENT:
        step_segment(s, in);
        break;
    case STEP_FRAGMENT:
        step_fragment(s, in);
        break;
    case STEP_TIME:
        pass(s, RILL_MILLISECONDS(10) * field(in, 0) * (1 + field(in, 1)));
        break;
    case STEP_CALL:
        step_call(s, in);
        break;
    case STEP_ERROR:
        step_error(s, in);
        break;
    case STEP_DATAGRAM:
        step_datagram(s, in);
        break;
    case STEP_ARP:
        step_arp(s, in);
        break;
    default:
        step_frame(s, in, step == STEP_REPAIRED);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene s;
    struct rill_span in = span_of(data, size);
    scene_open(&s, field(in, 0));
    in = in.length ? span_skip(in, 1) : in;
    while (in.length >= 2) {
        enum step step = in.at[0] % STEPS;
        size_t length = min_of(in.at[1], in.length - 2);
        take_step(&s, step, span_of(in.at + 2, length));
        in = span_skip(in, 2 + length);
    }
    rill_use(NULL);
    rill_free(s.rill);
    return 0;
}
