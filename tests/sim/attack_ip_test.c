/* Attacks on IPv4 headers, one test for each row I.. of the attack table, named by it. Fragments:
 * attack_fragment_test. */
#include "../unit/unit.h"
#include "probe.h"
#include "remote.h"
#include "replay/repair.h"

#include <errno.h>

/* A stack with a listener that knows its peer and the gateway. */
static struct lone *begin(int *listener)
{
    struct lone *l = lone_open(NULL);
    *listener = lone_listen(PROBE_OPEN);
    lone_meet(l, FORGE_PEER, forge_mac(2));
    lone_meet(l, LONE_GATEWAY, forge_mac(0xfe));
    return l;
}

static void end(struct lone *l, int listener)
{
    rill_close(listener);
    lone_close(l);
}

static uint64_t delivered(const struct lone *l)
{
    return rill_counters(l->rill)->value[RILL_IpInDelivers];
}

/* A datagram whose header may claim anything and sums up right as far as it goes. */
static void hear_header(struct lone *l, uint8_t protocol, unsigned ihl, size_t total, size_t bytes)
{
    uint8_t frame[ETH_HEADER + 128] = {0}, *ip = frame + ETH_HEADER;
    struct forge way = forge_honest();
    way.ip.protocol = protocol;
    forge_ip4(frame, &way, span_of(NULL, 0));
    ip[0] = (uint8_t)(0x40 | ihl);
    wire_put16(ip + 2, (uint16_t)total);
    wire_put16(ip + 10, 0);
    size_t header = ihl >= 5 ? ihl * 4 : IP4_HEADER;
    wire_put16(ip + 10, checksum_finish(checksum_add(0, span_of(ip, min_of(header, bytes)))));
    lone_hear(l, frame, ETH_HEADER + bytes);
}

static void i01_header_length(void)
{
    int listener;
    struct lone *l = begin(&listener);
    for (unsigned ihl = 0; ihl < 16; ihl++)
        for (size_t payload = 0; payload <= 60; payload++) {
            uint64_t before = delivered(l);
            size_t total = IP4_HEADER + payload;
            hear_header(l, IP_PROTOCOL_UDP, ihl, total, total);
            bool consistent = ihl >= 5 && ihl * 4 <= total;
            CU_ASSERT_EQUAL(delivered(l) - before, consistent);
        }
    end(l, listener);
}

static void i02_total_length(void)
{
    static const uint8_t protocols[] = {IP_PROTOCOL_ICMP, IP_PROTOCOL_UDP, IP_PROTOCOL_TCP};
    int listener;
    struct lone *l = begin(&listener);
    for (unsigned p = 0; p < 3; p++)
        for (size_t total = 0; total <= 71; total++) {
            uint64_t before = delivered(l);
            hear_header(l, protocols[p], 5, total == 71 ? 65535 : total, 46);
            CU_ASSERT_EQUAL(delivered(l) - before, total >= IP4_HEADER && total <= 46);
        }
    end(l, listener);
}

static void i03_version_and_checksum(void)
{
    int listener;
    struct lone *l = begin(&listener);
    uint8_t frame[128];
    struct forge way = forge_honest();
    struct icmp echo = {.type = ICMP_ECHO};
    size_t length = forge_icmp(frame, &way, &echo, span_of(NULL, 0));
    for (unsigned version = 0; version < 16; version++) {
        frame[ETH_HEADER] = (uint8_t)(version << 4 | 5);
        repair_checksums(frame, length);
        lone_hear(l, frame, length);
        CU_ASSERT_EQUAL(l->sent, version == 4);
        lone_forget(l);
    }
    length = forge_icmp(frame, &way, &echo, span_of(NULL, 0));
    for (unsigned bit = 0; bit < IP4_HEADER * 8; bit++) {
        frame[ETH_HEADER + bit / 8] ^= (uint8_t)(1 << bit % 8);
        lone_hear(l, frame, length);
        frame[ETH_HEADER + bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_EQUAL(l->sent, 0);
    }
    end(l, listener);
}

static const uint32_t nobody[] = {0x00000000, 0x00010203, 0x7f000001, 0x7fffffff, 0xe0000001,
                                  0xefffffff, 0xf0000009, 0xfffffffe, 0xffffffff, 0xc00002ff};
#define NOBODIES (sizeof nobody / sizeof *nobody)

static void i04_martian_sources(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    for (unsigned i = 0; i <= NOBODIES; i++) {
        way.ip.source = i < NOBODIES ? nobody[i] : FORGE_VICTIM;
        CU_ASSERT_EQUAL(probe_all(l, &way), 0);
    }
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_IP_SOURCE), (NOBODIES + 1) * PROBES);
    lone_pass(l, RILL_SECONDS(10));
    CU_ASSERT_EQUAL(l->sent, 0);
    end(l, listener);
}

