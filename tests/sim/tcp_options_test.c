/* Options: RFC 9293 3.1, 3.2, 3.7.1; RFC 7323 2 and 3; RFC 2018 2; RFC 6691. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "tcp/conn.h"

static struct peer w;

/* A handshake with these bytes as the SYN's options. */
static void establish_with(const uint8_t *bytes, size_t length)
{
    peer_open(&w);
    app_listens(&w);
    peer_sends(&w, TCP_SYN, 0, .raw = span_of(bytes, length));
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    struct peer_segment answer = w.got;
    peer_sends(&w, TCP_ACK, 1, 1);
    state_is(&w, ESTABLISHED);
    app_accepts(&w);
    w.got = answer;
}

/* The largest segment that leaves. */
static uint32_t largest(size_t bytes)
{
    uint32_t most = 0;
    app_sends(&w, bytes);
    while (peer_takes(&w, &w.got))
        most = max_of(most, w.got.length);
    return most;
}

static void the_peers_mss_bounds_segments(void) /* MUST-4, MUST-14, MUST-16 */
{
    static const uint8_t o[] = {2, 4, 500 >> 8, 500 & 255};
    establish_with(o, sizeof o);
    CU_ASSERT_EQUAL(largest(5000), 500);
    peer_close(&w);
}

static void without_an_mss_it_is_536(void) /* MUST-15 */
{
    static const uint8_t o[] = {1, 1, 1, 1};
    establish_with(o, sizeof o);
    CU_ASSERT_EQUAL(largest(5000), 536);
    peer_close(&w);
}

static void a_larger_mss_does_not_exceed_the_mtu(void) /* MUST-16, SHLD-28 */
{
    static const uint8_t o[] = {2, 4, 0xff, 0xff};
    establish_with(o, sizeof o);
    CU_ASSERT_EQUAL(largest(5000), 1460);
    peer_close(&w);
}

static void options_count_against_the_mss(void) /* MUST-16, RFC 6691 */
{
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &peer_full);
    CU_ASSERT_EQUAL(largest(5000), 1448);
    peer_close(&w);
}

static void a_tiny_mss_is_floored(void) /* T06 */
{
    static const uint16_t mss[] = {0, 1, 8, 47, 48, 87};
    for (size_t i = 0; i < 6; i++) {
        const uint8_t o[] = {2, 4, 0, (uint8_t)mss[i]};
        establish_with(o, sizeof o);
        uint32_t most = largest(800);
        CU_ASSERT(most >= 48);
        CU_ASSERT(most <= 88);
        peer_close(&w);
    }
}

static void options_are_taken_at_any_alignment(void) /* MUST-64, MUST-4 */
{
    for (size_t pad = 0; pad < 8; pad++) {
        uint8_t o[20];
        memset(o, 1, sizeof o); /* NOPs */
        static const uint8_t real[] = {2, 4, 600 >> 8, 600 & 255, 3, 3, 5, 4, 2};
        memcpy(o + pad, real, sizeof real);
        o[pad + sizeof real] = 0; /* end of list */
        establish_with(o, sizeof o);
        CU_ASSERT(w.got.options.has_window_scale);
        CU_ASSERT(w.got.options.has_sack_permitted);
        CU_ASSERT_EQUAL(peer_conn(&w)->snd_scale, 5);
        CU_ASSERT_EQUAL(largest(3000), 600);
        peer_close(&w);
    }
}

static void an_unknown_option_is_skipped(void) /* MUST-5, MUST-6, MUST-68 */
{
    static const uint8_t o[] = {200, 6, 1, 2, 3, 4, 2, 4, 700 >> 8, 700 & 255, 1, 0};
    static const uint8_t odd[] = {200, 4, 9, 9};
    establish_with(o, sizeof o);
    peer_sends(&w, TCP_ACK, 1, 1, 100, .raw = span_of(odd, 4)); /* on any segment */
    peer_expects(&w, TCP_ACK, 1, 101, 0);
    CU_ASSERT_EQUAL(largest(3000), 700);
    peer_sends(&w, TCP_FIN | TCP_ACK, 101, 1, .raw = span_of(odd, 4));
    state_is(&w, CLOSE_WAIT);
    peer_close(&w);
}

static void illegal_lengths_do_no_harm(void) /* MUST-7, T03, T04, T05 */
{
    for (unsigned kind = 0; kind < 256; kind++)
        for (unsigned length = 0; length < 48; length++) {
            uint8_t o[8] = {(uint8_t)kind, (uint8_t)length, 0, 1, 0, 1, 0, 1};
            peer_open(&w);
            app_listens(&w);
            peer_sends(&w, TCP_SYN, 0, .raw = span_of(o, sizeof o));
            peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
            peer_sends(&w, TCP_ACK, 1, 1);
            app_accepts(&w);
            if (!peer_conn(&w)->timestamps) {
                peer_sends(&w, TCP_ACK, 1, 1, 10, .raw = span_of(o, sizeof o));
                app_reads(&w, 10);
            }
            peer_close(&w);
        }
}

