/* rill-graph's analysis: segments go in, points come out. */
#include "unit.h"

#include "graph/comment.h"
#include "graph/flow.h"
#include "graph/survey.h"
#include "graph/unit.h"
#include "tcp/seq.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS RILL_MILLISECONDS(1)
#define A_ISN 0xfffffe00 /* the numbers wrap within each connection */
#define B_ISN 5000

/* ---- Comments ---- */

static void a_comment_is_read_back(void)
{
    struct comment c = comment_parse(
        "ESTABLISHED: P. 1:101(100) ack 1 win 65535; sent for: retransmission after a time-out; "
        "cwnd 1460, ssthresh 7300, in flight 100, srtt 12.345 ms, RTO 400 ms");
    CU_ASSERT(c.known && c.retransmits);
    CU_ASSERT_EQUAL(c.cwnd, 1460);
    CU_ASSERT_EQUAL(c.ssthresh, 7300);
    CU_ASSERT_EQUAL(c.in_flight, 100);
    CU_ASSERT_EQUAL(c.srtt, RILL_MICROSECONDS(12345));
    CU_ASSERT_EQUAL(c.rto, 400 * MS);
}

static void what_a_comment_leaves_out_is_not_made_up(void)
{
    struct comment c = comment_parse("LISTEN -> SYN_RECEIVED: S 0:0(0) win 65535; cwnd 14600, "
                                     "ssthresh none, in flight 0, RTO 1000 ms");
    CU_ASSERT(c.known && !c.retransmits);
    CU_ASSERT_EQUAL(c.ssthresh, UINT32_MAX);
    CU_ASSERT_EQUAL(c.srtt, 0);
    c = comment_parse("SYN_SENT: S 0:0(0) win 64512; sent for: open; cwnd none, ssthresh none, "
                      "in flight 1, RTO 1000 ms");
    CU_ASSERT(c.known);
    CU_ASSERT_EQUAL(c.cwnd, 0);
    CU_ASSERT_EQUAL(c.rto, 1000 * MS);
    CU_ASSERT_FALSE(comment_parse("").known);
    CU_ASSERT_FALSE(comment_parse("my cwnd is large, RTO").known);
    CU_ASSERT_FALSE(comment_parse("; cwnd x, ssthresh y, in flight z, RTO w").known);
}

/* ---- What pcapng says beside packets ---- */

static uint8_t *put32(uint8_t *at, uint32_t value, bool swapped)
{
    value = swapped ? __builtin_bswap32(value) : value;
    memcpy(at, &value, 4);
    return at + 4;
}

static uint8_t *put16(uint8_t *at, uint16_t value, bool swapped)
{
    value = swapped ? __builtin_bswap16(value) : value;
    memcpy(at, &value, 2);
    return at + 2;
}

/* An enhanced packet of 5 bytes, outbound, with a comment of 5. */
static uint8_t *put_packet(uint8_t *at, bool swapped)
{
    uint8_t *begin = at;
    at = put32(at, 6, swapped);
    at = put32(at, 64, swapped);
    for (int i = 0; i < 3; i++)
        at = put32(at, 0, swapped);
    at = put32(put32(at, 5, swapped), 5, swapped);
    at = (uint8_t *)memset(at, 0xee, 8) + 8;
    at = put32(put16(put16(at, 2, swapped), 4, swapped), 2, swapped);
    at = (uint8_t *)memcpy(put16(put16(at, 1, swapped), 5, swapped), "hello\0\0", 8) + 8;
    at = put32(put32(at, 0, swapped), 64, swapped);
    CU_ASSERT_EQUAL_FATAL(at - begin, 64);
    return at;
}

/* A section, an interface, a packet with a note, a simple one, and one with a note. */
static size_t write_pcapng(char *name, bool swapped)
{
    uint8_t file[512], *at = file;
    at = put32(put32(at, 0x0a0d0d0a, swapped), 28, swapped);
    at = put16(put16(put32(at, 0x1a2b3c4d, swapped), 1, swapped), 0, swapped);
    at = put32(put32(put32(at, ~0u, swapped), ~0u, swapped), 28, swapped);
    at = put32(put32(put32(at, 1, swapped), 20, swapped), swapped ? 0x00010000 : 1, false);
    at = put32(put32(at, 0, swapped), 20, swapped);
    at = put_packet(at, swapped);
    at = put32(put32(put32(at, 3, swapped), 20, swapped), 4, swapped);
    at = put32(put32(at, 0, swapped), 20, swapped);
    at = put_packet(at, swapped);
    FILE *out = fdopen(mkstemp(name), "w");
    size_t length = fwrite(file, 1, (size_t)(at - file), out);
    fclose(out);
    return length;
}

