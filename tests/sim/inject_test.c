/* Captures of hostile and odd traffic, thrown at a stack as they are and then again with each frame
 * addressed to it, checksums put right (replay/hostile.h). */
#include "../unit/unit.h"
#include "replay/hostile.h"

#include <stdio.h>

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

static unsigned throw_capture(const char *file, struct hostile_options options)
{
    char name[160];
    struct rill_diagnostic why;
    struct recording recording;
    struct hostile_report report;
    snprintf(name, sizeof name, "tests/replay/captures/%s", file);
    enum recording_status status = recording_read(&recording, name, "", &why);
    CU_ASSERT(status == RECORDING_GOOD || file == damaged);
    if (!hostile_run(&recording, &options, &report)) {
        printf("%s\n", file);
        hostile_print(stdout, &options, &report);
        CU_FAIL("it did what it must not do");
    }
    differences_free(&report.wrong);
    recording_free(&recording);
    return report.frames;
}

static void throw_all(struct hostile_options options)
{
    unsigned frames = throw_capture(damaged, options);
    for (unsigned i = 0; i < sizeof captures / sizeof *captures; i++)
        frames += throw_capture(captures[i], options);
    CU_ASSERT_EQUAL(frames, FRAMES);
}

static void as_they_are(void)
{
    throw_all((struct hostile_options){0});
}

static void addressed_to_us(void)
{
    throw_all((struct hostile_options){.addressed = true});
}

static void from_a_card(void)
{
    throw_all((struct hostile_options){.offload = true});
    throw_all((struct hostile_options){.addressed = true, .offload = true});
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"captured frames as they are do no harm", as_they_are},
        {"captured frames addressed to us do no harm", addressed_to_us},
        {"nor do they where sums and superframes are the card's", from_a_card},
    };
    return UNIT_MAIN("inject", tests);
}
