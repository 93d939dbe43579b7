/* The crafted packs: every labelled case draws exactly the answers that its index allows, where the
 * index leaves a choice those of rill's policy (last column), and the stack serves others as
 * before. Linux is laxer in some (sx-crafted-linux-reference.tsv); rill does as the index says. */
#include "../unit/unit.h"
#include "crafted.h"
#include "remote.h"

#include <stdio.h>

#define CASES_MAX 64

struct scene {
    struct lone *lone;
    int echo, listener;
};

static struct scene scene_open(void)
{
    struct scene s = {.lone = lone_open(NULL)};
    lone_meet(s.lone, FORGE_PEER, forge_mac(2));
    lone_meet(s.lone, LONE_GATEWAY, forge_mac(0xfe));
    s.echo = lone_udp(CRAFTED_ECHO);
    s.listener = lone_listen(CRAFTED_TCP);
    return s;
}

static void scene_close(struct scene *s)
{
    rill_close(s->echo);
    rill_close(s->listener);
    lone_close(s->lone);
}

/* ----------------------------------------------------------- what more there is to see */

static struct dissected only_answer(const struct scene *s)
{
    CU_ASSERT_EQUAL_FATAL(s->lone->sent, 1);
    return lone_sent(s->lone, 0);
}

/* Addresses that nobody on this link may have, or that are not on it. */
static void nothing_is_learned(struct scene *s)
{
    static const uint32_t never[] = {0xc00002ff, 0xc6336407, 0xc0000242, 0xc00002f0};
    struct mac mac;
    for (unsigned i = 0; i < sizeof never / sizeof *never; i++)
        if (lone_knows(s->lone, never[i], &mac))
            CU_ASSERT(mac_equal(mac, forge_mac(0xfe)) || mac_is_group(mac));
}

static void the_trailer_is_not_echoed(struct scene *s)
{
    only_answer(s);
    CU_ASSERT_EQUAL(s->lone->frame[0].length, ETH_MINIMUM);
}

static void the_echo_is_exact(struct scene *s)
{
    CU_ASSERT_EQUAL_FATAL(s->lone->sent, 2);
    CU_ASSERT_EQUAL(lone_sent(s->lone, 0).payload.length, 0);
    struct dissected d = lone_sent(s->lone, 1);
    CU_ASSERT_EQUAL_FATAL(d.payload.length, 1400);
    for (unsigned i = 0; i < 1400; i++)
        CU_ASSERT_EQUAL(d.payload.at[i], 'q');
}

static void the_length_is_udps(struct scene *s)
{
    CU_ASSERT_EQUAL(only_answer(s).payload.length, 5); /* "hello", without its trail */
}

/* RFC 9293 3.10.7.1 by the kind of the offender: SYN, ACK, FIN, nothing. */
static void resets_follow_the_rfc(struct scene *s)
{
    static const uint32_t seq[] = {0, 555, 0, 0}, ack[] = {1001, 0, 1001, 1003};
    CU_ASSERT_EQUAL_FATAL(s->lone->sent, 4);
    for (unsigned i = 0; i < 4; i++) {
        struct dissected d = lone_sent(s->lone, i);
        CU_ASSERT_EQUAL(d.tcp.seq.n, seq[i]);
        CU_ASSERT_EQUAL(d.tcp.ack.n, ack[i]);
        CU_ASSERT_EQUAL(d.tcp.flags, ack[i] ? TCP_RST | TCP_ACK : TCP_RST);
    }
}

static void text_of_a_syn_is_not_acknowledged(struct scene *s)
{
    CU_ASSERT_EQUAL(only_answer(s).tcp.ack.n, 1001);
    CU_ASSERT(rill_accept4(s->listener, NULL, NULL, 0) == -1);
}