static void notes_are_found_in_both_byte_orders(void)
{
    for (int swapped = 0; swapped < 2; swapped++) {
        char name[] = "/tmp/graph_test.XXXXXX";
        struct notes n;
        write_pcapng(name, swapped);
        notes_open(&n, name);
        for (unsigned i = 1; i <= 4; i++) {
            struct note note = notes_of(&n, i);
            bool has = i == 1 || i == 3;
            CU_ASSERT_STRING_EQUAL(note.comment, has ? "hello" : "");
            CU_ASSERT_EQUAL(note.direction, has ? RILL_CAPTURE_OUT : RILL_CAPTURE_UNKNOWN);
        }
        notes_close(&n);
        remove(name);
    }
}

static void a_cut_file_has_the_notes_before_the_cut(void)
{
    char name[] = "/tmp/graph_test.XXXXXX";
    size_t length = write_pcapng(name, false);
    for (size_t cut = 1; cut <= length; cut++) {
        struct notes n;
        CU_ASSERT_EQUAL_FATAL(truncate(name, (off_t)(length - cut)), 0);
        notes_open(&n, name);
        CU_ASSERT_EQUAL(*notes_of(&n, 1).comment != 0, length - cut >= 28 + 20 + 64);
        CU_ASSERT_STRING_EQUAL(notes_of(&n, 3).comment, "");
        notes_close(&n);
    }
    remove(name);
}

/* ---- Segments ---- */

static const uint8_t ip4_tcp[] = {
    0x45, 0, 0, 60, 0, 0, 0x40, 0, 64, 6, 0, 0, 10,   0,    0, 1, 10, 0, 0, 2, /* 40 bytes of TCP */
    0,    1, 0, 2,  0, 0, 0,    7, 0,  0, 0, 9, 0x50, 0x10, 1, 0, 0,  0, 0, 0};

static void a_cut_packet_has_its_length_from_the_header(void)
{
    struct segment s;
    struct recorded p = {.type = ETH_TYPE_IP4, .body = span_of(ip4_tcp, sizeof ip4_tcp)};
    CU_ASSERT_FATAL(segment_of(&s, &p));
    CU_ASSERT_EQUAL(s.length, 20);
    CU_ASSERT_EQUAL(s.source.port, 1);
    CU_ASSERT_EQUAL(s.tcp.seq.n, 7);
    CU_ASSERT_EQUAL(rill_address_to_ip4(s.destination.address), 0x0a000002);
    p.body.length--;
    CU_ASSERT_FALSE(segment_of(&s, &p));
}

static void ip6_and_its_extensions_are_read(void)
{
    uint8_t packet[40 + 8 + 20 + 5] = {0x60, [5] = 8 + 20 + 5, [6] = 0 /* hop by hop */};
    struct segment s;
    struct recorded p = {.type = ETH_TYPE_IP6, .body = span_of(packet, sizeof packet)};
    packet[8] = 0x20;
    packet[39] = 9;
    packet[40] = 6;
    memcpy(packet + 48, ip4_tcp + 20, 20);
    CU_ASSERT_FATAL(segment_of(&s, &p));
    CU_ASSERT_EQUAL(s.length, 5);
    CU_ASSERT_EQUAL(s.source.address.byte[0], 0x20);
    CU_ASSERT_EQUAL(s.destination.address.byte[15], 9);
    packet[40] = 44; /* a fragment */
    CU_ASSERT_FALSE(segment_of(&s, &p));
    packet[41] = 200; /* an extension that is longer than the packet */
    CU_ASSERT_FALSE(segment_of(&s, &p));
}

/* A segment of A (0) or B (1), with relative numbers. */
static struct segment segment(unsigned from, rill_time when, uint16_t flags, uint32_t seq,
                              uint32_t ack, uint32_t length)
{
    struct graph_end end[2] = {{rill_address_ip4(1), 4000}, {rill_address_ip4(2), 80}};
    return (struct segment){.when = RILL_SECONDS(1) + when,
                            .source = end[from],
                            .destination = end[!from],
                            .length = length,
                            .note = {.comment = ""},
                            .tcp = {.source = end[from].port,
                                    .destination = end[!from].port,
                                    .seq = {seq + (from ? B_ISN : A_ISN)},
                                    .ack = {ack + (from ? A_ISN : B_ISN)},
                                    .window = 1000,
                                    .flags = flags}};
}

