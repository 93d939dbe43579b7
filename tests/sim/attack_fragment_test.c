/* Attacks with IPv4 fragments, one test for each row F.. of the attack table, named by it.
 * F13 (IPv4 and IPv6 fragments of equal keys) has to wait for IPv6. */
#include "../unit/unit.h"
#include "base/hash.h"
#include "ip/reassembly.h"
#include "probe.h"

#define WHOLE 64 /* bytes of the datagram that is cut: a UDP header and text */
#define STEP 8

struct scene {
    struct lone *lone;
    int listener, udp;
    uint8_t datagram[WHOLE], other[WHOLE]; /* what is cut; the same with other text */
    uint16_t id;
};

static struct scene begin_with(const struct rill_config *config)
{
    struct scene s = {.lone = lone_open(config)};
    uint8_t frame[128], text[WHOLE - UDP_HEADER];
    struct forge way = forge_honest();
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i + 1);
    forge_udp(frame, &way, 4000, 7, span_of(text, sizeof text));
    memcpy(s.datagram, forge_payload(frame, &way), WHOLE);
    for (unsigned i = 0; i < WHOLE; i++)
        s.other[i] = s.datagram[i] ^ 0x80;
    s.listener = lone_listen(PROBE_OPEN);
    s.udp = lone_udp(7);
    lone_meet(s.lone, FORGE_PEER, forge_mac(2));
    return s;
}

static struct scene begin(void)
{
    return begin_with(NULL);
}

static void end(struct scene *s)
{
    struct forge way = forge_honest();
    CU_ASSERT_EQUAL(probe_echo(s->lone, &way), 1); /* others are answered as before */
    rill_close(s->udp);
    rill_close(s->listener);
    lone_close(s->lone);
}

static void hear_fragment(struct scene *s, const struct forge *way, struct rill_span bytes)
{
    static uint8_t frame[LONE_MTU + ETH_HEADER];
    lone_hear(s->lone, frame, forge_ip4(frame, way, bytes));
}

/* [from, to) of the datagram, the last piece where it reaches the end. */
static void hear_piece(struct scene *s, const uint8_t *bytes, size_t from, size_t to)
{
    struct forge way = forge_honest();
    way.ip.protocol = IP_PROTOCOL_UDP;
    way.ip.id = s->id;
    way.ip.fragment_offset = (uint16_t)from;
    way.ip.more_fragments = to < WHOLE;
    hear_fragment(s, &way, span_of(bytes + from, to - from));
}

/* What came through: nothing (0), the datagram (1), something else (-1). */
static int received(struct scene *s)
{
    uint8_t text[2 * WHOLE];
    ssize_t n = rill_recv(s->udp, text, sizeof text, 0);
    if (n < 0)
        return 0;
    bool right = n == WHOLE - UDP_HEADER && memcmp(text, s->datagram + UDP_HEADER, (size_t)n) == 0;
    return right ? 1 : -1;
}

static void f01_ping_of_death(void)
{
    struct scene s = begin();
    static uint8_t bytes[1480];
    size_t used = rill_memory_used(s.lone->rill);
    for (unsigned length = 1; length <= sizeof bytes; length++) {
        struct forge way = forge_honest();
        way.ip.protocol = IP_PROTOCOL_ICMP;
        way.ip.id = (uint16_t)length;
        if (length % 2) { /* with its first fragment, or alone */
            way.ip.more_fragments = true;
            hear_fragment(&s, &way, span_of(bytes, 8));
        }
        way.ip.more_fragments = false;
        way.ip.fragment_offset = 8189 * 8;
        hear_fragment(&s, &way, span_of(bytes, length));
    }
    CU_ASSERT_EQUAL(s.lone->sent, 0);
    lone_pass(s.lone, RILL_SECONDS(61));
    CU_ASSERT_EQUAL(rill_memory_used(s.lone->rill), used);
    end(&s);
}

/* All ordered triples of pieces with bounds at multiples of 8: 46,656. */
static void f02_teardrop(void)
{
    size_t from[36], to[36], n = 0, through = 0;
    struct scene s = begin();
    for (size_t a = 0; a < WHOLE; a += STEP)
        for (size_t b = a + STEP; b <= WHOLE; b += STEP) {
            from[n] = a;
            to[n++] = b;
        }
    for (size_t k = 0; k < n * n * n; k++) {
        const size_t piece[3] = {k % n, k / n % n, k / n / n};
        s.id++;
        for (unsigned i = 0; i < 3; i++)
            hear_piece(&s, s.datagram, from[piece[i]], to[piece[i]]);
        for (int got; (got = received(&s)) != 0;) {
            CU_ASSERT_EQUAL_FATAL(got, 1);
            through++;
        }
        if (k % 256 == 0)
            lone_pass(s.lone, RILL_SECONDS(31));
    }
    CU_ASSERT(through > 1000);
    end(&s);
}