static void i05_foreign_destinations(void)
{
    static const uint32_t others[] = {0xc0000209, 0xc6336407, 0x08080808};
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    for (unsigned i = 0; i < NOBODIES + 3; i++) {
        way.ip.destination = i < NOBODIES ? nobody[i] : others[i - NOBODIES];
        CU_ASSERT_EQUAL(probe_all(l, &way), 0);
    }
    lone_pass(l, RILL_SECONDS(10));
    CU_ASSERT_EQUAL(l->sent, 0);
    end(l, listener);
}

/* A flow that has been let in is judged again when one of our addresses comes or goes. */
static void addresses_change_under_a_flow(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    struct rill_address peer = rill_address_ip4(FORGE_PEER);
    CU_ASSERT_EQUAL(probe_echo(l, &way), 1);
    rill_address_add(l->rill, RILL_LOOPBACK_PORT, peer, 32, false); /* nobody is told */
    probe_echo(l, &way);
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_IP_SOURCE), 1);
    rill_address_remove(l->rill, RILL_LOOPBACK_PORT, peer);
    CU_ASSERT_EQUAL(probe_echo(l, &way), 1);
    CU_ASSERT_EQUAL(lone_drops(l), 1);
    rill_address_remove(l->rill, l->port, rill_address_ip4(FORGE_VICTIM));
    CU_ASSERT_EQUAL(probe_echo(l, &way), 0);
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_IP_DESTINATION), 1);
    end(l, listener);
}

/* Nor does it open another way in: a second port with the same MAC (CVE-2019-14899), or a frame to
 * all. */
static void a_flow_that_is_known_is_let_in_where_it_came_in(void)
{
    struct rill_port_config port = {.name = "tunnel", .mac = {2, 0, 0, 0, 0, 1}, .mtu = LONE_MTU};
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    int wire = l->port, tunnel = rill_port_add(l->rill, &port);
    CU_ASSERT_EQUAL(probe_echo(l, &way), 1);
    l->port = tunnel;
    CU_ASSERT_EQUAL(probe_echo(l, &way), 0);
    l->port = wire;
    way.to = mac_broadcast;
    CU_ASSERT_EQUAL(probe_echo(l, &way), 0);
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_IP_DESTINATION), 2);
    end(l, listener);
}

static void i06_land(void)
{
    int listener;
    struct lone *l = begin(&listener);
    uint8_t frame[128];
    struct forge way = forge_honest();
    struct tcp_header h = {
        .source = PROBE_OPEN, .destination = PROBE_OPEN, .seq = {1}, .flags = TCP_SYN};
    way.ip.source = FORGE_VICTIM;
    lone_hear(l, frame, forge_tcp(frame, &way, &h, span_of(NULL, 0)));
    struct remote r = remote_connect(l, listener, PROBE_OPEN, 5000);
    h.destination = 5000; /* our own flow, turned round */
    lone_forget(l);
    lone_hear(l, frame, forge_tcp(frame, &way, &h, span_of(NULL, 0)));
    CU_ASSERT_EQUAL(l->sent, 0);
    CU_ASSERT(rill_accept4(listener, NULL, NULL, 0) == -1);
    remote_exchange(&r);
    remote_finish(&r);
    end(l, listener);
}

/* An echo request and a UDP datagram to a closed port behind these 40 bytes of options. */
static void hear_options(struct lone *l, const uint8_t *options)
{
    uint8_t frame[256];
    struct forge way = forge_honest();
    way.ip.options = span_of(options, 40);
    struct icmp echo = {.type = ICMP_ECHO};
    lone_forget(l);
    lone_hear(l, frame, forge_icmp(frame, &way, &echo, span_of(NULL, 0)));
}