/* ---- Which connections there are ---- */

static void survey_one(struct survey *v, struct segment s)
{
    static unsigned number;
    s.number = ++number;
    survey_take(v, &s);
}

static void ports_used_again_are_another_connection(void)
{
    struct survey v;
    survey_begin(&v);
    survey_one(&v, segment(1, 0, TCP_SYN | TCP_ACK, 0, 1, 0)); /* its SYN was not recorded */
    survey_one(&v, segment(0, MS, TCP_ACK, 1, 1, 100));
    survey_one(&v, segment(0, 2 * MS, TCP_FIN | TCP_ACK, 101, 1, 0));
    survey_one(&v, segment(0, 9 * MS, TCP_SYN, 7777, 0, 0));
    survey_one(&v, segment(0, 10 * MS, TCP_SYN, 7777, 0, 0)); /* once more */
    survey_one(&v, segment(1, 11 * MS, TCP_ACK, 1, 7778, 50));
    CU_ASSERT_EQUAL_FATAL(v.count, 2);
    CU_ASSERT_EQUAL(v.connection[0].end[0].port, 4000);
    CU_ASSERT_EQUAL(v.connection[0].bytes[0], 100);
    CU_ASSERT_EQUAL(v.connection[0].packets, 3);
    CU_ASSERT_EQUAL(v.connection[1].packets, 3);
    CU_ASSERT_EQUAL(v.connection[1].bytes[1], 50);
    CU_ASSERT_EQUAL(v.connection[1].begin, RILL_SECONDS(1) + 9 * MS);
    struct segment s = segment(1, 0, TCP_ACK, 1, 1, 0);
    s.number = v.connection[1].first;
    CU_ASSERT(!connection_holds(&v.connection[0], &s) && connection_holds(&v.connection[1], &s));
    survey_end(&v);
}

static void too_many_connections_are_counted(void)
{
    struct survey v;
    survey_begin(&v);
    for (unsigned i = 0; i < SURVEY_MAX + 3; i++) {
        struct segment s = segment(0, 0, TCP_SYN, 0, 0, 0);
        s.source.address = rill_address_ip4(i);
        survey_one(&v, s);
    }
    CU_ASSERT_EQUAL(v.count, SURVEY_MAX);
    CU_ASSERT_EQUAL(v.left_out, 3);
    survey_end(&v);
}

/* ---- Series ---- */

static void add(struct series *s, const struct series_view *v, rill_time when, int64_t value)
{
    series_add(s, v, (struct point){when, value, value});
}