static void the_handshake_wraps(struct scene *s)
{
    static const uint32_t ack[] = {0, 1, 0x80000000};
    for (unsigned i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(lone_sent(s->lone, i).tcp.ack.n, ack[i]);
}

static void isns_differ(struct scene *s)
{
    CU_ASSERT_NOT_EQUAL(lone_sent(s->lone, 0).tcp.seq.n, lone_sent(s->lone, 1).tcp.seq.n);
}

/* Whatever the option said: the handshake completes, text comes in pieces of 88 bytes or more, and
 * no window is thought larger than a shift of 14 makes it (RFC 7323 2.3). */
static void the_option_does_no_harm(struct scene *s)
{
    static const uint8_t text[700];
    struct dissected syn_ack = only_answer(s);
    struct remote r = {.lone = s->lone,
                       .way = forge_honest(),
                       .port = syn_ack.tcp.destination,
                       .to = CRAFTED_TCP,
                       .seq = 1001,
                       .ack = syn_ack.tcp.seq.n + 1};
    CU_ASSERT_EQUAL(syn_ack.tcp.ack.n, 1001);
    remote_send(&r, TCP_ACK, span_of(NULL, 0));
    r.fd = rill_accept4(s->listener, NULL, NULL, SOCK_NONBLOCK);
    CU_ASSERT_FATAL(r.fd >= 0);
    lone_forget(s->lone);
    CU_ASSERT_EQUAL(rill_send(r.fd, text, sizeof text, 0), sizeof text);
    lone_pull(s->lone);
    remote_take(&r, 0);
    remote_send(&r, TCP_ACK, span_of(NULL, 0)); /* Nagle has kept the tail back */
    remote_take(&r, 0);
    CU_ASSERT(s->lone->sent <= sizeof text / 88 + 1);
    CU_ASSERT_EQUAL(r.ack - syn_ack.tcp.seq.n - 1, sizeof text);
    remote_send(&r, TCP_RST, span_of(NULL, 0));
    rill_close(r.fd);
}

/* ----------------------------------------------------------- the table */

struct expectation {
    const char *id; /* a prefix where it ends in '*' */
    struct answers sent;
    void (*more)(struct scene *);
    const char *policy; /* where the index leaves a choice */
};

static const struct expectation expectations[] = {
    {"eth-*", {0}, nothing_is_learned, "802.3, VLAN and jumbo frames are dropped"},
    {"arp-ok", {.arp = 1}, NULL, NULL},
    {"arp-short", {0}, NULL, NULL},
    {"arp-bad*", {0}, NULL, NULL},
    {"arp-sha-group", {0}, nothing_is_learned, NULL},
    {"arp-sha-mismatch", {0}, nothing_is_learned, "an unsolicited reply like any other"},
    {"arp-spa-bad", {.arp = 5}, nothing_is_learned, "answered to the MAC that asked"},
    {"arp-conflict", {.request = 1}, NULL, "defended once"},
    {"arp-unsolicited", {0}, NULL, "the old MAC is asked when the entry is next used"},
    {"arp-flood", {.arp = 64}, NULL, NULL},
    {"arp-offlink", {.arp = 1}, nothing_is_learned, "answered if the target is ours"},
    {"arp-self", {0}, NULL, NULL},
    {"arp-trailer", {.arp = 1}, the_trailer_is_not_echoed, NULL},
    {"ip-padding", {.echo = 1, .udp = 1}, NULL, NULL},
    {"ip-opt-len*", {0}, NULL, "an option that lies drops the datagram"},
    {"ip-opt-overrun", {0}, NULL, "likewise"},
    {"ip-opt-trunc", {0}, NULL, "likewise"},
    {"ip-opt-?srr*", {0}, NULL, NULL},
    {"ip-opt-*", {.echo = 1, .error = 1}, NULL, "other options are ignored, replies carry none"},
    {"ip-proto", {.error = 6}, NULL, "protocol unreachable"},
    {"ip-*", {0}, NULL, "TTL 0 is dropped"},
    {"frag-ok", {.echo = 2, .other = 2}, NULL, NULL},
    {"frag-dup", {.echo = 1, .other = 1}, NULL, "a duplicate is ignored"},
    {"frag-tiny", {.syn_ack = 1}, NULL, "reassembled"},
    {"frag-odd", {.udp = 1}, NULL, "the reserved bit is ignored (RFC 791 3.1)"},
    {"frag-*", {0}, NULL, "an overlap that differs drops the datagram (RFC 5722)"},
    {"icmp-echo", {.echo = 2}, the_echo_is_exact, NULL},
    {"icmp-*", {0}, NULL, "redirects are ignored"},
    {"udp-echo", {.udp = 3}, NULL, NULL},
    {"udp-len", {.udp = 1}, the_length_is_udps, "less than the payload: cut to the UDP length"},
    {"udp-port0", {0}, NULL, NULL},
    {"udp-closed", {.error = 1}, NULL, NULL},
    {"udp-loop", {.udp = 1}, NULL, "the service is the test's own"},
    {"udp-flood", {.error = 8}, NULL, "the burst of one peer (ip/limit.h)"},
    {"udp-*", {0}, NULL, NULL},
    {"tcp-syn-listen", {.syn_ack = 2}, isns_differ, NULL},
    {"tcp-closed", {.reset = 4}, resets_follow_the_rfc, NULL},
    {"tcp-listen-odd", {.reset = 1}, NULL, NULL},
    {"tcp-opt-*", {.syn_ack = 1}, the_option_does_no_harm, "bad options are ignored"},
    {"tcp-syn-data", {.syn_ack = 1}, text_of_a_syn_is_not_acknowledged, "text ignored"},
    {"tcp-urg", {.syn_ack = 3, .reset = 2}, NULL, NULL},
    {"tcp-resv", {.syn_ack = 2}, NULL, NULL},
    {"tcp-win0-syn", {.syn_ack = 2}, NULL, NULL},
    {"tcp-seqedge", {.syn_ack = 3}, the_handshake_wraps, NULL},
    {"tcp-synflood", {.syn_ack = 144}, NULL, "16 have records and are answered twice, 112 cookies"},
    {"tcp-blindack", {.reset = 16}, NULL, NULL},
    {"tcp-ttl-len", {.reset = 1}, NULL, NULL},
    {"tcp-*", {0}, NULL, "port 0 is dropped"},
};

/* '?' is any character, a '*' at the end any rest. */
static bool matches(const char *pattern, const char *id)
{
    for (; *pattern && *pattern != '*'; pattern++, id++)
        if (*id == 0 || (*pattern != '?' && *pattern != *id))
            return false;
    return *pattern == '*' || *id == 0;
}

static const struct expectation *expectation_of(const char *id)
{
    for (unsigned i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (matches(expectations[i].id, id))
            return &expectations[i];
    return NULL;
}

/* ----------------------------------------------------------- playing a case */

/* After the attack the stack knows its neighbours and serves a client, in spite of everything. */
static void life_goes_on(struct scene *s)
{
    struct mac mac;
    CU_ASSERT(lone_knows(s->lone, FORGE_PEER, &mac) && mac_equal(mac, forge_mac(2)));
    CU_ASSERT(lone_knows(s->lone, LONE_GATEWAY, &mac) && mac_equal(mac, forge_mac(0xfe)));
    lone_forget(s->lone);
    struct remote r = remote_connect(s->lone, s->listener, CRAFTED_TCP, 50001);
    remote_exchange(&r);
    remote_finish(&r);
}

static void play(const char *layer, const struct crafted_case *c)
{
    const struct expectation *e = expectation_of(c->id);
    struct scene s = scene_open();
    crafted_feed(s.lone, layer, c, s.echo);
    struct answers got = crafted_answers(s.lone);
    if (!e || memcmp(&got, &e->sent, sizeof got) != 0) {
        printf("%s: arp %u request %u echo %u error %u syn_ack %u reset %u udp %u other %u\n",
               c->id, got.arp, got.request, got.echo, got.error, got.syn_ack, got.reset, got.udp,
               got.other);
        CU_FAIL("answers that the index does not allow");
    } else if (e->more) {
        e->more(&s);
    }
    life_goes_on(&s);
    scene_close(&s);
}

static void play_layer(const char *layer, unsigned cases)
{
    struct crafted_case c[CASES_MAX];
    unsigned n = crafted_index(layer, c, CASES_MAX);
    CU_ASSERT_EQUAL(n, cases);
    for (unsigned i = 0; i < n; i++)
        play(layer, &c[i]);
}

static void ethernet_and_arp(void)
{
    play_layer("eth-arp", 20);
}

static void ipv4(void)
{
    play_layer("ipv4", 34);
}

static void icmp(void)
{
    play_layer("icmp", 15);
}

static void udp(void)
{
    play_layer("udp", 8);
}

static void tcp(void)
{
    play_layer("tcp", 51);
}

/* rill does not speak IPv6: every frame is dropped and counted, and answers nothing. */
static void ipv6_is_survived_in_silence(void)
{
    struct crafted_case c[CASES_MAX];
    unsigned n = crafted_index("ipv6", c, CASES_MAX);
    struct scene s = scene_open();
    for (unsigned i = 0; i < n; i++)
        crafted_feed(s.lone, "ipv6", &c[i], s.echo);
    CU_ASSERT_EQUAL(n, 21);
    CU_ASSERT_EQUAL(s.lone->sent, 0);
    CU_ASSERT_EQUAL(lone_drops(s.lone), 60);
    life_goes_on(&s);
    scene_close(&s);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"crafted Ethernet and ARP frames are answered as the index says", ethernet_and_arp},
        {"crafted IPv4 datagrams are answered as the index says", ipv4},
        {"crafted ICMP messages are answered as the index says", icmp},
        {"crafted UDP datagrams are answered as the index says", udp},
        {"crafted TCP segments are answered as the index says", tcp},
        {"crafted IPv6 packets are survived in silence", ipv6_is_survived_in_silence},
    };
    return UNIT_MAIN("crafted", tests);
}