/* RFC 7126 4.3.5, 4.4.5: dropped, whatever the pointer. */
static void i07_source_routes(void)
{
    int listener;
    struct lone *l = begin(&listener);
    for (unsigned kind = 0; kind < 2; kind++)
        for (unsigned length = 3; length <= 39; length++)
            for (unsigned pointer = 0; pointer < 256; pointer += length % 7 == 3 ? 1 : 16) {
                uint8_t options[40] = {kind ? 137 : 131, (uint8_t)length, (uint8_t)pointer};
                hear_options(l, options);
                CU_ASSERT_EQUAL(l->sent, 0);
            }
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_IP_OPTION), lone_drops(l));
    end(l, listener);
}

/* lone sees to it that no answer carries an option. */
static void i08_malformed_options(void)
{
    int listener;
    struct lone *l = begin(&listener);
    for (unsigned kind = 0; kind < 256; kind++)
        for (unsigned length = 0; length < 64; length++) {
            uint8_t options[40] = {(uint8_t)kind, (uint8_t)length};
            bool one_byte = kind < 2, lies = length < 2 || length > 40;
            if (kind == 1)
                options[1] = 1; /* else the length would be the next option's kind */
            hear_options(l, options);
            bool route = kind == 131 || kind == 137;
            CU_ASSERT_EQUAL(l->sent, one_byte || (!lies && !route));
        }
    uint8_t all[40];
    memset(all, 1, sizeof all);
    hear_options(l, all);
    CU_ASSERT_EQUAL(l->sent, 1);
    end(l, listener);
}

static void i09_errors_about_options(void)
{
    static const size_t payloads[] = {0, 1, 7, 8, 100, 480, 500, 512, 520, 528, 548, 1000, 1430};
    static const uint8_t options[40] = {1, 1, 1, 1}, data[1500];
    int listener;
    struct lone *l = begin(&listener);
    for (size_t area = 0; area <= 40; area += 4)
        for (unsigned i = 0; i < sizeof payloads / sizeof *payloads; i++) {
            uint8_t frame[1600];
            struct forge way = forge_honest();
            struct dissected d;
            way.ip.options = span_of(options, area);
            lone_pass(l, RILL_SECONDS(2)); /* the rate limit forgets */
            lone_forget(l);
            lone_hear(l, frame, forge_udp(frame, &way, 4000, 9, span_of(data, payloads[i])));
            CU_ASSERT_EQUAL_FATAL(lone_count(l, DISSECTED_ICMP, &d), 1);
            size_t quoted = IP4_HEADER + area + UDP_HEADER + payloads[i];
            size_t total = IP4_HEADER + ICMP_HEADER + quoted;
            CU_ASSERT_EQUAL(d.ip.total_length, min_of(total, (size_t)576));
        }
    end(l, listener);
}

static void i10_tunnels(void)
{
    static const uint8_t protocols[] = {4, 41, 47};
    int listener;
    struct lone *l = begin(&listener);
    uint8_t inner[128], frame[256];
    struct forge way = forge_honest();
    struct dissected d;
    forge_icmp(inner, &way, &(struct icmp){.type = ICMP_ECHO}, span_of(NULL, 0));
    struct rill_span tunnelled = span_of(inner + ETH_HEADER, 28);
    for (unsigned i = 0; i < 3; i++) {
        way = forge_honest();
        way.ip.protocol = protocols[i];
        lone_hear(l, frame, forge_ip4(frame, &way, tunnelled));
        way.ip.more_fragments = true;
        lone_hear(l, frame, forge_ip4(frame, &way, span_first(tunnelled, 16)));
        way.ip.more_fragments = false;
        way.ip.fragment_offset = 16;
        lone_hear(l, frame, forge_ip4(frame, &way, span_skip(tunnelled, 16)));
    }
    CU_ASSERT_EQUAL(lone_count(l, DISSECTED_ICMP, &d), l->sent);
    CU_ASSERT_EQUAL(l->sent, 6);
    for (unsigned i = 0; i < l->sent; i++) {
        d = lone_sent(l, i);
        CU_ASSERT(d.icmp.type == ICMP_UNREACHABLE && d.icmp.code == ICMP_UNREACHABLE_PROTOCOL);
    }
    end(l, listener);
}