static void a_line_keeps_what_each_slot_shows(void)
{
    struct series s = {.shape = SERIES_LINE};
    struct series_view v = {.to = RILL_NEVER, .slot = 100};
    for (int i = 0; i < 100; i++)
        add(&s, &v, i, i == 30 ? 900 : i == 60 ? -900 : 5);
    add(&s, &v, 100, 6);
    series_close(&s);
    CU_ASSERT_EQUAL_FATAL(s.count, 5);
    const int64_t expected[] = {5, 900, -900, 5, 6};
    for (unsigned i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(s.at[i].low, expected[i]);
    CU_ASSERT_EQUAL(s.at[3].when, 99);
    series_free(&s);
}

static void bars_that_touch_within_a_slot_are_one(void)
{
    struct series s = {.shape = SERIES_BAR};
    struct series_view v = {.to = RILL_NEVER, .slot = 100, .grain = 10};
    series_add(&s, &v, (struct point){0, 0, 100});
    series_add(&s, &v, (struct point){1, 105, 200});
    series_add(&s, &v, (struct point){2, 211, 300});   /* too far */
    series_add(&s, &v, (struct point){100, 300, 400}); /* later */
    CU_ASSERT_EQUAL_FATAL(s.count, 3);
    CU_ASSERT_EQUAL(s.at[0].low, 0);
    CU_ASSERT_EQUAL(s.at[0].high, 200);
    series_free(&s);
}

static void a_series_has_a_bound_and_a_view(void)
{
    struct series s = {.shape = SERIES_MARK};
    struct series_view v = {.from = 10, .to = RILL_NEVER};
    add(&s, &v, 9, 1);
    CU_ASSERT_EQUAL(s.count, 0);
    for (int i = 0; i < SERIES_MAX + 7; i++)
        add(&s, &v, 10 + i, i);
    CU_ASSERT_EQUAL(s.count, SERIES_MAX);
    CU_ASSERT_EQUAL(s.left_out, 7);
    series_free(&s);
}

/* ---- Parts ---- */

static void what_passes_again_is_told_from_what_fills_a_hole(void)
{
    struct seen s = {0};
    CU_ASSERT_EQUAL(seen_take(&s, 0, 1), SEEN_NEW);
    CU_ASSERT_EQUAL(seen_take(&s, 1, 101), SEEN_NEW);
    CU_ASSERT_EQUAL(seen_take(&s, 301, 401), SEEN_NEW); /* 101 to 301 is missing */
    CU_ASSERT_EQUAL(seen_take(&s, 1, 101), SEEN_AGAIN);
    CU_ASSERT_EQUAL(seen_take(&s, 151, 201), SEEN_FILLS);
    CU_ASSERT_EQUAL(seen_take(&s, 151, 201), SEEN_AGAIN);
    CU_ASSERT_EQUAL(seen_take(&s, 51, 171), SEEN_FILLS);
    CU_ASSERT_EQUAL(seen_take(&s, 101, 201), SEEN_AGAIN);
    CU_ASSERT_EQUAL(seen_take(&s, 201, 301), SEEN_FILLS);
    CU_ASSERT_EQUAL(s.holes, 0);
    CU_ASSERT_EQUAL(s.max, 401);
}

static void more_holes_than_are_kept_do_no_harm(void)
{
    struct seen s = {0};
    for (position p = 1; p < 1000; p += 2)
        CU_ASSERT_EQUAL(seen_take(&s, p, p + 1), SEEN_NEW);
    CU_ASSERT_EQUAL(s.holes, SEEN_HOLES);
    CU_ASSERT_EQUAL(seen_take(&s, 2, 3), SEEN_AGAIN); /* forgotten */
    CU_ASSERT_EQUAL(seen_take(&s, 998, 999), SEEN_FILLS);
}

static void rates_have_round_bins(void)
{
    struct rate r;
    rate_begin(&r, RILL_SECONDS(10));
    CU_ASSERT_EQUAL(r.bin, RILL_MILLISECONDS(200));
    CU_ASSERT(r.bins <= RATE_BINS);
    rate_sent(&r, 0, 3);
    rate_sent(&r, 199 * MS, 4);
    rate_sent(&r, 10000 * MS, 5);
    rate_sent(&r, 99000 * MS, 6);
    rate_sent(&r, -1, 6);
    CU_ASSERT_EQUAL(r.sent[0], 7);
    CU_ASSERT_EQUAL(r.sent[50], 5);
    rate_begin(&r, 0);
    CU_ASSERT_EQUAL(r.bins, 1);
}

static void numbers_on_axes_are_short(void)
{
    CU_ASSERT_STRING_EQUAL(unit_of_bytes(4999).name, "bytes");
    CU_ASSERT_STRING_EQUAL(unit_of_bytes(5000).name, "kB");
    CU_ASSERT_STRING_EQUAL(unit_of_bytes(8000000000).name, "GB");
    CU_ASSERT_STRING_EQUAL(unit_of_time(2500 * MS).name, "s");
    CU_ASSERT_STRING_EQUAL(unit_of_time(1).name, "ns");
    CU_ASSERT_STRING_EQUAL(unit_of_rate(12000000).name, "Mbit/s");
}

/* ---- A direction ---- */

static struct flow flow;

/* From A to B; both offer window scaling, B by 4. */
static void handshake(void)
{
    struct series_view all = {.to = RILL_NEVER};
    flow_free(&flow);
    flow_begin(&flow, RILL_SECONDS(1), &all);
    struct segment syn = segment(0, 0, TCP_SYN, 0, 0, 0);
    struct segment answer = segment(1, 10 * MS, TCP_SYN | TCP_ACK, 0, 1, 0);
    syn.tcp.options = (struct tcp_options){.has_window_scale = true, .window_scale = 7};
    answer.tcp.options = (struct tcp_options){.has_window_scale = true, .window_scale = 4};
    flow_send(&flow, &syn);
    flow_answer(&flow, &answer);
}

static void a_sends(rill_time when, uint32_t seq, uint32_t length)
{
    struct segment s = segment(0, when, TCP_ACK, seq, 1, length);
    flow_send(&flow, &s);
}

static void b_acknowledges(rill_time when, uint32_t ack)
{
    struct segment s = segment(1, when, TCP_ACK, 1, ack, 0);
    flow_answer(&flow, &s);
}

static const struct point *last(enum flow_series which)
{
    const struct series *s = &flow.series[which];
    CU_ASSERT_FATAL(s->count > 0);
    return &s->at[s->count - 1];
}

static void counts(enum flow_series which, unsigned count)
{
    CU_ASSERT_EQUAL(flow.series[which].count, count);
}

static void a_transfer_has_bars_a_window_and_round_trips(void)
{
    handshake();
    a_sends(20 * MS, 1, 1000);
    a_sends(21 * MS, 1001, 1000);
    b_acknowledges(35 * MS, 2001);
    flow_end(&flow);
    counts(FLOW_DATA, 3); /* and the SYN */
    CU_ASSERT_EQUAL(last(FLOW_DATA)->low, 1001);
    CU_ASSERT_EQUAL(last(FLOW_DATA)->high, 2001);
    CU_ASSERT_EQUAL(last(FLOW_WINDOW)->high, 2001 + (1000 << 4));
    CU_ASSERT_EQUAL(flow.series[FLOW_WINDOW].at[0].high, 1 + 1000); /* a SYN's is not scaled */
    CU_ASSERT_EQUAL(last(FLOW_RTT)->high, 14 * MS);
    CU_ASSERT_EQUAL(last(FLOW_SRTT)->high, 10 * MS + 4 * MS / 8);
    CU_ASSERT_EQUAL(last(FLOW_OUTSTANDING)->high, 0);
    CU_ASSERT(flow_window_known(&flow));
    counts(FLOW_RETRANSMITTED, 0);
}

static void a_late_filler_was_sent_again_and_an_early_one_overtaken(void)
{
    handshake();
    a_sends(20 * MS, 1, 1000);
    a_sends(21 * MS, 2001, 1000);
    a_sends(22 * MS, 1001, 1000); /* 1 ms behind: less than half a round trip */
    a_sends(23 * MS, 4001, 1000);
    a_sends(40 * MS, 3001, 1000); /* lost before it came here */
    a_sends(41 * MS, 1, 1000);
    counts(FLOW_REORDERED, 1);
    counts(FLOW_RETRANSMITTED, 2);
    CU_ASSERT_EQUAL(flow.segments_again, 2);
    CU_ASSERT_EQUAL(flow.bytes_again, 2000);
}

static void a_keep_alive_is_no_retransmission(void)
{
    handshake();
    a_sends(20 * MS, 1, 1000);
    b_acknowledges(30 * MS, 1001);
    a_sends(999 * MS, 1000, 1);
    a_sends(1999 * MS, 1000, 0);
    counts(FLOW_RETRANSMITTED, 0);
    CU_ASSERT_EQUAL(last(FLOW_PROBE)->low, 1000);
}

/* Karn: what was sent twice has no round trip, unless a timestamp tells which one it was. */
static void retransmissions_have_round_trips_by_timestamp_only(void)
{
    handshake();
    struct segment s = segment(0, 20 * MS, TCP_ACK, 1, 1, 1000);
    flow_send(&flow, &s);
    s.when += 100 * MS;
    s.tcp.options = (struct tcp_options){.has_timestamps = true, .timestamp_value = 77};
    flow_send(&flow, &s);
    b_acknowledges(130 * MS, 1001);
    counts(FLOW_RTT, 1); /* of the SYN */
    counts(FLOW_RTT_TIMESTAMP, 0);
    s.tcp.seq.n += 1000;
    s.tcp.options.timestamp_value = 88;
    flow_send(&flow, &s);
    s.when += 100 * MS;
    s.tcp.options.timestamp_value = 99;
    flow_send(&flow, &s);
    struct segment answer = segment(1, 233 * MS, TCP_ACK, 1, 2001, 0);
    answer.tcp.options = (struct tcp_options){.has_timestamps = true, .timestamp_echo = 99};
    flow_answer(&flow, &answer);
    counts(FLOW_RTT, 1);
    CU_ASSERT_EQUAL(last(FLOW_RTT_TIMESTAMP)->high, 13 * MS);
}

static struct tcp_sack_block block(uint32_t left, uint32_t right)
{
    return (struct tcp_sack_block){{A_ISN + left}, {A_ISN + right}};
}

static void sack_is_told_from_d_sack(void)
{
    handshake();
    a_sends(20 * MS, 1, 1000);
    a_sends(21 * MS, 2001, 1000);
    struct segment s = segment(1, 30 * MS, TCP_ACK, 1, 1001, 0);
    s.tcp.options.sack_count = 1;
    s.tcp.options.sack[0] = block(2001, 3001);
    flow_answer(&flow, &s);
    flow_answer(&flow, &s);
    counts(FLOW_SACK, 2);
    counts(FLOW_DSACK, 0);
    counts(FLOW_DUPLICATE_ACK, 1);
    s.tcp.options.sack_count = 2;
    s.tcp.options.sack[0] = block(1, 1001); /* RFC 2883 4.1: already acknowledged */
    s.tcp.options.sack[1] = block(2001, 3001);
    flow_answer(&flow, &s);
    CU_ASSERT_EQUAL(last(FLOW_DSACK)->high, 1001);
    s.tcp.options.sack[0] = block(2101, 2201); /* 4.2: within the next block */
    flow_answer(&flow, &s);
    CU_ASSERT_EQUAL(last(FLOW_DSACK)->low, 2101);
    counts(FLOW_SACK, 4);
}

static void without_a_handshake_the_first_byte_is_1(void)
{
    struct series_view all = {.to = RILL_NEVER};
    flow_free(&flow);
    flow_begin(&flow, RILL_SECONDS(1), &all);
    a_sends(0, 5000, 100);
    b_acknowledges(9 * MS, 5100);
    flow_end(&flow);
    CU_ASSERT_EQUAL(last(FLOW_DATA)->low, 1);
    CU_ASSERT_EQUAL(last(FLOW_ACK)->low, 101);
    CU_ASSERT_EQUAL(last(FLOW_RTT)->low, 9 * MS);
    CU_ASSERT_FALSE(flow_window_known(&flow));
    flow_free(&flow);
}

/* What the sender said of itself counts more than what could be inferred. */
static void a_comment_says_why_it_was_sent(void)
{
    handshake();
    struct segment s = segment(0, 20 * MS, TCP_ACK, 2001, 1, 1000);
    s.note = (struct note){"ESTABLISHED: . ; sent for: retransmission after duplicate "
                           "acknowledgements; cwnd 10, ssthresh 20, in flight 30, RTO 40 ms",
                           RILL_CAPTURE_OUT};
    flow_send(&flow, &s);
    flow_end(&flow);
    counts(FLOW_RETRANSMITTED, 1);
    CU_ASSERT_EQUAL(last(FLOW_CWND)->low, 10);
    CU_ASSERT_EQUAL(last(FLOW_SSTHRESH)->low, 20);
    CU_ASSERT_EQUAL(last(FLOW_FLIGHT)->low, 30);
    CU_ASSERT_EQUAL(last(FLOW_RTO)->low, 40 * MS);
    flow_free(&flow);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a comment is read back", a_comment_is_read_back},
        {"what a comment leaves out is not made up", what_a_comment_leaves_out_is_not_made_up},
        {"notes are found in both byte orders", notes_are_found_in_both_byte_orders},
        {"a cut file has the notes before the cut", a_cut_file_has_the_notes_before_the_cut},
        {"a cut packet has its length from the header",
         a_cut_packet_has_its_length_from_the_header},
        {"IPv6 and its extensions are read", ip6_and_its_extensions_are_read},
        {"ports used again are another connection", ports_used_again_are_another_connection},
        {"too many connections are counted", too_many_connections_are_counted},
        {"a line keeps what each slot shows", a_line_keeps_what_each_slot_shows},
        {"bars that touch within a slot are one", bars_that_touch_within_a_slot_are_one},
        {"a series has a bound and a view", a_series_has_a_bound_and_a_view},
        {"what passes again is told from what fills a hole",
         what_passes_again_is_told_from_what_fills_a_hole},
        {"more holes than are kept do no harm", more_holes_than_are_kept_do_no_harm},
        {"rates have round bins", rates_have_round_bins},
        {"numbers on axes are short", numbers_on_axes_are_short},
        {"a transfer has bars, a window and round trips",
         a_transfer_has_bars_a_window_and_round_trips},
        {"a late filler was sent again, an early one overtaken",
         a_late_filler_was_sent_again_and_an_early_one_overtaken},
        {"a keep-alive is no retransmission", a_keep_alive_is_no_retransmission},
        {"retransmissions have round trips by timestamp only",
         retransmissions_have_round_trips_by_timestamp_only},
        {"SACK is told from D-SACK", sack_is_told_from_d_sack},
        {"without a handshake the first byte is 1", without_a_handshake_the_first_byte_is_1},
        {"a comment says why it was sent", a_comment_says_why_it_was_sent},
    };
    return UNIT_MAIN("graph", tests);
}
