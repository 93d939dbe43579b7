/* Attacks by ICMP, one test for each row C.. of the attack table, named by it. */
#include "../unit/unit.h"
#include "probe.h"
#include "remote.h"

#include <errno.h>

#define TARGET 5000
#define IN_FLIGHT 4000 /* bytes that the stack has sent and the peer has not acknowledged */

/* An established connection with text in flight. */
struct scene {
    struct lone *lone;
    int listener;
    struct remote remote;
    struct probe_quote quote; /* of the first segment in flight */
};

static struct scene begin(void)
{
    static const uint8_t text[IN_FLIGHT];
    struct rill_config config = lone_config();
    config.tcp.mtu_probing = RILL_MTU_PROBING_OFF; /* only ICMP shall make segments shorter */
    struct scene s = {.lone = lone_open(&config), .listener = lone_listen(PROBE_OPEN)};
    lone_meet(s.lone, FORGE_PEER, forge_mac(2));
    lone_meet(s.lone, LONE_GATEWAY, forge_mac(0xfe));
    s.remote = remote_connect_mss(s.lone, s.listener, PROBE_OPEN, TARGET, 1460);
    s.quote = (struct probe_quote){.protocol = IP_PROTOCOL_TCP,
                                   .source = PROBE_OPEN,
                                   .destination = TARGET,
                                   .seq = s.remote.ack,
                                   .total_length = 1500};
    lone_forget(s.lone);
    CU_ASSERT_EQUAL(rill_send(s.remote.fd, text, sizeof text, 0), IN_FLIGHT);
    lone_pull(s.lone);
    CU_ASSERT(lone_sent(s.lone, 0).payload.length == 1460);
    lone_forget(s.lone);
    return s;
}

/* The peer acknowledges what was in flight, and all is well. */
static void end(struct scene *s)
{
    s->remote.ack = s->quote.seq + IN_FLIGHT;
    lone_pass(s->lone, RILL_SECONDS(2)); /* what had been held back has been sent */
    remote_send(&s->remote, TCP_ACK, span_of(NULL, 0));
    remote_exchange(&s->remote);
    remote_finish(&s->remote);
    rill_close(s->listener);
    lone_close(s->lone);
}

/* The longest segment that is sent while the time passes. */
static size_t longest(struct scene *s, rill_time time)
{
    size_t most = 0;
    lone_forget(s->lone);
    lone_pass(s->lone, time);
    for (unsigned i = 0; i < s->lone->sent && i < LONE_SENT_MAX; i++) {
        struct dissected d = lone_sent(s->lone, i);
        if (d.kind == DISSECTED_TCP)
            most = max_of(most, d.payload.length);
    }
    return most;
}

static const struct icmp narrow = {
    .type = ICMP_UNREACHABLE, .code = ICMP_UNREACHABLE_FRAGMENTATION_NEEDED, .next_hop_mtu = 1000};

/* RFC 5927 7: only about bytes in flight, only down, never below the floor, and up again. */
static void c01_path_mtu(void)
{
    static const uint16_t mtus[] = {0, 1, 67, 68, 300, 551};
    struct scene s = begin();
    struct probe_quote q = s.quote;
    q.seq = s.quote.seq - 1;
    probe_error(s.lone, &narrow, &q);
    q.seq = s.quote.seq + IN_FLIGHT;
    probe_error(s.lone, &narrow, &q);
    CU_ASSERT_EQUAL(longest(&s, RILL_SECONDS(3)), 1460);
    probe_error(s.lone, &narrow, &s.quote);
    CU_ASSERT_EQUAL(longest(&s, RILL_SECONDS(8)), 960);
    struct icmp wide = narrow;
    wide.next_hop_mtu = 65535;
    probe_error(s.lone, &wide, &s.quote);
    CU_ASSERT_EQUAL(longest(&s, RILL_SECONDS(20)), 960);
    for (unsigned i = 0; i < 6; i++) {
        struct icmp lie = narrow;
        lie.next_hop_mtu = mtus[i];
        probe_error(s.lone, &lie, &s.quote);
    }
    size_t least = longest(&s, RILL_SECONDS(60));
    CU_ASSERT(least >= 512 && least <= 960);
    s.remote.ack = s.quote.seq + IN_FLIGHT;
    remote_send(&s.remote, TCP_ACK, span_of(NULL, 0));
    lone_pass(s.lone, RILL_SECONDS(660));
    lone_meet(s.lone, FORGE_PEER, forge_mac(2)); /* who has grown old */
    static const uint8_t text[1460];
    CU_ASSERT_EQUAL(rill_send(s.remote.fd, text, sizeof text, 0), sizeof text);
    CU_ASSERT_EQUAL(longest(&s, RILL_MILLISECONDS(10)), 1460);
    s.quote.seq += 1460;
    end(&s);
}

