/* Every capture of the tree through rill-replay's own code, both sides of each conversation: those
 * that hold whole conversations come out exact, byte for byte, state for state; the rest as far as
 * they go, and what rill does otherwise than a forger is told. Where the captures come from, and
 * under which licence: captures/MANIFEST.tsv. */
#include "../unit/unit.h"
#include "replay/replay.h"

#include <stdlib.h>

struct expectation {
    const char *file;
    enum replay_status status;
    unsigned played, unsupported, forbidden;
};

/* Returns how many segments came behind another in a superframe. */
static unsigned replay(const struct expectation *e, bool offload)
{
    const struct replay_options both = {
        .side = {true, true}, .filter = "", .player.offload = offload};
    char name[160], *text;
    size_t length;
    struct replay_sums sums;
    snprintf(name, sizeof name, "tests/replay/captures/%s", e->file);
    FILE *out = open_memstream(&text, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    enum replay_status status = replay_file(name, &both, out, &sums);
    fclose(out);
    if (status != e->status || sums.played != e->played || sums.unsupported != e->unsupported ||
        sums.forbidden != e->forbidden) {
        fputs(text, stdout);
        CU_FAIL("not as expected");
    }
    free(text);
    return sums.joined;
}

/* On a port that is a cable, and on one that is a card. */
static unsigned replay_all(const struct expectation *e, size_t count)
{
    unsigned joined = 0;
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(replay(&e[i], false), 0);
        joined += replay(&e[i], true);
    }
    return joined;
}

#define REPLAY_ALL(table) replay_all(table, sizeof table / sizeof *table)

