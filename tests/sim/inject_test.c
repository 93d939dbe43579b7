/* Captures of hostile and odd traffic, thrown at a stack as they are and then again with each frame
 * addressed to it, checksums put right: survived, in silence where silence is due, and without a
 * byte of memory more after the third time than after the second. */
#include "../unit/unit.h"
#include "remote.h"

#include <rill/capture.h>
#include <stdio.h>

#define ROUNDS 3
#define FRAMES 1231 /* of all captures together */

static const char *const captures[] = {
    "arp--zeek--arp-leak.pcap",
    "arp--zeek--icmp_dot1q.pcap",
    "frag--filesamples--teardrop.pcap",
    "frag--pcapplusplus--ip4_fragments.pcap",
    "frag--zeek--fragmented-1.pcap",
    "gen--s20-udp-icmp-frag_c.pcap",
    "icmp--pcapplusplus--IcmpPackets.pcapng",
    "ip4hdr--pcapplusplus--ipv4-malformed.pcap",
    "ip4hdr--pcapplusplus--ipv4-options.pcap",
    "ip6--suricata-verify--frag-1.pcap",
    "ip6--zeek--icmp6.pcap",
    "l2--zeek--snap-arp.pcapng",
    "l2--zeek--trunc-hdr.pcap",
    "opt--arkime--cloudshark-bgp-md5.pcap",
    "opt--tcpdump--mptcp-fclose.pcap",
    "opt--zeek--window-scale-range.pcap",
    "overlap--pcapplusplus--one_tcp_stream_max_seq.pcap",
    "overlap--zeek--reassembly.pcap",
    "rst--suricata-verify--with_evasion_linux.pcap",
    "rst--zeek--rst-inject-rae.pcap",
    "state--arkime--tcp_handshake_synthetic.pcap",
    "state--suricata-verify--split-handshake-4whs.pcap",
    "sx-crafted-eth-arp.pcap",
    "sx-crafted-icmp.pcap",
    "sx-crafted-ipv4.pcap",
    "sx-crafted-ipv6.pcap",
    "sx-crafted-tcp.pcap",
    "sx-crafted-udp.pcap",
    "tfo--tcpdump--tfo-5c1fa7f9ae91.pcap",
};

/* libpcap cannot read on behind the record of 4 GB that this one claims. */
static const char damaged[] = "fuzz--pcapplusplus--fuzz-5700358767902720.pcap";

struct target {
    struct lone *lone;
    int listener[3], udp;
    bool rewrite;
    unsigned frames;
};

/* ----------------------------------------------------------- forbidden answers */

static bool is_reset(const struct dissected *d)
{
    return d->kind == DISSECTED_TCP && d->tcp.flags & TCP_RST;
}

static bool is_error(const struct dissected *d)
{
    return d->kind == DISSECTED_ICMP && icmp_is_error(d->icmp.type);
}

static bool sent_any(const struct lone *l, bool (*is)(const struct dissected *))
{
    for (unsigned i = 0; i < l->sent && i < LONE_SENT_MAX; i++) {
        struct dissected d = lone_sent(l, i);
        if (is(&d))
            return true;
    }
    return false;
}

/* RFC 9293 3.10.7.1, RFC 1122 3.2.2, 4.2.3.10. */
static void judge_answers(const struct lone *l, const uint8_t *frame, size_t length)
{
    bool group = length > 0 && frame[0] & 1;
    if (length < ETH_HEADER + IP4_HEADER + 14 || wire_get16(frame + 12) != ETH_TYPE_IP4 ||
        frame[ETH_HEADER] != 0x45)
        return;
    const uint8_t *ip = frame + ETH_HEADER, *payload = ip + IP4_HEADER;
    uint32_t to = wire_get32(ip + 16);
    group = group || to >> 28 >= 14;
    if (ip[9] == IP_PROTOCOL_TCP && (payload[13] & TCP_RST || group))
        CU_ASSERT_FALSE(sent_any(l, is_reset));
    if (group || (ip[9] == IP_PROTOCOL_ICMP && icmp_is_error(payload[0])) ||
        wire_get16(ip + 6) & 0x1fff)
        CU_ASSERT_FALSE(sent_any(l, is_error));
}

