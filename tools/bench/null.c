/* The least code that can pass for a TCP peer on a TAP: the ceiling of any stack on that device.
 *
 *     null TAP ADDRESS [plain]
 *
 * It answers ARP and ping, acknowledges whatever comes, sends prepared segments as far as the
 * client's window goes and the prepared answer of service.h. It checks nothing, and remembers of a
 * connection only where its own next segment begins. What is lost on the way stays lost until
 * nothing has come for a while. `plain`: without offloads, each checksum finished here. */
#include "bench/service.h"
#include "bench/tap.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define MSS 1460
#define SUPER (44 * MSS) /* the most whole segments in 64 KB */
#define BATCH 64
#define IDLE 200       /* milliseconds */
#define ISS 0          /* of every connection */
#define HEADER_SIZE 10 /* of struct virtio_net_hdr */

struct headers {
    struct ethhdr eth;
    struct iphdr ip;
    struct tcphdr tcp;
    uint8_t options[8];
} __attribute__((packed));

/* By the client's port: the bench has one client address at a time. */
struct flow {
    uint32_t una, nxt, ack, window;
    uint8_t shift;
    bool sends, closed;
    struct headers to; /* the prepared headers of its segments */
};

static struct flow flow[65536];
static int tap;
static bool offload;
static uint32_t ours; /* IPv4, network order */
static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 9};
static uint8_t text[SUPER];
static uint32_t text_sum, response_sum; /* of one MSS, of the answer */

/* ---- Sums, in memory's byte order ---- */

static uint32_t sum(const void *at, size_t length)
{
    const uint8_t *p = at;
    uint32_t total = 0;
    uint16_t word;
    for (; length > 1; length -= 2, p += 2) {
        memcpy(&word, p, 2);
        total += word;
    }
    return length ? total + *p : total;
}

static uint16_t fold(uint32_t total)
{
    total = (total >> 16) + (total & 0xffff);
    return (uint16_t)(total + (total >> 16));
}

/* ---- Writing ---- */

/* A segment with its headers, and `length` bytes at `at` whose sum is known. */
static void put(struct headers *h, const void *at, size_t length, uint32_t at_sum)
{
    struct virtio_net_hdr v = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34};
    size_t tcp_length = h->tcp.doff * 4u + length;
    v.csum_offset = 16;
    v.hdr_len = (uint16_t)(34 + h->tcp.doff * 4u);
    if (length > MSS) {
        v.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
        v.gso_size = MSS;
    }
    h->ip.tot_len = htons((uint16_t)(20 + tcp_length));
    h->ip.check = 0;
    h->ip.check = (uint16_t)~fold(sum(&h->ip, 20));
    uint32_t total = sum(&h->ip.saddr, 8) + htons(IPPROTO_TCP) + htons((uint16_t)tcp_length);
    h->tcp.check = 0;
    if (offload)
        h->tcp.check = fold(total);
    else
        h->tcp.check = (uint16_t)~fold(total + sum(&h->tcp, h->tcp.doff * 4u) + at_sum);
    struct iovec part[3] = {{&v, HEADER_SIZE}, {h, 34 + h->tcp.doff * 4u}, {(void *)at, length}};
    if (writev(tap, part + !offload, 3 - !offload) < 0 && errno != EAGAIN && errno != EIO)
        err(1, "write");
}

/* The headers of what answers `in`. */
static struct headers answer_to(const struct headers *in)
{
    struct headers h = {.eth.h_proto = htons(ETH_P_IP)};
    memcpy(h.eth.h_dest, in->eth.h_source, 6);
    memcpy(h.eth.h_source, our_mac, 6);
    h.ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP};
    h.ip.saddr = in->ip.daddr;
    h.ip.daddr = in->ip.saddr;
    h.tcp.source = in->tcp.dest;
    h.tcp.dest = in->tcp.source;
    h.tcp.seq = in->tcp.ack_seq;
    h.tcp.doff = 5;
    h.tcp.ack = 1;
    h.tcp.window = htons(65535);
    return h;
}

