#include "ladder/draw.h"
#include "ladder/live.h"
#include "ladder/svg.h"
#include "recording/recording.h"
#include "unit.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define A_ISN 0xfffffff0 /* the numbers wrap within each conversation */
#define B_ISN 5000

#define TEST_CAPTURES "tests/replay/captures/"

static struct packet list[32];
static size_t count;
static struct ladder ladder;

/* Adds a segment from A (0) or B (1), with relative numbers. */
static void say(unsigned from, uint16_t flags, uint32_t seq, uint32_t ack, uint32_t length)
{
    struct packet p = {
        .kind = PACKET_TCP, .source = 1 + from, .destination = 2 - from, .length = length};
    p.tcp = (struct tcp_header){.source = (uint16_t)(from ? 80 : 4000),
                                .destination = (uint16_t)(from ? 4000 : 80),
                                .seq = {seq + (from ? B_ISN : A_ISN)},
                                .ack = {ack + (from ? A_ISN : B_ISN)},
                                .flags = flags};
    list[count++] = p;
}

static void follow(void)
{
    CU_ASSERT_FATAL(ladder_make(&ladder, list, count));
    CU_ASSERT_EQUAL_FATAL(ladder.steps, count);
}

static void begin(void)
{
    ladder_end(&ladder);
    count = 0;
}

static void handshake(void)
{
    begin();
    say(0, TCP_SYN, 0, 0, 0);
    say(1, TCP_SYN | TCP_ACK, 0, 1, 0);
    say(0, TCP_ACK, 1, 1, 0);
}