static void expect_open(struct scene *s)
{
    char byte;
    CU_ASSERT(rill_recv(s->remote.fd, &byte, 1, 0) == -1 && errno == EAGAIN);
}

static void c02_hard_errors(void)
{
    struct scene s = begin();
    for (uint8_t code = 0; code < 16; code++)
        if (code != ICMP_UNREACHABLE_FRAGMENTATION_NEEDED) {
            struct icmp m = {.type = ICMP_UNREACHABLE, .code = code};
            probe_error(s.lone, &m, &s.quote);
            expect_open(&s);
        }
    end(&s);
}

/* The other half of C02: RFC 5927 4, RFC 1122 4.2.3.9. */
static void c02_syn_sent(void)
{
    struct lone *l = lone_open(NULL);
    struct sockaddr_in to = lone_address(FORGE_PEER, 9999);
    struct icmp refused = {.type = ICMP_UNREACHABLE, .code = ICMP_UNREACHABLE_PORT};
    lone_meet(l, FORGE_PEER, forge_mac(2));
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = -1;
    socklen_t size = sizeof error;
    rill_connect(fd, (struct sockaddr *)&to, sizeof to);
    lone_pull(l);
    struct dissected syn = lone_sent(l, 0);
    struct probe_quote q = {IP_PROTOCOL_TCP, syn.tcp.source, 9999, syn.tcp.seq.n + 1, 60};
    probe_error(l, &refused, &q);
    rill_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    CU_ASSERT_EQUAL(error, 0); /* not about our SYN */
    q.seq--;
    probe_error(l, &refused, &q);
    rill_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    CU_ASSERT_EQUAL(error, ECONNREFUSED);
    rill_close(fd);
    lone_close(l);
}

static void c03_source_quench(void)
{
    struct scene s = begin();
    struct icmp quench = {.type = ICMP_SOURCE_QUENCH};
    for (unsigned i = 0; i < 10; i++)
        probe_error(s.lone, &quench, &s.quote);
    CU_ASSERT_EQUAL(lone_dropped(s.lone, RILL_DROP_ICMP_TYPE), 10);
    CU_ASSERT_EQUAL(s.lone->sent, 0);
    s.remote.ack = s.quote.seq + IN_FLIGHT; /* the window goes on as it was: three segments more */
    remote_send(&s.remote, TCP_ACK, span_of(NULL, 0));
    static const uint8_t text[IN_FLIGHT];
    lone_forget(s.lone);
    rill_send(s.remote.fd, text, sizeof text, 0);
    lone_pull(s.lone);
    CU_ASSERT(lone_count(s.lone, DISSECTED_TCP, NULL) >= 2);
    s.quote.seq += IN_FLIGHT;
    end(&s);
}

static void c04_redirect(void)
{
    struct scene s = begin();
    struct mac mac;
    for (uint8_t code = 0; code < 4; code++) {
        struct icmp redirect = {.type = ICMP_REDIRECT, .code = code};
        probe_error(s.lone, &redirect, &s.quote);
    }
    CU_ASSERT_EQUAL(lone_dropped(s.lone, RILL_DROP_ICMP_TYPE), 4);
    CU_ASSERT(lone_knows(s.lone, 0xc6336407, &mac) && mac_equal(mac, forge_mac(0xfe)));
    CU_ASSERT(lone_knows(s.lone, FORGE_PEER, &mac) && mac_equal(mac, forge_mac(2)));
    end(&s);
}