static void i11_time_to_live(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    way.ip.ttl = 1;
    CU_ASSERT_EQUAL(probe_all(l, &way), PROBES);
    way.ip.ttl = 0;
    CU_ASSERT_EQUAL(probe_all(l, &way), 0);
    way.ip.destination = 0x08080808; /* not forwarded, not complained about */
    CU_ASSERT_EQUAL(probe_all(l, &way), 0);
    way.ip.ttl = 1;
    CU_ASSERT_EQUAL(probe_all(l, &way), 0);
    end(l, listener);
}

static void i12_smurf(void)
{
    static const uint32_t groups[] = {0xffffffff, 0xc00002ff, 0xe0000001};
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    for (unsigned i = 0; i < 3; i++)
        for (unsigned link = 0; link < 3; link++) {
            way.ip.destination = groups[i];
            way.to = link == 0   ? forge_mac(1)
                     : link == 1 ? mac_broadcast
                                 : mac_of_ip4_group(0xe0000001);
            CU_ASSERT_EQUAL(probe_all(l, &way), 0);
        }
    end(l, listener);
}

/* Atomic datagrams: an id of 0. Others: no order that tells of what goes to others. */
static void i13_ip_id(void)
{
    enum { COUNT = 1024, BINS = 16 };
    int listener;
    struct lone *l = begin(&listener);
    unsigned bin[BINS] = {0}, neighbours = 0;
    uint16_t last = 0;
    struct forge way = forge_honest();
    CU_ASSERT_EQUAL(probe_syn(l, &way, PROBE_OPEN), 1);
    CU_ASSERT(lone_sent(l, 0).ip.dont_fragment);
    CU_ASSERT_EQUAL(lone_sent(l, 0).ip.id, 0);
    for (unsigned i = 0; i < COUNT; i++) {
        lone_forget(l);
        way.ip.source = i % 2 ? FORGE_PEER : 0xc0000209;
        CU_ASSERT_EQUAL_FATAL(probe_echo(l, &way), 1);
        uint16_t id = lone_sent(l, 0).ip.id;
        bin[id * BINS / 65536]++;
        neighbours += (uint16_t)(id - last) < 64;
        last = id;
    }
    double chi = 0, expected = (double)COUNT / BINS;
    for (unsigned i = 0; i < BINS; i++)
        chi += (bin[i] - expected) * (bin[i] - expected) / expected;
    CU_ASSERT(chi < 37.7); /* 15 degrees of freedom, 0.1 % */
    CU_ASSERT(neighbours < 10);
    end(l, listener);
}

static void i14_martians_of_our_own(void)
{
    int listener;
    struct lone *l = begin(&listener);
    for (unsigned i = 0; i <= NOBODIES; i++) {
        uint32_t to = i < NOBODIES ? nobody[i] : FORGE_VICTIM;
        struct sockaddr_in a = lone_address(to, 9);
        int tcp = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), udp = lone_udp(0);
        rill_connect(tcp, (struct sockaddr *)&a, sizeof a);
        if (to >> 28 != 14) /* UDP may be sent to groups */
            rill_sendto(udp, "?", 1, 0, (struct sockaddr *)&a, sizeof a);
        lone_pull(l);
        rill_close(tcp);
        rill_close(udp);
    }
    CU_ASSERT_EQUAL(l->sent, 0);
    end(l, listener);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"I01 only a consistent header length is taken", i01_header_length},
        {"I02 only a consistent total length is taken", i02_total_length},
        {"I03 version 4 and a right checksum, or silence", i03_version_and_checksum},
        {"I04 a martian source draws no reply of any kind", i04_martian_sources},
        {"I05 what is for others is neither answered nor forwarded", i05_foreign_destinations},
        {"I06 land opens no connection to oneself", i06_land},
        {"a flow is judged again when addresses change", addresses_change_under_a_flow},
        {"a flow that is known is let in where it came in",
         a_flow_that_is_known_is_let_in_where_it_came_in},
        {"I07 source routes are dropped", i07_source_routes},
        {"I08 every option ends or is dropped", i08_malformed_options},
        {"I09 an error quotes 576 bytes at most, options included", i09_errors_about_options},
        {"I10 tunnels are not unwrapped", i10_tunnels},
        {"I11 nothing is forwarded", i11_time_to_live},
        {"I12 nothing to a group is answered", i12_smurf},
        {"I13 identifications tell nothing", i13_ip_id},
        {"I14 martians of our own stay off the wire", i14_martians_of_our_own},
    };
    return UNIT_MAIN("attack_ip", tests);
}