/* Both ends' states after step i. */
#define STATES(i, a, b) \
    do { \
        CU_ASSERT_EQUAL(ladder.step[i].after[0], RILL_TCP_##a); \
        CU_ASSERT_EQUAL(ladder.step[i].after[1], RILL_TCP_##b); \
    } while (0)

static void a_handshake_goes_through_syn_sent_and_syn_received(void)
{
    handshake();
    follow();
    CU_ASSERT_EQUAL(ladder.step[0].before[0], RILL_TCP_CLOSED);
    CU_ASSERT_EQUAL(ladder.step[0].before[1], RILL_TCP_LISTEN);
    STATES(0, SYN_SENT, SYN_RECEIVED);
    STATES(1, ESTABLISHED, SYN_RECEIVED);
    STATES(2, ESTABLISHED, ESTABLISHED);
}

static void numbers_are_relative_across_the_wrap(void)
{
    handshake();
    say(0, TCP_ACK | TCP_PSH, 1, 1, 100);
    say(1, TCP_ACK, 1, 101, 0);
    follow();
    CU_ASSERT_EQUAL(ladder.step[3].seq, 1);
    CU_ASSERT_EQUAL(ladder.step[4].ack, 101);
    CU_ASSERT_FALSE(ladder.step[3].again);
}

static void a_teardown_ends_in_time_wait_at_the_end_that_closed_first(void)
{
    handshake();
    say(1, TCP_FIN | TCP_ACK, 1, 1, 0);
    say(0, TCP_ACK, 1, 2, 0);
    say(0, TCP_FIN | TCP_ACK, 1, 2, 0);
    say(1, TCP_ACK, 2, 2, 0);
    follow();
    STATES(3, CLOSE_WAIT, FIN_WAIT_1);
    STATES(4, CLOSE_WAIT, FIN_WAIT_2);
    STATES(5, LAST_ACK, TIME_WAIT);
    STATES(6, CLOSED, TIME_WAIT);
}

static void fins_that_cross_pass_through_closing(void)
{
    handshake();
    say(0, TCP_FIN | TCP_ACK, 1, 1, 0);
    say(1, TCP_FIN | TCP_ACK, 1, 1, 0);
    say(0, TCP_ACK, 2, 2, 0);
    say(1, TCP_ACK, 2, 2, 0);
    follow();
    STATES(3, FIN_WAIT_1, ESTABLISHED);
    CU_ASSERT_FALSE(ladder.step[3].received);
    STATES(4, CLOSING, FIN_WAIT_1);
    STATES(5, CLOSING, TIME_WAIT);
    STATES(6, TIME_WAIT, TIME_WAIT);
}

static void syns_that_cross_pass_through_syn_received_at_both_ends(void)
{
    begin();
    say(0, TCP_SYN, 0, 0, 0);
    say(1, TCP_SYN, 0, 0, 0);
    say(0, TCP_SYN | TCP_ACK, 0, 1, 0);
    say(1, TCP_SYN | TCP_ACK, 0, 1, 0);
    say(0, TCP_ACK, 1, 1, 0);
    follow();
    CU_ASSERT_EQUAL(ladder.step[0].before[1], RILL_TCP_CLOSED);
    STATES(0, SYN_SENT, CLOSED);
    STATES(1, SYN_RECEIVED, SYN_SENT);
    STATES(2, SYN_RECEIVED, SYN_RECEIVED);
    STATES(3, ESTABLISHED, SYN_RECEIVED);
    STATES(4, ESTABLISHED, ESTABLISHED);
}

static void a_lost_syn_ack_leaves_syn_sent(void)
{
    begin();
    say(0, TCP_SYN, 0, 0, 0);
    say(1, TCP_SYN | TCP_ACK, 0, 1, 0);
    say(0, TCP_SYN, 0, 0, 0);
    say(1, TCP_SYN | TCP_ACK, 0, 1, 0);
    say(0, TCP_ACK, 1, 1, 0);
    follow();
    STATES(1, SYN_SENT, SYN_RECEIVED);
    CU_ASSERT_TRUE(ladder.step[2].again);
    STATES(3, ESTABLISHED, SYN_RECEIVED);
    CU_ASSERT_EQUAL(ladder.conversations, 1);
}

static void a_lost_fin_changes_only_its_sender(void)
{
    handshake();
    say(0, TCP_FIN | TCP_ACK, 1, 1, 0);
    say(1, TCP_ACK, 1, 1, 10);
    say(0, TCP_FIN | TCP_ACK, 1, 11, 0);
    say(1, TCP_ACK, 11, 2, 0);
    follow();
    STATES(3, FIN_WAIT_1, ESTABLISHED);
    STATES(4, FIN_WAIT_1, ESTABLISHED);
    STATES(5, FIN_WAIT_1, CLOSE_WAIT);
    CU_ASSERT_TRUE(ladder.step[5].again);
    STATES(6, FIN_WAIT_2, CLOSE_WAIT);
}

static void a_refused_connection_never_leaves_closed_at_the_other_end(void)
{
    begin();
    say(0, TCP_SYN, 0, 0, 0);
    say(1, TCP_RST | TCP_ACK, 0, 1, 0);
    follow();
    STATES(0, SYN_SENT, CLOSED);
    STATES(1, CLOSED, CLOSED);
}

static void a_reset_closes_both_ends_and_a_forged_one_only_until_they_speak(void)
{
    handshake();
    say(1, TCP_RST, 900, 0, 0);
    say(0, TCP_ACK, 1, 1, 5);
    say(1, TCP_ACK, 1, 6, 0);
    say(1, TCP_RST, 1, 0, 0);
    follow();
    CU_ASSERT_EQUAL(ladder.step[3].after[0], RILL_TCP_ESTABLISHED);
    STATES(5, ESTABLISHED, ESTABLISHED);
    STATES(6, CLOSED, CLOSED);
}

static void a_capture_that_begins_in_the_middle_shows_established_ends(void)
{
    begin();
    say(1, TCP_ACK, 77, 33, 10);
    say(0, TCP_ACK, 33, 87, 0);
    follow();
    STATES(0, ESTABLISHED, ESTABLISHED);
    CU_ASSERT_EQUAL(ladder.step[0].seq, 1);
    CU_ASSERT_EQUAL(ladder.step[1].ack, 11);
}

static void ports_used_again_begin_another_conversation(void)
{
    handshake();
    say(0, TCP_RST, 1, 1, 0);
    say(0, TCP_SYN, 7777, 0, 0);
    follow();
    CU_ASSERT_EQUAL(ladder.conversations, 2);
    CU_ASSERT_EQUAL(ladder.step[4].seq, 0);
    STATES(4, SYN_SENT, CLOSED);
}

/* A scan: every packet is a conversation, and the way back is found among them all. */
static void many_conversations_are_told_apart(void)
{
    static struct packet scan[60000];
    size_t half = sizeof scan / sizeof *scan / 2;
    struct ladder l;
    handshake();
    for (size_t i = 0; i < half; i++) {
        scan[i] = list[0];
        scan[half + i] = list[1];
        scan[i].tcp.destination = scan[half + i].tcp.source = (uint16_t)(i + 1);
    }
    CU_ASSERT_FATAL(ladder_make(&l, scan, 2 * half));
    CU_ASSERT_EQUAL(l.conversations, half);
    for (size_t i = 0; i < half; i++)
        if (l.conversation[i].first != &l.step[i] || l.step[i].next != &l.step[half + i])
            CU_FAIL("a reply is in another conversation");
    ladder_end(&l);
}

static void a_long_capture_is_cut_and_counted(void)
{
    char name[] = "/tmp/ladder_test.XXXXXX";
    static const uint8_t head[] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
                                   0,    0,    0,    0,    0, 0, 1, 0, 1, 0, 0, 0};
    /* An ARP request, behind the head that pcap gives each packet. */
    static const uint8_t packet[16 + 42] = {
        [8] = 42,      [12] = 42,     [16 + 12] = 8, [16 + 13] = 6, [16 + 15] = 1,
        [16 + 16] = 8, [16 + 18] = 6, [16 + 19] = 4, [16 + 21] = 1, [16 + 31] = 1};
    struct packet_list packets = {0};
    FILE *file = fdopen(mkstemp(name), "w");
    fwrite(head, sizeof head, 1, file);
    for (size_t i = 0; i < PACKETS_MAX + 7; i++)
        fwrite(packet, sizeof packet, 1, file);
    fclose(file);
    CU_ASSERT_PTR_NULL(packet_list_read(&packets, name, ""));
    CU_ASSERT_EQUAL(packets.count, PACKETS_MAX);
    CU_ASSERT_EQUAL(packets.seen, PACKETS_MAX + 7);
    packet_list_end(&packets);
    remove(name);
}

/* The ladder of a capture as text, the caller's to free. *wrong: what packet_list_read says. */
static char *drawing(const char *file, const char *filter, const char **wrong)
{
    struct packet_list packets = {0};
    *wrong = packet_list_read(&packets, file, filter);
    struct ladder drawn;
    CU_ASSERT_FATAL(ladder_make(&drawn, packets.at, packets.count));
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ladder_draw(out, &drawn, false);
    fclose(out);
    ladder_end(&drawn);
    packet_list_end(&packets);
    return text;
}

/* Draws a capture and compares the text. */
static void draws(const char *file, const char *filter, const char *expected)
{
    const char *wrong;
    char *text = drawing(file, filter, &wrong);
    CU_ASSERT_PTR_NULL(wrong);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

/* The capture again, as it is with a snap length. */
static void snap(const char *from, const char *to, bpf_u_int32 length)
{
    char why[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *h;
    const u_char *bytes;
    pcap_t *in = pcap_open_offline(from, why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    pcap_dumper_t *out = pcap_dump_open(in, to);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    while (pcap_next_ex(in, &h, &bytes) == 1) {
        h->caplen = h->caplen < length ? h->caplen : length;
        pcap_dump((u_char *)out, h, bytes);
    }
    pcap_dump_close(out);
    pcap_close(in);
}

static void a_snap_length_that_keeps_the_headers_changes_nothing(void)
{
    static const char whole[] = TEST_CAPTURES "gen--s01-clean-reqresp_c.pcap";
    char name[] = "/tmp/ladder_test.XXXXXX";
    const char *wrong;
    fclose(fdopen(mkstemp(name), "w"));
    snap(whole, name, 96);
    char *text = drawing(name, "", &wrong);
    CU_ASSERT_PTR_NULL(wrong);
    draws(whole, "", text);
    free(text);
    remove(name);
}

/* A superframe that a card was to cut, as some hosts record it: without a length. */
static void a_packet_without_a_length_is_as_long_as_recorded(void)
{
    struct recording r;
    struct rill_diagnostic why;
    unsigned drawn = 0;
    recording_read(&r, TEST_CAPTURES "gen--s01-clean-reqresp_c.pcap", "tcp", &why);
    for (unsigned i = 0; i < r.count; i++) {
        struct packet whole = packet_of(&r.packet[i]);
        wire_put16((uint8_t *)r.packet[i].body.at + 2, 0);
        struct packet uncut = packet_of(&r.packet[i]);
        CU_ASSERT_EQUAL(uncut.kind, PACKET_TCP);
        CU_ASSERT_EQUAL(uncut.length, whole.length);
        drawn += whole.length > 0;
    }
    CU_ASSERT(drawn > 0);
    recording_free(&r);
}

static void a_damaged_capture_is_drawn_up_to_the_damage(void)
{
    char name[] = "/tmp/ladder_test.XXXXXX";
    const char *wrong;
    fclose(fdopen(mkstemp(name), "w"));
    snap(TEST_CAPTURES "gen--s01-clean-reqresp_c.pcap", name, 96);
    CU_ASSERT_EQUAL(truncate(name, 1000), 0);
    char *text = drawing(name, "", &wrong);
    CU_ASSERT_PTR_NOT_NULL_FATAL(wrong);
    CU_ASSERT_PTR_NOT_NULL(strstr(wrong, "damaged behind packet"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "SYN,ACK"));
    free(text);
    remove(name);
}

static void a_simultaneous_close_is_drawn(void)
{
    draws(TEST_CAPTURES "gen--s08-simultaneous-close_c.pcap", "",
          "ARP, ICMP, UDP: A is 10.77.1.1, B is 10.77.1.2\n"
          "       0.000 ms  A --ARP request--------> B  who has 10.77.1.2\n"
          "       0.087 ms  A <----------ARP reply-- B  10.77.1.2 is at 02:00:5e:16:00:02\n"
          "\n"
          "TCP: A is 10.77.1.1:38616, B is 10.77.1.2:8086\n"
          "                 CLOSED        A                        B  LISTEN\n"
          "       0.106 ms  SYN_SENT      A --SYN----------------> B  SYN_RECEIVED  seq 0\n"
          "     300.552 ms  ESTABLISHED   A <------------SYN,ACK-- B  SYN_RECEIVED  seq 0 ack 1\n"
          "     300.681 ms  ESTABLISHED   A --ACK----------------> B  ESTABLISHED   seq 1 ack 1\n"
          "    1198.501 ms  FIN_WAIT_1    A --FIN,ACK------------> B  ESTABLISHED   seq 1 ack 1, "
          "not there yet\n"
          "    1348.837 ms  CLOSING       A <------------FIN,ACK-- B  FIN_WAIT_1    seq 1 ack 1\n"
          "    1348.902 ms  CLOSING       A --ACK----------------> B  TIME_WAIT     seq 2 ack 2\n"
          "    1499.146 ms  TIME_WAIT     A <----------------ACK-- B  TIME_WAIT     seq 2 ack 2\n");
}

static void a_clean_close_is_drawn(void)
{
    draws(TEST_CAPTURES "gen--s01-clean-reqresp_c.pcap", "tcp[tcpflags] & (tcp-syn | tcp-fin) != 0",
          "TCP: A is 10.77.1.1:41398, B is 10.77.1.2:8080\n"
          "                 CLOSED        A                        B  LISTEN\n"
          "       0.000 ms  SYN_SENT      A --SYN----------------> B  SYN_RECEIVED  seq 0\n"
          "      10.543 ms  ESTABLISHED   A <------------SYN,ACK-- B  SYN_RECEIVED  seq 0 ack 1\n"
          "      37.019 ms  ESTABLISHED   A <--------FIN,PSH,ACK-- B  FIN_WAIT_1    seq 18825 ack "
          "21 len 1176\n"
          "      37.585 ms  LAST_ACK      A --FIN,ACK------------> B  TIME_WAIT     seq 21 ack "
          "20002\n");
}

/* The page of what has been said; the caller frees it. */
static char *page(const struct ladder *l)
{
    char *page_text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&page_text, &size);
    ladder_svg(out, l);
    fclose(out);
    return page_text;
}

static size_t times(const char *in, const char *what)
{
    size_t n = 0;
    for (const char *at = in; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

static void a_page_has_an_arrow_and_both_states_for_each_segment(void)
{
    handshake();
    follow();
    char *svg = page(&ladder);
    CU_ASSERT_EQUAL(times(svg, "marker-end"), 3);
    CU_ASSERT_EQUAL(times(svg, "class=\"new\""), 4); /* two leave CLOSED and LISTEN, two arrive */
    CU_ASSERT_EQUAL(times(svg, ">ESTABLISHED<"), 3);
    CU_ASSERT_EQUAL(times(svg, ">seq 0 ack 1<"), 1);
    CU_ASSERT_EQUAL(times(svg, "<text"), times(svg, "</text>"));
    CU_ASSERT_EQUAL(times(svg, "The first"), 0);
    free(svg);
}

static void a_page_marks_what_was_lost_sent_again_or_reset(void)
{
    handshake();
    say(0, TCP_FIN | TCP_ACK, 1, 1, 0);
    say(1, TCP_ACK, 1, 1, 10);
    say(0, TCP_FIN | TCP_ACK, 1, 11, 0);
    say(1, TCP_RST, 11, 0, 0);
    follow();
    char *svg = page(&ladder);
    CU_ASSERT_EQUAL(times(svg, "stroke-dasharray"), 1);
    CU_ASSERT_EQUAL(times(svg, "url(#headbc4c00)"), 1);
    CU_ASSERT_EQUAL(times(svg, "url(#headcf222e)"), 1);
    free(svg);
}

static void a_page_ends_with_a_sentence_where_it_is_cut(void)
{
    static struct packet many[SVG_RUNGS_MAX + 5];
    struct ladder l;
    handshake();
    for (size_t i = 0; i < sizeof many / sizeof *many; i++)
        many[i] = list[2];
    CU_ASSERT_FATAL(ladder_make(&l, many, sizeof many / sizeof *many));
    char *svg = page(&l);
    CU_ASSERT_EQUAL(times(svg, "marker-end"), SVG_RUNGS_MAX);
    CU_ASSERT_EQUAL(times(svg, "The first 2000 of 2005 packets"), 1);
    free(svg);
    ladder_end(&l);
}

static void a_file_that_is_no_capture_is_one_sentence(void)
{
    struct packet_list packets = {0};
    CU_ASSERT_PTR_NOT_NULL(packet_list_read(&packets, "Makefile", ""));
    CU_ASSERT_PTR_NOT_NULL(packet_list_read(&packets, "does/not/exist", ""));
    CU_ASSERT_EQUAL(packets.count, 0);
}

/* What is drawn of the list, packet by packet; the caller frees it. */
static char *draw_live(struct live *live)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < count; i++) {
        list[i].when = RILL_SECONDS(1) + RILL_MILLISECONDS((rill_time)i);
        live_draw(live, out, &list[i], false);
    }
    fclose(out);
    return text;
}

static void live_rungs_are_drawn_as_they_come(void)
{
    struct live live;
    handshake();
    say(0, TCP_FIN | TCP_ACK, 1, 1, 0);
    struct packet other = list[0];
    other.source = 7;
    list[count++] = other; /* somebody else's SYN in between, to a port that is closed */
    other = list[1];
    other.destination = 7;
    other.tcp.flags = TCP_RST | TCP_ACK;
    other.tcp.seq.n = 0;
    list[count++] = other;
    say(1, TCP_ACK, 1, 2, 0);
    CU_ASSERT_TRUE_FATAL(live_begin(&live));
    char *text = draw_live(&live);
    CU_ASSERT_STRING_EQUAL(
        text,
        "TCP: A is 0.0.0.1:4000, B is 0.0.0.2:80\n"
        "                 CLOSED        A                        B  LISTEN\n"
        "       0.000 ms  SYN_SENT      A --SYN----------------> B  SYN_RECEIVED  seq 0\n"
        "       1.000 ms  ESTABLISHED   A <------------SYN,ACK-- B  SYN_RECEIVED  seq 0 ack 1\n"
        "       2.000 ms  ESTABLISHED   A --ACK----------------> B  ESTABLISHED   seq 1 ack 1\n"
        "       3.000 ms  FIN_WAIT_1    A --FIN,ACK------------> B  CLOSE_WAIT    seq 1 ack 1\n"
        "\nTCP: A is 0.0.0.7:4000, B is 0.0.0.2:80\n"
        "                 CLOSED        A                        B  LISTEN\n"
        "       4.000 ms  SYN_SENT      A --SYN----------------> B  SYN_RECEIVED  seq 0\n"
        "       5.000 ms  CLOSED        A <------------RST,ACK-- B  CLOSED        seq 0 ack 1\n"
        "\nTCP: A is 0.0.0.1:4000, B is 0.0.0.2:80\n"
        "       6.000 ms  FIN_WAIT_2    A <----------------ACK-- B  CLOSE_WAIT    seq 1 ack 2\n");
    free(text);
    live_end(&live);
}

static void a_live_fin_that_crossed_another_had_not_arrived(void)
{
    struct live live;
    handshake();
    say(0, TCP_FIN | TCP_ACK, 1, 1, 0);
    say(1, TCP_FIN | TCP_ACK, 1, 1, 0);
    say(0, TCP_ACK, 2, 2, 0);
    CU_ASSERT_TRUE_FATAL(live_begin(&live));
    char *text = draw_live(&live);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "CLOSING       A <------------FIN,ACK-- B  FIN_WAIT_1 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "CLOSING       A --ACK----------------> B  TIME_WAIT "));
    free(text);
    live_end(&live);
}

static void a_gap_in_what_comes_is_told(void)
{
    struct live live;
    handshake();
    CU_ASSERT_TRUE_FATAL(live_begin(&live));
    free(draw_live(&live));
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    live_skip(&live, out);
    live_draw(&live, out, &list[0], false);
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "could be drawn; from here on anew\n\nTCP: A is "));
    free(text);
    live_end(&live);
}

static void a_live_ladder_forgets_rather_than_grows(void)
{
    struct live live;
    FILE *out = fopen("/dev/null", "w");
    begin();
    say(0, TCP_SYN, 0, 0, 0);
    CU_ASSERT_TRUE_FATAL(live_begin(&live));
    for (uint32_t i = 0; i < 3 * LIVE_CONVERSATIONS; i++) {
        list[0].source = 100 + i;
        live_draw(&live, out, &list[0], false);
        CU_ASSERT_TRUE(live.ladder.conversations <= LIVE_CONVERSATIONS);
    }
    fclose(out);
    say(0, TCP_ACK, 1, 1, 0); /* of one that is forgotten: joined in its middle */
    list[0] = list[1];
    count = 1;
    char *text = draw_live(&live);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "ESTABLISHED   A --ACK----------------> B  ESTABLISHED"));
    free(text);
    live_end(&live);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a handshake goes through syn sent and syn received",
         a_handshake_goes_through_syn_sent_and_syn_received},
        {"numbers are relative across the wrap", numbers_are_relative_across_the_wrap},
        {"a teardown ends in time wait at the end that closed first",
         a_teardown_ends_in_time_wait_at_the_end_that_closed_first},
        {"fins that cross pass through closing", fins_that_cross_pass_through_closing},
        {"syns that cross pass through syn received at both ends",
         syns_that_cross_pass_through_syn_received_at_both_ends},
        {"a lost syn ack leaves syn sent", a_lost_syn_ack_leaves_syn_sent},
        {"a lost fin changes only its sender", a_lost_fin_changes_only_its_sender},
        {"a refused connection never leaves closed at the other end",
         a_refused_connection_never_leaves_closed_at_the_other_end},
        {"a reset closes both ends and a forged one only until they speak",
         a_reset_closes_both_ends_and_a_forged_one_only_until_they_speak},
        {"a capture that begins in the middle shows established ends",
         a_capture_that_begins_in_the_middle_shows_established_ends},
        {"ports used again begin another conversation",
         ports_used_again_begin_another_conversation},
        {"a simultaneous close is drawn", a_simultaneous_close_is_drawn},
        {"a clean close is drawn", a_clean_close_is_drawn},
        {"many conversations are told apart", many_conversations_are_told_apart},
        {"a long capture is cut and counted", a_long_capture_is_cut_and_counted},
        {"a snap length that keeps the headers changes nothing",
         a_snap_length_that_keeps_the_headers_changes_nothing},
        {"a packet without a length is as long as recorded",
         a_packet_without_a_length_is_as_long_as_recorded},
        {"a damaged capture is drawn up to the damage",
         a_damaged_capture_is_drawn_up_to_the_damage},
        {"a page has an arrow and both states for each segment",
         a_page_has_an_arrow_and_both_states_for_each_segment},
        {"a page marks what was lost, sent again or reset",
         a_page_marks_what_was_lost_sent_again_or_reset},
        {"a page ends with a sentence where it is cut",
         a_page_ends_with_a_sentence_where_it_is_cut},
        {"live rungs are drawn as they come", live_rungs_are_drawn_as_they_come},
        {"a live FIN that crossed another had not arrived",
         a_live_fin_that_crossed_another_had_not_arrived},
        {"a gap in what comes is told", a_gap_in_what_comes_is_told},
        {"a live ladder forgets rather than grows", a_live_ladder_forgets_rather_than_grows},
        {"a file that is no capture is one sentence", a_file_that_is_no_capture_is_one_sentence},
    };
    int status = UNIT_MAIN("ladder", tests);
    ladder_end(&ladder);
    return status;
}