/* A quotation cut at every byte, and whole ones that lie. */
static void c05_lying_quotes(void)
{
    struct scene s = begin();
    uint8_t quote[28] = {0}, frame[128];
    struct forge way = forge_honest();
    struct ip4 ip = {.total_length = 1500,
                     .ttl = 60,
                     .protocol = IP_PROTOCOL_TCP,
                     .source = FORGE_VICTIM,
                     .destination = FORGE_PEER};
    ip4_write(quote, &ip);
    wire_put16(quote + 20, PROBE_OPEN);
    wire_put16(quote + 22, TARGET);
    wire_put32(quote + 24, s.quote.seq);
    for (size_t cut = 0; cut < sizeof quote; cut++)
        lone_hear(s.lone, frame, forge_icmp(frame, &way, &narrow, span_of(quote, cut)));
    static const struct {
        uint8_t at, change;
    } lies[] = {{0, 0x20}, {0, 0x0a}, {0, 0x01}, {7, 8}, {15, 1}, {12, 0x80}, {19, 1}, {21, 1}};
    for (unsigned i = 0; i < sizeof lies / sizeof *lies; i++) {
        uint8_t lie[28];
        memcpy(lie, quote, sizeof lie);
        lie[lies[i].at] ^= lies[i].change;
        lone_hear(s.lone, frame, forge_icmp(frame, &way, &narrow, span_of(lie, sizeof lie)));
    }
    CU_ASSERT_EQUAL(lone_drops(s.lone), sizeof quote + sizeof lies / sizeof *lies);
    CU_ASSERT_EQUAL(longest(&s, RILL_SECONDS(3)), 1460);
    lone_hear(s.lone, frame, forge_icmp(frame, &way, &narrow, span_of(quote, sizeof quote)));
    CU_ASSERT_EQUAL(longest(&s, RILL_SECONDS(8)), 960); /* the true one is believed */
    end(&s);
}

/* Requests of every length in the smallest frame: just their own bytes come back. */
static void c06_echo_length(void)
{
    struct scene s = begin();
    for (size_t length = 0; length <= 64; length++) {
        uint8_t frame[ETH_HEADER + 46], message[64] = {ICMP_ECHO, 0, 0, 0, 1, 2, 3, 4, 'x', 'y'};
        struct forge way = forge_honest();
        struct dissected d;
        way.ip.protocol = IP_PROTOCOL_ICMP;
        size_t there = min_of(length, (size_t)46 - IP4_HEADER);
        wire_put16(message + 2, checksum_finish(checksum_add(0, span_of(message, there))));
        way.ip.total_length = (uint16_t)(length - there);
        memset(frame, 'S', sizeof frame);
        forge_ip4(frame, &way, span_of(message, there));
        lone_forget(s.lone);
        lone_hear(s.lone, frame, sizeof frame);
        bool good = length >= ICMP_HEADER && length == there;
        CU_ASSERT_EQUAL(lone_count(s.lone, DISSECTED_ICMP, &d), good);
        if (good) {
            CU_ASSERT_EQUAL(d.payload.length, length - ICMP_HEADER);
            CU_ASSERT_EQUAL(memcmp(d.payload.at, message + ICMP_HEADER, d.payload.length), 0);
        }
    }
    end(&s);
}

static void c07_errors_about_errors(void)
{
    static const uint8_t errors[] = {3, 4, 5, 11, 12};
    struct scene s = begin();
    uint8_t frame[128];
    struct forge way;
    for (unsigned i = 0; i < sizeof errors; i++) { /* about an error, to a closed port */
        struct icmp m = {.type = errors[i]};
        struct probe_quote q = {IP_PROTOCOL_UDP, 9, 9, 0, 60};
        CU_ASSERT_EQUAL(probe_error(s.lone, &m, &q), 0);
    }
    static const uint32_t groups[] = {0xffffffff, 0xc00002ff, 0xe0000001};
    for (unsigned i = 0; i < 6; i++) { /* to a group, from one */
        way = forge_honest();
        if (i < 3)
            way.ip.destination = groups[i];
        else
            way.ip.source = groups[i - 3];
        CU_ASSERT_EQUAL(probe_udp(s.lone, &way, 9), 0);
        way.ip.protocol = 99;
        lone_hear(s.lone, frame, forge_ip4(frame, &way, span_of("?", 1)));
    }
    way = forge_honest(); /* in a broadcast frame */
    way.to = mac_broadcast;
    CU_ASSERT_EQUAL(probe_udp(s.lone, &way, 9), 0);
    way = forge_honest(); /* a later fragment, of a protocol that we do not speak */
    way.ip.protocol = 99;
    way.ip.fragment_offset = 8;
    lone_hear(s.lone, frame, forge_ip4(frame, &way, span_of("?", 1)));
    way = forge_honest(); /* the first fragment of an error, whose others never come */
    way.ip.protocol = IP_PROTOCOL_ICMP;
    way.ip.more_fragments = true;
    lone_hear(s.lone, frame, forge_ip4(frame, &way, span_of("\3\1......", 8)));
    CU_ASSERT_EQUAL(s.lone->sent, 0);
    lone_pass(s.lone, RILL_SECONDS(61));
    CU_ASSERT_EQUAL(lone_count(s.lone, DISSECTED_ICMP, NULL), 0);
    lone_meet(s.lone, FORGE_PEER, forge_mac(2));
    end(&s);
}