/* RFC 5722: a piece in the middle, one that overlaps it with other bytes, then all the rest. */
static void f03_overlap(void)
{
    struct scene s = begin();
    for (size_t a = 0; a < WHOLE; a += STEP)
        for (size_t b = a + STEP; b <= WHOLE; b += STEP) {
            if (b <= 24 || a >= 48 || b - a == WHOLE) /* apart; or no fragment at all */
                continue;
            s.id++;
            hear_piece(&s, s.datagram, 24, 48);
            hear_piece(&s, s.other, a, b);
            hear_piece(&s, s.datagram, 0, 24);
            hear_piece(&s, s.datagram, 48, WHOLE);
            CU_ASSERT_EQUAL(received(&s), 0);
        }
    s.id++; /* an exact duplicate does no harm */
    hear_piece(&s, s.datagram, 0, 24);
    hear_piece(&s, s.datagram, 0, 24);
    hear_piece(&s, s.datagram, 24, WHOLE);
    CU_ASSERT_EQUAL(received(&s), 1);
    end(&s);
}

static void f04_fragment_smack(void)
{
    struct scene s = begin();
    size_t used = rill_memory_used(s.lone->rill);
    struct forge way = forge_honest();
    way.ip.protocol = IP_PROTOCOL_UDP;
    way.ip.more_fragments = true;
    for (uint32_t i = 0; i < 100000; i++) {
        way.ip.id = (uint16_t)(i * 40503);
        way.ip.source = FORGE_PEER + (i >> 16);
        way.ip.fragment_offset = (uint16_t)(8 + i % 4000 * 16);
        hear_fragment(&s, &way, span_of(s.datagram, 8));
        CU_ASSERT_FATAL(rill_memory_used(s.lone->rill) <= used + (4 << 20));
    }
    end(&s);
}

/* Anybody can send them in anybody's name; connections are above six eighths short of memory. Seed
 * 107716 of rill-sim's corners scenario. */
static void f04_fragments_leave_connections_their_memory(void)
{
    struct rill_config config = lone_config();
    config.memory_budget = 2 << 20;
    struct scene s = begin_with(&config);
    size_t used = rill_memory_used(s.lone->rill);
    struct forge way = forge_honest();
    static const uint8_t bytes[1480];
    way.ip.protocol = IP_PROTOCOL_UDP;
    way.ip.more_fragments = true;
    for (uint16_t i = 0; i < 3000; i++) {
        way.ip.id = i;
        way.ip.source = FORGE_PEER + i % 16;
        hear_fragment(&s, &way, span_of(bytes, sizeof bytes));
        CU_ASSERT_FATAL(rill_memory_used(s.lone->rill) <= used + config.memory_budget / 8);
    }
    CU_ASSERT(rill_memory_used(s.lone->rill) > used + config.memory_budget / 16);
    end(&s);
}

static void f05_incomplete_datagrams(void)
{
    struct scene s = begin();
    size_t used = rill_memory_used(s.lone->rill);
    for (unsigned i = 0; i < 10000; i++) {
        s.id = (uint16_t)i;
        hear_piece(&s, s.datagram, i % 2 ? 0 : 8, 32);
        CU_ASSERT_FATAL(rill_memory_used(s.lone->rill) <= used + (4 << 20));
    }
    lone_pass(s.lone, RILL_SECONDS(61));
    CU_ASSERT_EQUAL(rill_memory_used(s.lone->rill), used);
    unsigned errors = lone_count(s.lone, DISSECTED_ICMP, NULL);
    CU_ASSERT(errors > 0 && errors < 100);
    for (unsigned i = 0; i < s.lone->sent; i++) {
        struct dissected d = lone_sent(s.lone, i);
        if (d.kind != DISSECTED_ICMP)
            continue;
        CU_ASSERT(d.icmp.type == ICMP_TIME_EXCEEDED &&
                  d.icmp.code == ICMP_TIME_EXCEEDED_REASSEMBLY);
        struct icmp_quote q;
        CU_ASSERT(icmp_quote_parse(&q, d.payload)); /* a later fragment would not parse */
    }
    end(&s);
}

