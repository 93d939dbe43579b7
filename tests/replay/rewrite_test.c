/* Recorded packets as rill sees them: numbers mapped, all else kept, sums right where they were. */
#include "../sim/forge.h"
#include "../unit/unit.h"
#include "replay/dissect.h"
#include "replay/rewrite.h"
#include "replay/stage.h"

#define CLIENT 0x0a000001
#define SERVER 0x7f000001

static uint8_t frame[REWRITE_MAX];

/* The packet in `recorded` as a segment of a conversation. */
static struct conversation_segment segment_of(const uint8_t *recorded, size_t length,
                                              uint16_t flags)
{
    return (struct conversation_segment){
        .header.flags = flags, .packet = span_of(recorded + ETH_HEADER, length - ETH_HEADER)};
}

static struct forge way(void)
{
    struct forge f = forge_honest();
    f.ip.source = CLIENT;
    f.ip.destination = SERVER;
    f.ip.tos = ECN_CE;
    f.ip.ttl = 3;
    return f;
}

static void numbers_of_a_segment(void)
{
    uint8_t recorded[256];
    struct forge f = way();
    struct tcp_header h = {.source = 4000,
                           .destination = 80,
                           .seq = {7},
                           .ack = {1000},
                           .flags = TCP_ACK | TCP_URG,
                           .urgent = 2,
                           .options = {.has_timestamps = true,
                                       .timestamp_value = 5,
                                       .timestamp_echo = 6,
                                       .sack_count = 1,
                                       .sack = {{{1100}, {1200}}}}};
    size_t length = forge_tcp(recorded, &f, &h, span_of("text", 4));
    struct conversation_segment s = segment_of(recorded, length, h.flags);
    struct rewrite map = {.shift = 0xffffffff, .echo = 99};
    struct dissected d;
    CU_ASSERT_PTR_NULL(dissect(&d, span_of(frame, rewrite_segment(frame, &s, &map))));
    CU_ASSERT_EQUAL(d.ip.source, STAGE_PEER);
    CU_ASSERT_EQUAL(d.ip.destination, STAGE_OWN);
    CU_ASSERT_EQUAL(d.ip.tos, ECN_CE);
    CU_ASSERT_EQUAL(d.ip.ttl, 3);
    CU_ASSERT_EQUAL(d.tcp.seq.n, 7);
    CU_ASSERT_EQUAL(d.tcp.ack.n, 999);
    CU_ASSERT_EQUAL(d.tcp.urgent, 2);
    CU_ASSERT_EQUAL(d.tcp.options.timestamp_value, 5);
    CU_ASSERT_EQUAL(d.tcp.options.timestamp_echo, 99);
    CU_ASSERT_EQUAL(d.tcp.options.sack[0].left.n, 1099);
    CU_ASSERT_EQUAL(d.tcp.options.sack[0].right.n, 1199);
    CU_ASSERT_EQUAL(d.payload.length, 4);
}

static void the_cookie_of_a_syn(void)
{
    uint8_t recorded[256];
    struct forge f = way();
    struct tcp_header h = {.source = 4000,
                           .destination = 80,
                           .flags = TCP_SYN,
                           .options = {.has_fast_open = true, .fast_open = {.length = 8}}};
    struct rewrite map = {.shift = 5, .cookie = {.length = 8, .cookie = "goodgood"}};
    struct dissected d;
    for (int form = 0; form < 2; form++) {
        h.options.fast_open.experimental = form;
        size_t length = forge_tcp(recorded, &f, &h, span_of(NULL, 0));
        struct conversation_segment s = segment_of(recorded, length, h.flags);
        CU_ASSERT_PTR_NULL(dissect(&d, span_of(frame, rewrite_segment(frame, &s, &map))));
        CU_ASSERT_EQUAL(d.tcp.ack.n, 0);
        CU_ASSERT(memcmp(d.tcp.options.fast_open.cookie, "goodgood", 8) == 0);
    }
}

/* The quoted segment is the stack's own. */
static void what_an_icmp_error_quotes(void)
{
    uint8_t recorded[256], quoted[IP4_HEADER + 8] = {0};
    struct forge f = way();
    struct ip4 ip = {.total_length = 100,
                     .ttl = 1,
                     .protocol = IP_PROTOCOL_TCP,
                     .source = SERVER,
                     .destination = CLIENT};
    ip4_write(quoted, &ip);
    wire_put32(quoted + IP4_HEADER + 4, 1000);
    struct icmp icmp = {.type = ICMP_UNREACHABLE, .code = 4, .next_hop_mtu = 900};
    size_t length = forge_icmp(recorded, &f, &icmp, span_of(quoted, sizeof quoted));
    struct conversation_segment s = segment_of(recorded, length, 0);
    struct icmp_quote quote;
    struct dissected d;
    s.icmp = true;
    struct rewrite map = {.shift = 23};
    CU_ASSERT_PTR_NULL(dissect(&d, span_of(frame, rewrite_segment(frame, &s, &map))));
    CU_ASSERT(icmp_quote_parse(&quote, d.payload));
    CU_ASSERT_EQUAL(quote.ip.source, STAGE_OWN);
    CU_ASSERT_EQUAL(quote.ip.destination, STAGE_PEER);
    CU_ASSERT_EQUAL(quote.tcp_seq, 1023);
}

static const char *rewritten(const uint8_t *recorded, size_t length)
{
    struct dissected d;
    struct recorded p = {.type = ETH_TYPE_IP4,
                         .body = span_of(recorded + ETH_HEADER, length - ETH_HEADER)};
    return dissect(&d, span_of(frame, rewrite_packet(frame, &p)));
}

static void a_datagrams_sum_follows_or_stays_wrong(void)
{
    uint8_t recorded[256];
    struct forge f = way();
    size_t length = forge_udp(recorded, &f, 53, 4000, span_of("data", 4));
    CU_ASSERT_PTR_NULL(rewritten(recorded, length));
    recorded[ETH_HEADER + IP4_HEADER + 8] ^= 1;
    CU_ASSERT_STRING_EQUAL(rewritten(recorded, length), "UDP checksum");
    wire_put16(recorded + ETH_HEADER + IP4_HEADER + 6, 0);
    CU_ASSERT_PTR_NULL(rewritten(recorded, length));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"ACK, SACK and echo of a segment are mapped, the rest stays", numbers_of_a_segment},
        {"the cookie of a SYN is mapped in both forms", the_cookie_of_a_syn},
        {"what an ICMP error quotes is mapped", what_an_icmp_error_quotes},
        {"a datagram's checksum follows, or stays wrong", a_datagrams_sum_follows_or_stays_wrong},
    };
    return UNIT_MAIN("rewrite", tests);
}