/* A prober who counts its errors each second, while others cause some too, learns nothing: the
 * count varies as much alone. SAD DNS, CVE-2020-25705. */
static void c08_rate_limit_tells_nothing(void)
{
    enum { SECONDS = 200 };
    struct lone *l = lone_open(NULL);
    lone_meet(l, FORGE_PEER, forge_mac(2));
    unsigned most = 0, least = ~0u;
    for (unsigned second = 0; second < SECONDS; second++) {
        unsigned count = 0;
        struct forge way = forge_honest();
        for (unsigned i = 0; i < 20; i++)
            count += probe_udp(l, &way, (uint16_t)(20000 + i));
        if (second > 0) { /* the first burst is larger */
            most = max_of(most, count);
            least = min_of(least, count);
        }
        lone_pass(l, RILL_SECONDS(3));
        lone_forget(l);
    }
    CU_ASSERT(most >= least + 2);
    CU_ASSERT(least > 0 && most < 12);
    lone_close(l);
}

static void c09_queries(void)
{
    static const uint8_t types[] = {9, 10, 13, 14, 15, 16, 17, 18, 30, 37, 40, 42, 200};
    struct scene s = begin();
    uint8_t frame[128];
    struct mac mac;
    for (unsigned i = 0; i < sizeof types; i++) {
        struct forge way = forge_honest();
        struct icmp m = {.type = types[i]};
        lone_hear(s.lone, frame,
                  forge_icmp(frame, &way, &m, span_of("\xc0\0\2\x42\0\0\0\0\xff\xff\0\0", 12)));
    }
    CU_ASSERT_EQUAL(s.lone->sent, 0);
    CU_ASSERT(lone_knows(s.lone, 0xc6336407, &mac) && mac_equal(mac, forge_mac(0xfe)));
    end(&s);
}

/* lone sees to it that no answer carries options. */
static void c10_options_steer_nothing(void)
{
    static const uint8_t options[][8] = {
        {7, 7, 4, 198, 51, 100, 7, 0}, {68, 8, 9, 1, 198, 51, 100, 7}, {148, 4, 0, 0, 0, 0, 0, 0}};
    struct scene s = begin();
    uint8_t frame[128];
    for (unsigned i = 0; i < 3; i++) {
        struct forge way = forge_honest();
        struct icmp echo = {.type = ICMP_ECHO, .id = 1};
        struct dissected d;
        way.ip.options = span_of(options[i], 8);
        lone_forget(s.lone);
        lone_hear(s.lone, frame, forge_icmp(frame, &way, &echo, span_of("x", 1)));
        CU_ASSERT_EQUAL_FATAL(lone_count(s.lone, DISSECTED_ICMP, &d), 1);
        CU_ASSERT_EQUAL(d.ip.destination, FORGE_PEER);
        CU_ASSERT_EQUAL(d.ip.total_length, IP4_HEADER + ICMP_HEADER + 1);
    }
    end(&s);
}

static void c11_soft_errors(void)
{
    static const uint8_t types[] = {ICMP_TIME_EXCEEDED, ICMP_PARAMETER_PROBLEM};
    struct scene s = begin();
    for (unsigned i = 0; i < 2; i++)
        for (uint8_t code = 0; code < 3; code++) {
            struct icmp m = {.type = types[i], .code = code};
            probe_error(s.lone, &m, &s.quote);
            expect_open(&s);
        }
    end(&s);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"C01 a path narrows only by what is in flight, to a floor, for a time", c01_path_mtu},
        {"C02 hard errors do not end a connection", c02_hard_errors},
        {"C02 but an attempt, if they quote its SYN", c02_syn_sent},
        {"C03 source quench is ignored", c03_source_quench},
        {"C04 redirects are ignored", c04_redirect},
        {"C05 cut and lying quotations are dropped", c05_lying_quotes},
        {"C06 an echo is as long as its request", c06_echo_length},
        {"C07 no error about errors, groups and later fragments", c07_errors_about_errors},
        {"C08 the rate limit tells nothing", c08_rate_limit_tells_nothing},
        {"C09 queries are met with silence", c09_queries},
        {"C10 options steer no reply", c10_options_steer_nothing},
        {"C11 time exceeded and parameter problem are soft", c11_soft_errors},
    };
    return UNIT_MAIN("attack_icmp", tests);
}