/* A SYN in pieces of 8 bytes, in all six orders. */
static void f06_tiny_first_fragment(void)
{
    static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct scene s = begin();
    uint8_t frame[128];
    for (uint16_t i = 0; i < 6; i++) {
        struct forge way = forge_honest();
        struct tcp_header h = {.source = (uint16_t)(5000 + i),
                               .destination = PROBE_OPEN,
                               .seq = {1},
                               .flags = TCP_SYN,
                               .window = 1000};
        forge_tcp(frame, &way, &h, span_of(NULL, 0));
        uint8_t segment[TCP_HEADER];
        memcpy(segment, forge_payload(frame, &way), TCP_HEADER);
        way.ip.protocol = IP_PROTOCOL_TCP;
        way.ip.id = i;
        for (unsigned k = 0; k < 3; k++) {
            size_t from = orders[i][k] * 8u, to = min_of(from + 8, (size_t)TCP_HEADER);
            CU_ASSERT_EQUAL(s.lone->sent, i);
            way.ip.fragment_offset = (uint16_t)from;
            way.ip.more_fragments = to < TCP_HEADER;
            hear_fragment(&s, &way, span_of(segment + from, to - from));
        }
        CU_ASSERT_EQUAL(s.lone->sent, i + 1);
    }
    end(&s);
}

/* RFC 3128: good ports first, then the flags again with other ones. */
static void f07_header_rewritten(void)
{
    struct scene s = begin();
    uint8_t frame[128], segment[24];
    struct forge way = forge_honest();
    struct tcp_header h = {
        .source = 5000, .destination = PROBE_CLOSED, .seq = {1}, .flags = TCP_ACK, .window = 1};
    forge_tcp(frame, &way, &h, span_of("text", 4));
    memcpy(segment, forge_payload(frame, &way), sizeof segment);
    way.ip.protocol = IP_PROTOCOL_TCP;
    way.ip.more_fragments = true;
    hear_fragment(&s, &way, span_of(segment, 16));
    segment[13] = TCP_SYN;
    way.ip.more_fragments = false;
    way.ip.fragment_offset = 8;
    hear_fragment(&s, &way, span_of(segment + 8, 16));
    CU_ASSERT_EQUAL(s.lone->sent, 0);
    CU_ASSERT_EQUAL(lone_dropped(s.lone, RILL_DROP_FRAGMENT_OVERLAP), 1);
    end(&s);
}

static void f08_odd_fragments(void)
{
    struct scene s = begin();
    size_t used = rill_memory_used(s.lone->rill);
    struct forge way = forge_honest();
    way.ip.protocol = IP_PROTOCOL_UDP;
    way.ip.more_fragments = true;
    for (size_t length = 1; length < 24; length++)
        if (length % 8)
            hear_fragment(&s, &way, span_of(s.datagram, length));
    hear_fragment(&s, &way, span_of(s.datagram, 0));
    way.ip.dont_fragment = true;
    hear_fragment(&s, &way, span_of(s.datagram, 8));
    CU_ASSERT_EQUAL(lone_dropped(s.lone, RILL_DROP_FRAGMENT_ODD), lone_drops(s.lone));
    CU_ASSERT_EQUAL(lone_drops(s.lone), 21 + 2);
    CU_ASSERT_EQUAL(rill_memory_used(s.lone->rill), used);
    end(&s);
}

/* One last piece, then another that ends elsewhere, before or behind it, or text behind the end. */
static void f09_two_ends(void)
{
    static const struct {
        uint16_t last, other;
        bool more;
    } ends[] = {{32, 48, false}, {48, 32, false}, {32, 64, true}};
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct scene s = begin();
        struct forge way = forge_honest();
        way.ip.protocol = IP_PROTOCOL_UDP;
        way.ip.fragment_offset = ends[i].last;
        hear_fragment(&s, &way, span_of(s.datagram + 32, 16));
        way.ip.fragment_offset = ends[i].other;
        way.ip.more_fragments = ends[i].more;
        hear_fragment(&s, &way, span_of(s.datagram + 32, 16));
        way.ip.more_fragments = true;
        way.ip.fragment_offset = 0;
        hear_fragment(&s, &way, span_of(s.datagram, 32));
        CU_ASSERT_EQUAL(received(&s), 0);
        CU_ASSERT_EQUAL(lone_dropped(s.lone, RILL_DROP_FRAGMENT_ENDS), 2); /* and all after it */
        end(&s);
    }
}