/* ----------------------------------------------------------- throwing */

/* To us, from a station that may be one. */
static void readdress(uint8_t *frame, size_t length)
{
    if (length < ETH_HEADER)
        return;
    eth_write(frame, &(struct eth){.destination = forge_mac(1),
                                   .source = forge_mac(2),
                                   .type = wire_get16(frame + 12)});
    if (length < ETH_HEADER + IP4_HEADER || wire_get16(frame + 12) != ETH_TYPE_IP4)
        return;
    wire_put32(frame + ETH_HEADER + 16, FORGE_VICTIM);
    forge_repair(frame, length);
}

static void throw_frame(struct target *t, struct rill_span frame, rill_time distance)
{
    static uint8_t bytes[65536 + ETH_HEADER];
    CU_ASSERT_FATAL(frame.length <= sizeof bytes);
    memcpy(bytes, frame.at, frame.length);
    if (t->rewrite)
        readdress(bytes, frame.length);
    lone_pass(t->lone, distance);
    lone_forget(t->lone);
    lone_hear(t->lone, bytes, frame.length);
    judge_answers(t->lone, bytes, frame.length);
    t->frames++;
}

static void throw_capture(struct target *t, const char *file)
{
    char name[160];
    struct rill_complaint why = {""};
    struct rill_span frame;
    size_t wire;
    rill_time when, last = 0;
    snprintf(name, sizeof name, "tests/replay/captures/%s", file);
    struct rill_capture_reader *reader = rill_capture_open(name, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    while (rill_capture_next(reader, &frame, &wire, &when, &why) == 1) {
        rill_time distance = last && when > last ? min_of(when - last, RILL_SECONDS(10)) : 0;
        throw_frame(t, frame, distance);
        last = when;
    }
    rill_capture_reader_close(reader);
}

static struct target target_open(bool rewrite)
{
    static const uint16_t ports[] = {80, 179, 13054}; /* HTTP, BGP and the Fast Open server */
    struct target t = {.lone = lone_open(NULL), .rewrite = rewrite, .udp = lone_udp(7)};
    for (unsigned i = 0; i < 3; i++)
        t.listener[i] = lone_listen(ports[i]);
    lone_meet(t.lone, FORGE_PEER, forge_mac(2));
    lone_meet(t.lone, LONE_GATEWAY, forge_mac(0xfe));
    return t;
}

/* Whoever got through is accepted, read and turned away. */
static void clear_away(struct target *t)
{
    uint8_t bytes[4096];
    for (unsigned i = 0; i < 3; i++)
        for (int fd; (fd = rill_accept4(t->listener[i], NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
            while (rill_recv(fd, bytes, sizeof bytes, 0) > 0)
                ;
            rill_close(fd);
        }
    while (rill_recv(t->udp, bytes, sizeof bytes, 0) >= 0)
        ;
    lone_pass(t->lone, RILL_SECONDS(1200)); /* even the user time-out is over then */
}

static void target_close(struct target *t)
{
    lone_meet(t->lone, FORGE_PEER, forge_mac(2)); /* whoever was known has grown old */
    struct remote r = remote_connect(t->lone, t->listener[0], 80, 50001);
    remote_exchange(&r);
    remote_finish(&r);
    for (unsigned i = 0; i < 3; i++)
        rill_close(t->listener[i]);
    rill_close(t->udp);
    lone_close(t->lone);
}

static void throw_all(bool rewrite)
{
    struct target t = target_open(rewrite);
    size_t used[ROUNDS];
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < sizeof captures / sizeof *captures; i++)
            throw_capture(&t, captures[i]);
        throw_capture(&t, damaged);
        clear_away(&t);
        used[round] = rill_memory_used(t.lone->rill);
    }
    CU_ASSERT_EQUAL(used[2], used[1]);
    CU_ASSERT_EQUAL(t.frames, ROUNDS * FRAMES);
    target_close(&t);
}

static void as_they_are(void)
{
    throw_all(false);
}

static void addressed_to_us(void)
{
    throw_all(true);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"captured frames as they are do no harm", as_they_are},
        {"captured frames addressed to us do no harm", addressed_to_us},
    };
    return UNIT_MAIN("inject", tests);
}