static void a_scale_above_14_is_14(void) /* T07, RFC 7323 2.3 */
{
    static const uint8_t shift[] = {14, 15, 31, 32, 255};
    for (size_t i = 0; i < 5; i++) {
        const uint8_t o[] = {3, 3, shift[i], 1};
        establish_with(o, sizeof o);
        CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 65535u << 14);
        peer_close(&w);
    }
}

static void scaling_needs_both_sides(void) /* T16, RFC 7323 2.2 */
{
    peer_configure(&w);
    w.config.tcp.window_scaling = false;
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_SYN_RECEIVED, &peer_full);
    CU_ASSERT_FALSE(w.got.options.has_window_scale);
    peer_sends(&w, TCP_ACK, 1, 1);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 65535);
    peer_close(&w);

    peer_open(&w); /* the peer does not */
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1, .options = peer_plain);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT_EQUAL(w.got.window, 65535); /* unscaled: as much of 1 MB as fits */
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 65535);
    peer_close(&w);
}

static void options_of_a_syn_mean_nothing_later(void) /* T08, MUST-65 */
{
    static const uint8_t o[] = {2, 4, 0, 100, 3, 3, 7, 4, 2, 1, 1, 1};
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    peer_sends(&w, TCP_ACK, 1, 1, .raw = span_of(o, sizeof o));
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 65535);
    CU_ASSERT_EQUAL(largest(5000), 1460);
    peer_close(&w);
}

static void timestamps_are_on_every_segment_once_agreed(void) /* RFC 7323 3.2 */
{
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &peer_full);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    CU_ASSERT(w.got.options.has_timestamps);
    CU_ASSERT_EQUAL(w.got.options.timestamp_echo, 1000);
    peer_sends(&w, TCP_ACK, 1, 101, 10);
    peer_expects(&w, TCP_ACK, 101, 11, 0);
    CU_ASSERT(w.got.options.has_timestamps);
    app_shuts(&w);
    peer_expects(&w, TCP_FIN | TCP_ACK, 101, 11, 0);
    CU_ASSERT(w.got.options.has_timestamps);
    peer_close(&w);
}

static void the_timestamp_clock_ticks_and_starts_anywhere(void) /* RFC 7323 5.4, 7.1 */
{
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &peer_full);
    uint32_t first = w.ts_echo;
    peer_after(&w, RILL_SECONDS(10));
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    uint32_t ticks = w.ts_echo - first;
    CU_ASSERT(ticks >= 10);    /* at most one second */
    CU_ASSERT(ticks <= 10000); /* at least one millisecond */
    peer_close(&w);
}

static void a_switched_off_option_is_not_offered(void)
{
    peer_configure(&w);
    w.config.tcp.timestamps = w.config.tcp.sack = w.config.tcp.window_scaling = false;
    peer_start(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    CU_ASSERT_FALSE(w.got.options.has_timestamps);
    CU_ASSERT_FALSE(w.got.options.has_sack_permitted);
    CU_ASSERT_FALSE(w.got.options.has_window_scale);
    CU_ASSERT(w.got.options.has_mss);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"the peer's MSS bounds segments (MUST-14, MUST-16)", the_peers_mss_bounds_segments},
        {"without an MSS it is 536 (MUST-15)", without_an_mss_it_is_536},
        {"a larger MSS does not exceed the MTU (MUST-16, SHLD-28)",
         a_larger_mss_does_not_exceed_the_mtu},
        {"options count against the MSS (RFC 6691)", options_count_against_the_mss},
        {"a tiny MSS is floored", a_tiny_mss_is_floored},
        {"options are taken at any alignment (MUST-64)", options_are_taken_at_any_alignment},
        {"an unknown option is skipped (MUST-5, MUST-6)", an_unknown_option_is_skipped},
        {"illegal lengths do no harm (MUST-7)", illegal_lengths_do_no_harm},
        {"a scale above 14 is 14 (RFC 7323 2.3)", a_scale_above_14_is_14},
        {"scaling needs both sides", scaling_needs_both_sides},
        {"options of a SYN mean nothing later", options_of_a_syn_mean_nothing_later},
        {"timestamps are on every segment (RFC 7323 3.2)",
         timestamps_are_on_every_segment_once_agreed},
        {"the timestamp clock ticks (RFC 7323 5.4)", the_timestamp_clock_ticks_and_starts_anywhere},
        {"a switched-off option is not offered", a_switched_off_option_is_not_offered},
    };
    return UNIT_MAIN("tcp_options", tests);
}