/* A tail planted by another source, protocol or id is no tail of this datagram; one that is planted
 * with the right key spoils it, and the UDP checksum sees to that. */
static void f10_mixed_flows(void)
{
    struct scene s = begin();
    for (unsigned i = 0; i < 4; i++) {
        struct forge way = forge_honest();
        s.id = (uint16_t)(100 * i);
        way.ip.protocol = i == 0 ? IP_PROTOCOL_TCP : IP_PROTOCOL_UDP;
        way.ip.source = i == 1 ? 0xc0000209 : FORGE_PEER;
        way.ip.id = i == 2 ? (uint16_t)(s.id + 1) : s.id;
        way.ip.fragment_offset = 32;
        hear_fragment(&s, &way, span_of(s.other + 32, 32));
        hear_piece(&s, s.datagram, 0, 32);
        hear_piece(&s, s.datagram, 32, WHOLE);
        CU_ASSERT_EQUAL(received(&s), i < 3);
    }
    end(&s);
}

/* So little memory that something is evicted all the time. */
static void f11_eviction(void)
{
    struct random random;
    random_seed(&random, 11);
    for (size_t times = 1; times <= 2; times++) {
        struct rill_config config = lone_config();
        config.reassembly_memory = times * REASSEMBLY_MIN;
        struct scene s = begin_with(&config);
        unsigned through = 0;
        for (unsigned i = 0; i < 100000; i++) {
            size_t from = random_below(&random, 8) * STEP;
            size_t to = from + (1 + random_below(&random, (uint32_t)(WHOLE - from) / STEP)) * STEP;
            s.id = (uint16_t)random_below(&random, 1000);
            hear_piece(&s, random_below(&random, 100) ? s.datagram : s.other, from, to);
            int got = received(&s);
            CU_ASSERT_FATAL(got >= 0);
            through += (unsigned)got;
        }
        CU_ASSERT(through > 100);
        end(&s);
    }
}

static void f12_group_destinations(void)
{
    static const uint32_t groups[] = {0xffffffff, 0xc00002ff, 0xe0000001};
    struct scene s = begin();
    for (unsigned i = 0; i < 3; i++)
        for (unsigned alone = 0; alone < 2; alone++) { /* never whole; whole, to a closed port */
            struct forge way = forge_honest();
            uint8_t bytes[WHOLE];
            memcpy(bytes, s.datagram, WHOLE);
            wire_put16(bytes + 2, 9);
            wire_put16(bytes + 6, 0); /* no checksum */
            way.to = mac_broadcast;
            way.ip.protocol = IP_PROTOCOL_UDP;
            way.ip.destination = groups[i];
            way.ip.id = (uint16_t)(2 * i + alone);
            way.ip.more_fragments = true;
            hear_fragment(&s, &way, span_of(bytes, 32));
            way.ip.more_fragments = false;
            way.ip.fragment_offset = 32;
            if (!alone)
                hear_fragment(&s, &way, span_of(bytes + 32, 32));
        }
    lone_pass(s.lone, RILL_SECONDS(61));
    CU_ASSERT_EQUAL(lone_count(s.lone, DISSECTED_ICMP, NULL), 0);
    end(&s);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"F01 nothing grows beyond 65,535 bytes", f01_ping_of_death},
        {"F02 pieces make the original or nothing", f02_teardrop},
        {"F03 an overlap with other bytes spoils the datagram", f03_overlap},
        {"F04 tiny fragments cost bounded memory", f04_fragment_smack},
        {"F04 fragments leave connections their memory",
         f04_fragments_leave_connections_their_memory},
        {"F05 what stays incomplete goes away", f05_incomplete_datagrams},
        {"F06 TCP is not read before it is whole", f06_tiny_first_fragment},
        {"F07 a header is not rewritten", f07_header_rewritten},
        {"F08 odd fragments are dropped", f08_odd_fragments},
        {"F09 two ends spoil the datagram", f09_two_ends},
        {"F10 fragments of different flows are not joined", f10_mixed_flows},
        {"F11 eviction keeps the rest right", f11_eviction},
        {"F12 fragments to a group draw no error", f12_group_destinations},
    };
    return UNIT_MAIN("attack_fragment", tests);
}