static const struct expectation exact[] = {
    {"arp--zeek--icmp_dot1q.pcap", REPLAY_EXACT, 2, 0, 0},
    {"conv--trex-core--tcp2_http_simple_c.pcap", REPLAY_EXACT, 2, 0, 0},
    {"conv--trex-core--tcp2_http_simple_mss_c.pcap", REPLAY_EXACT, 2, 0, 0},
    {"conv--zeek--auth.pcap", REPLAY_EXACT, 26, 0, 0},
    {"conv--zeek--tls-1.2-stream-keylog.pcap", REPLAY_EXACT, 2, 0, 0},
    {"frag--filesamples--teardrop.pcap", REPLAY_EXACT, 5, 0, 0},
    {"frag--pcapplusplus--ip4_fragments.pcap", REPLAY_EXACT, 2, 0, 0},
    {"frag--zeek--fragmented-1.pcap", REPLAY_EXACT, 1, 0, 0},
    {"gen--s01-clean-reqresp_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s02-upload-sack-loss_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s02-upload-sack-loss_s.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s03-download-sack-loss_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s04-reorder-dup_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s05-zero-window_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s05-zero-window_s.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s06-keepalive_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s07-simultaneous-open_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s08-simultaneous-close_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s09-half-close-server-first_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s10-urgent_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s11-abort-linger0_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s12-tfo_c.pcap", REPLAY_EXACT, 8, 0, 0},
    {"gen--s13-ecn-ce_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s14-pmtu-fragneeded_s.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s15-no-options_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s17-halfopen-challenge-ack_s.pcap", REPLAY_EXACT, 6, 0, 0},
    {"gen--s18-timewait-reuse_s.pcap", REPLAY_EXACT, 8, 0, 0},
    {"gen--s19-window-over-64k_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"gen--s20-udp-icmp-frag_c.pcap", REPLAY_EXACT, 4, 0, 0},
    {"icmp--zeek--smtp.pcap", REPLAY_EXACT, 15, 0, 0}, /* three get a handshake */
    {"keep--suricata-verify--bug-8333-geoip.pcap", REPLAY_EXACT, 2, 0, 0},
    {"loss--suricata-verify--suricata-update-pdf.pcap", REPLAY_EXACT, 2, 0, 0},
    {"loss--trex-core--tcp2_http_drop_c.pcap", REPLAY_EXACT, 2, 0, 0},
    {"loss--trex-core--tcp2_http_drop_s.pcap", REPLAY_EXACT, 2, 0, 0},
    {"opt--arkime--cloudshark-bgp-md5.pcap", REPLAY_EXACT, 2, 0, 0},
    {"opt--tcpdump--mptcp-fclose.pcap", REPLAY_EXACT, 4, 0, 0},
    {"opt--zeek--window-scale-range.pcap", REPLAY_EXACT, 2, 0, 0},
    {"overlap--pcapplusplus--one_tcp_stream_max_seq.pcap", REPLAY_EXACT, 2, 0, 0},
    {"state--zeek--handshake-reorder.pcap", REPLAY_EXACT, 2, 0, 0},
    {"urg--suricata-verify--telnet.pcap", REPLAY_EXACT, 2, 0, 0},
};

/* Conversations of which the capture lacks a part, or that need IPv6, beside whole ones. */
static const struct expectation partly[] = {
    {"arp--zeek--arp-leak.pcap", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"fuzz--pcapplusplus--fuzz-5700358767902720.pcap", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"gen--s16-ipv6-reqresp_c.pcap", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"ip4hdr--pcapplusplus--ipv4-malformed.pcap", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"ip6--suricata-verify--frag-1.pcap", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"ip6--zeek--icmp6.pcap", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"l2--zeek--snap-arp.pcapng", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"l2--zeek--trunc-hdr.pcap", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"overlap--zeek--reassembly.pcap", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"state--arkime--tcp-reassembly-synthetic.pcap", REPLAY_UNSUPPORTED, 20, 1, 0},
    {"sx-crafted-ipv4.pcap", REPLAY_UNSUPPORTED, 102, 3, 0}, /* a SYN in two fragments is one */
    {"sx-crafted-ipv6.pcap", REPLAY_UNSUPPORTED, 0, 1, 0},
    {"sx-crafted-tcp.pcap", REPLAY_UNSUPPORTED, 0, 222, 0},
    {"tfo--tcpdump--tfo-5c1fa7f9ae91.pcap", REPLAY_UNSUPPORTED, 4, 1, 0},
};

/* Forged and synthetic ones: why they cannot be exact stands above each. */
static const struct expectation different[] = {
    /* a port unreachable without the datagram that drew it */
    {"icmp--pcapplusplus--IcmpPackets.pcapng", REPLAY_DIFFERENT, 10, 0, 1},
    /* an echo reply, IP options in it, to no request */
    {"ip4hdr--pcapplusplus--ipv4-options.pcap", REPLAY_DIFFERENT, 2, 1, 1},
    /* forged FIN and RST: the server's are played as its own */
    {"rst--suricata-verify--with_evasion_linux.pcap", REPLAY_DIFFERENT, 2, 0, 7},
    /* a forged RST, in the server's name before its SYN-ACK */
    {"rst--zeek--rst-inject-rae.pcap", REPLAY_DIFFERENT, 2, 0, 1},
    /* handshakes that no TCP makes: wrong ACKs, data without ESTABLISHED */
    {"state--arkime--tcp_handshake_synthetic.pcap", REPLAY_DIFFERENT, 26, 3, 13},
    /* the server answers a SYN with an ACK and a SYN */
    {"state--suricata-verify--split-handshake-4whs.pcap", REPLAY_DIFFERENT, 2, 0, 1},
    /* hosts that answer what nobody has asked */
    {"sx-crafted-icmp.pcap", REPLAY_DIFFERENT, 3, 0, 5},
    /* datagrams from and to port 0, which no socket sends */
    {"sx-crafted-udp.pcap", REPLAY_DIFFERENT, 1, 0, 3},
};

static void whole_conversations(void)
{
    CU_ASSERT(REPLAY_ALL(exact) > 100);
}

static void parts(void)
{
    REPLAY_ALL(partly);
}

static void forgeries(void)
{
    REPLAY_ALL(different);
}

/* Hosts that answer what nobody has asked, and one frame above the MTU, which a card takes as a
 * superframe. */
static void a_frame_above_the_mtu(void)
{
    struct expectation e = {"sx-crafted-eth-arp.pcap", REPLAY_DIFFERENT, 71, 0, 4};
    replay(&e, false);
    e.forbidden--;
    replay(&e, true);
}

/* It is told as a difference of flags where it is not, and that is allowed: look at what was sent.
 */
static void urgent_bytes(void)
{
    struct replay_options o = {.side = {true, false}, .filter = "tcp"};
    char *text;
    size_t length;
    struct replay_sums sums;
    FILE *out = open_memstream(&text, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    o.player.verbose = out;
    replay_file("tests/replay/captures/gen--s10-urgent_c.pcap", &o, out, &sums);
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "> [P.U] "));
    free(text);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"whole conversations are repeated byte for byte", whole_conversations},
        {"what a capture lacks is told, the rest is exact", parts},
        {"what no TCP does is told", forgeries},
        {"a frame above the MTU is a card's affair", a_frame_above_the_mtu},
        {"urgent bytes are sent as such", urgent_bytes},
    };
    return UNIT_MAIN("replay", tests);
}