/* ---- TCP ---- */

static uint8_t window_shift(const struct headers *in)
{
    const uint8_t *at = in->options, *end = (const uint8_t *)in + 34 + in->tcp.doff * 4;
    while (at + 2 < end && *at != 0 && *at != 3)
        at += *at == 1 ? 1 : at[1] ? at[1] : 1;
    return at + 2 < end && *at == 3 ? at[2] : 0;
}

static void open_flow(struct flow *f, const struct headers *in)
{
    *f = (struct flow){.shift = window_shift(in), .nxt = ISS + 1};
    f->to = answer_to(in);
    /* MSS and window scale (RFC 9293 3.2, RFC 7323): without superframes no more may be on its way
     * than the TAP's queue of 1,000 frames holds. */
    uint8_t options[8] = {2, 4, MSS >> 8, MSS & 0xff, 1, 3, 3, offload ? 7 : 4};
    struct headers h = f->to;
    memcpy(h.options, options, sizeof options);
    h.tcp.seq = htonl(ISS);
    h.tcp.ack_seq = htonl(ntohl(in->tcp.seq) + 1);
    h.tcp.syn = 1;
    h.tcp.doff = 7;
    put(&h, NULL, 0, 0);
}

/* As far as the window goes. */
static void blast(struct flow *f)
{
    uint32_t most = offload ? SUPER : MSS;
    f->to.tcp.ack_seq = htonl(f->ack);
    while (f->nxt - f->una + MSS <= f->window) {
        uint32_t left = f->window - (f->nxt - f->una);
        uint32_t size = left < most ? left - left % MSS : most;
        f->to.tcp.seq = htonl(f->nxt);
        put(&f->to, text, size, text_sum);
        f->nxt += size;
    }
}

static void acknowledge(struct flow *f, const struct headers *in, uint32_t ack, bool fin)
{
    struct headers h = answer_to(in);
    h.tcp.ack_seq = htonl(ack);
    h.tcp.fin = fin && !f->closed;
    put(&h, NULL, 0, 0);
    f->closed |= fin;
}

static void answer_request(struct flow *f, const struct headers *in, const uint8_t *at, size_t n)
{
    struct headers h = answer_to(in);
    h.tcp.ack_seq = htonl(ntohl(in->tcp.seq) + (uint32_t)n);
    h.tcp.psh = 1;
    h.tcp.fin = memmem(at, n, CLOSE_LINE, sizeof CLOSE_LINE - 1) != NULL;
    f->closed |= h.tcp.fin;
    put(&h, RESPONSE, sizeof RESPONSE - 1, response_sum);
}

/* One acknowledgement for what has come in a row on one connection. */
static struct {
    bool pending;
    struct flow *flow;
    struct headers in;
    uint32_t ack;
} late;

static void acknowledge_late(void)
{
    if (late.pending)
        acknowledge(late.flow, &late.in, late.ack, false);
    late.pending = false;
}

static void acknowledge_later(struct flow *f, const struct headers *in, uint32_t ack)
{
    if (late.pending && late.flow != f)
        acknowledge_late();
    late.pending = true;
    late.flow = f;
    memcpy(&late.in, in, 54);
    late.ack = ack;
}

static void take_segment(const struct headers *in)
{
    struct flow *f = &flow[ntohs(in->tcp.source)];
    size_t header = 20 + in->tcp.doff * 4u, n = ntohs(in->ip.tot_len) - header;
    uint32_t next = ntohl(in->tcp.seq) + (uint32_t)n;
    if (in->tcp.rst) {
        f->sends = false;
    } else if (in->tcp.syn) {
        open_flow(f, in);
    } else if (in->tcp.fin) {
        f->sends = false;
        acknowledge(f, in, next + 1, true);
    } else if (in->tcp.dest == htons(PORT_HTTP) && n) {
        answer_request(f, in, (const uint8_t *)in + 14 + header, n);
    } else if (n) {
        acknowledge_later(f, in, next);
    } else if (in->tcp.dest == htons(PORT_SOURCE)) {
        f->sends = true;
        f->una = ntohl(in->tcp.ack_seq);
        f->ack = next;
        f->window = (uint32_t)ntohs(in->tcp.window) << f->shift;
        blast(f);
    }
}

