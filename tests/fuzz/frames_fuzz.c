/* Fuzz target: a whole stack with a listener, an established connection and a UDP socket hears a
 * sequence of frames, while time passes and its application goes on calling. Whole-object checks
 * are on; whatever is sent is well formed; at the end every byte has come back.
 *
 * The input is a list of steps: a byte that says which, a byte for the length of what follows (a
 * frame as it is, one with its checksums put right, the fields of a segment of the connection, a
 * fragment, a time in steps of 10 ms, a call). */
#include "../sim/forge.h"
#include "replay/repair.h"

#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <rill/loopback.h>
#include <rill/rill.h>
#include <stdlib.h>

#define MTU 1500
#define BATCH 16
#define FRAMES_MAX 4096 /* at one instant: more would be a storm */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step { STEP_FRAME, STEP_REPAIRED, STEP_SEGMENT, STEP_FRAGMENT, STEP_TIME, STEP_CALL, STEPS };

struct scene {
    struct rill *rill;
    int port;
    rill_time now;
    int listener, udp, fd;
    uint32_t seq, ack; /* of the peer: its SND.NXT at the start, and the highest that it has seen */
    uint8_t last[MTU + ETH_HEADER]; /* the last frame sent */
};

static void check_sent(const uint8_t *frame, size_t length)
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
    if (ip.protocol == IP_PROTOCOL_TCP)
        assert(tcp_checksum_good(rill_address_ip4(ip.source), rill_address_ip4(ip.destination),
                                 payload));
}

static void pull(struct scene *s)
{
    static uint8_t buffer[BATCH][MTU + ETH_HEADER];
    struct rill_frame frame[BATCH];
    unsigned n = BATCH, sum = 0;
    while (rill_loopback_turn(s->rill, s->now) || n == BATCH) {
        for (unsigned i = 0; i < BATCH; i++)
            frame[i] = (struct rill_frame){.buffer = buffer[i], .room = sizeof buffer[i]};
        n = rill_transmit(s->rill, s->port, frame, BATCH, s->now);
        for (unsigned i = 0; i < n; i++) {
            check_sent(buffer[i] + frame[i].start, frame[i].length);
            memcpy(s->last, buffer[i] + frame[i].start, frame[i].length);
        }
        sum += n + 1;
        assert(sum < FRAMES_MAX);
    }
}

static void hear(struct scene *s, uint8_t *bytes, size_t length)
{
    struct rill_frame f = {.buffer = bytes, .room = (uint32_t)length, .length = (uint32_t)length};
    rill_receive(s->rill, s->port, &f, 1, s->now);
    pull(s);
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

static void establish(struct scene *s)
{
    struct tcp_header h = {.source = 5000,
                           .destination = 80,
                           .seq = {1000},
                           .flags = TCP_SYN,
                           .window = 8192,
                           .options = {.has_sack_permitted = true, .has_mss = true, .mss = 1000}};
    send_segment(s, &h, span_of(NULL, 0));
    s->seq = 1001;
    s->ack = wire_get32(s->last + ETH_HEADER + IP4_HEADER + 4) + 1;
    h = (struct tcp_header){.source = 5000,
                            .destination = 80,
                            .seq = {s->seq},
                            .ack = {s->ack},
                            .flags = TCP_ACK,
                            .window = 8192};
    send_segment(s, &h, span_of(NULL, 0));
    s->fd = rill_accept4(s->listener, NULL, NULL, SOCK_NONBLOCK);
    assert(s->fd >= 0);
}

static void scene_open(struct scene *s)
{
    struct rill_config config;
    struct rill_port_config port = {.name = "fuzz", .mac = {2, 0, 0, 0, 0, 1}, .mtu = MTU};
    struct mac mac = forge_mac(2);
    rill_config_init(&config);
    config.check = true;
    config.tcp.fast_open = RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_SERVER |
                           RILL_FAST_OPEN_CLIENT_NO_COOKIE | RILL_FAST_OPEN_SERVER_NO_COOKIE |
                           RILL_FAST_OPEN_ALL_LISTENERS;
    *s = (struct scene){.now = RILL_SECONDS(1000)};
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

/* Flags, signed offsets of seq and ack, window, up to 40 bytes of options, text: of the connection,
 * so that most of them mean something. */
static void step_segment(struct scene *s, struct rill_span in)
{
    uint8_t frame[MTU + ETH_HEADER], options = field(in, 6) % 11 * 4;
    struct forge way = forge_honest();
    struct tcp_header h = {.source = 5000,
                           .destination = 80,
                           .seq = {s->seq + (uint32_t)(int8_t)field(in, 1) * 4},
                           .ack = {s->ack + (uint32_t)(int8_t)field(in, 2) * 64},
                           .flags = field(in, 0),
                           .window = (uint16_t)(field(in, 3) << field(in, 4) % 9),
                           .urgent = field(in, 5)};
    struct rill_span text = in.length > 7 ? span_skip(in, 7) : span_of(NULL, 0);
    size_t length = forge_tcp(frame, &way, &h, text);
    if (options <= text.length) { /* the text's first bytes are its options then */
        frame[ETH_HEADER + IP4_HEADER + 12] = (uint8_t)((TCP_HEADER + options) << 2);
        repair_checksums(frame, length);
    }
    hear(s, frame, length);
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
    default:
        step_frame(s, in, step == STEP_REPAIRED);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene s;
    struct rill_span in = span_of(data, size);
    scene_open(&s);
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