/* ---- ARP, ping ---- */

static void put_bytes(const void *at, size_t length)
{
    struct virtio_net_hdr v = {0};
    struct iovec part[2] = {{&v, HEADER_SIZE}, {(void *)at, length}};
    if (writev(tap, part + !offload, 2 - !offload) < 0 && errno != EAGAIN && errno != EIO)
        err(1, "write");
}

static void turn_round(uint8_t *frame)
{
    memcpy(frame, frame + 6, 6);
    memcpy(frame + 6, our_mac, 6);
}

/* RFC 826: sender and target change places. */
static void answer_arp(uint8_t *frame)
{
    uint8_t *arp = frame + 14;
    if (arp[7] != ARPOP_REQUEST || memcmp(arp + 24, &ours, 4) != 0)
        return;
    turn_round(frame);
    arp[7] = ARPOP_REPLY;
    memcpy(arp + 18, arp + 8, 10);
    memcpy(arp + 8, our_mac, 6);
    memcpy(arp + 14, &ours, 4);
    put_bytes(frame, 42);
}

/* RFC 1624: the type has become 0, so the sum has lost what it was. */
static void answer_ping(uint8_t *frame, size_t length)
{
    struct iphdr *ip = (struct iphdr *)(frame + 14);
    uint8_t *icmp = frame + 34;
    uint16_t check;
    if (icmp[0] != 8)
        return;
    turn_round(frame);
    uint32_t from = ip->saddr;
    ip->saddr = ip->daddr;
    ip->daddr = from;
    icmp[0] = 0;
    memcpy(&check, icmp + 2, 2);
    check = fold((uint32_t)check + htons(0x0800));
    memcpy(icmp + 2, &check, 2);
    put_bytes(frame, length);
}

static void take_frame(uint8_t *frame, size_t length)
{
    const struct headers *h = (const struct headers *)frame;
    if (h->eth.h_proto == htons(ETH_P_ARP) && length >= 42)
        answer_arp(frame);
    else if (h->eth.h_proto != htons(ETH_P_IP) || h->ip.daddr != ours || h->ip.ihl != 5)
        return;
    else if (h->ip.protocol == IPPROTO_ICMP && length >= 42)
        answer_ping(frame, length);
    else if (h->ip.protocol == IPPROTO_TCP && length >= 54)
        take_segment(h);
}

/* What was lost is sent again. */
static void begin_again(void)
{
    for (size_t i = 0; i < sizeof flow / sizeof *flow; i++) {
        if (!flow[i].sends)
            continue;
        flow[i].nxt = flow[i].una;
        blast(&flow[i]);
    }
}

int main(int argc, char **argv)
{
    static uint8_t frame[HEADER_SIZE + 65536 + 64] __attribute__((aligned(16)));
    if (argc < 3 || inet_pton(AF_INET, argv[2], &ours) != 1)
        errx(2, "usage: null TAP ADDRESS [plain]");
    offload = argc == 3;
    tap = bench_tap_open(argv[1], offload);
    memset(text, 'x', sizeof text);
    text_sum = fold(sum(text, MSS));
    response_sum = fold(sum(RESPONSE, sizeof RESPONSE - 1));
    size_t header = offload ? HEADER_SIZE : 0;
    for (;;) {
        struct pollfd p = {.fd = tap, .events = POLLIN};
        if (poll(&p, 1, IDLE) == 0)
            begin_again();
        ssize_t n;
        for (int i = 0; i < BATCH && (n = read(tap, frame, sizeof frame)) > 0; i++)
            take_frame(frame + header, (size_t)n - header);
        acknowledge_late();
    }
}
