/* The acceptability test, trimming, reassembly, PAWS: RFC 9293 3.10.7.4 first and seventh, RFC 7323
 * 5, RFC 2018 and 2883 (what the receiver reports). */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <errno.h>

static struct peer w;

static void establish(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
}

static void with_sack(void)
{
    static const struct tcp_options o = {
        .has_mss = true, .mss = PEER_MSS, .has_sack_permitted = true};
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &o);
}

static int64_t sack_left(unsigned i)
{
    return (int32_t)(w.got.options.sack[i].left.n - w.iss);
}

static int64_t sack_right(unsigned i)
{
    return (int32_t)(w.got.options.sack[i].right.n - w.iss);
}

static void outside_the_window_is_answered_by_an_ack(void) /* EV-15 */
{
    static const struct {
        int64_t seq;
        uint32_t length;
    } outside[] = {{0, 0}, {0, 1}, {-99, 100}, {-100000, 10}, {5000000, 0}, {5000000, 10}};
    for (size_t i = 0; i < 6; i++) {
        establish();
        peer_sends(&w, TCP_ACK, outside[i].seq, 1, outside[i].length);
        peer_expects(&w, TCP_ACK, 1, 1, 0);
        peer_sends(&w, TCP_ACK | TCP_FIN, outside[i].seq - 1, 1, outside[i].length);
        peer_expects(&w, TCP_ACK, 1, 1, 0);
        CU_ASSERT(app_fails(&w, EAGAIN));
        state_is(&w, ESTABLISHED);
        peer_close(&w);
    }
}

static void the_last_byte_of_the_window_is_in_and_the_next_is_not(void) /* EV-15, EV-19, table 6 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_LISTEN);
    peer_sends(&w, TCP_SYN, 0);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_sends(&w, TCP_ACK, 1, 1);
    peer_sends(&w, TCP_ACK, 1, 1, 1);
    peer_expects(&w, TCP_ACK, 1, 2, 0);
    int64_t edge = 2 + w.got.window;
    app_accepts(&w);
    peer_sends(&w, TCP_RST, edge + 1); /* beyond: silence; the edge itself: docs/choices.md */
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_RST, edge - 1); /* inside: challenged */
    peer_expects(&w, TCP_ACK, 1, 2, 0);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void only_the_new_part_is_used(void) /* EV-19 */
{
    establish();
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 101, 0);
    peer_sends(&w, TCP_ACK, 51, 1, 100); /* 50 old, 50 new */
    peer_expects(&w, TCP_ACK, 1, 151, 0);
    peer_sends(&w, TCP_ACK, 1, 1, 150); /* all old */
    peer_expects(&w, TCP_ACK, 1, 151, 0);
    app_reads(&w, 150);
    CU_ASSERT(app_fails(&w, EAGAIN));
    peer_close(&w);
}

static void what_lies_beyond_the_window_is_cut(void) /* EV-19 */
{
    peer_configure(&w);
    w.config.tcp.receive_buffer = 4096;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    int64_t at = 1;
    for (; at < 4001; at += 1000) {
        peer_sends(&w, TCP_ACK, at, 1, 1000);
        peer_takes_all(&w);
    }
    int64_t edge = w.got.ack + w.got.window;
    CU_ASSERT(w.got.window < 1000);
    peer_sends(&w, TCP_FIN | TCP_ACK, at, 1, 1000); /* the FIN lies beyond, so it is cut too */
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(w.got.ack, edge);
    CU_ASSERT_EQUAL(w.got.window, 0);
    state_is(&w, ESTABLISHED);
    app_reads(&w, (size_t)(edge - 1));
    CU_ASSERT(app_fails(&w, EAGAIN));
    peer_close(&w);
}

static void a_fin_right_behind_the_window_is_cut(void) /* EV-19: it would lie at the edge */
{
    peer_configure(&w);
    w.config.tcp.receive_buffer = 4096;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    for (int64_t at = 1; at < 3073; at += 1024)
        peer_sends(&w, TCP_ACK, at, 1, 1024);
    peer_takes_all(&w);
    CU_ASSERT_EQUAL_FATAL(w.got.ack + w.got.window, 4097);
    peer_sends(&w, TCP_FIN | TCP_ACK, 3073, 1, 1024);
    peer_expects(&w, TCP_ACK, 1, 4097, 0);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

/* A full receive buffer: RCV.WND is 0. Returns RCV.NXT. */
static int64_t fill(void)
{
    peer_configure(&w);
    w.config.tcp.receive_buffer = 4096;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    for (int64_t at = 1; at < 4097; at += 512) {
        peer_sends(&w, TCP_ACK, at, 1, 512);
        peer_takes_all(&w);
    }
    CU_ASSERT_EQUAL_FATAL(w.got.window, 0);
    return w.got.ack;
}

static void a_zero_window_still_takes_acks(void) /* EV-17 */
{
    int64_t at = fill();
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, at, 100);
    peer_sends(&w, TCP_ACK, at, 101);
    peer_expects_nothing(&w);
    peer_after(&w, RILL_SECONDS(10));
    peer_expects_nothing(&w); /* it has been taken: nothing is repeated */
    peer_close(&w);
}

static void a_zero_window_takes_no_text(void) /* EV-18 */
{
    int64_t at = fill();
    peer_sends(&w, TCP_ACK, at, 1, 1); /* a window probe */
    peer_expects(&w, TCP_ACK, 1, at, 0);
    CU_ASSERT_EQUAL(w.got.window, 0);
    app_reads(&w, (size_t)(at - 1));
    CU_ASSERT(app_fails(&w, EAGAIN));
    peer_expects(&w, TCP_ACK, 1, at, 0); /* the window update */
    CU_ASSERT(w.got.window > 0);
    peer_sends(&w, TCP_ACK, at, 1, 1);
    app_reads(&w, 1);
    peer_close(&w);
}

static void out_of_order_text_is_kept_and_acknowledged_together(void) /* SHLD-31, MUST-59 */
{
    establish();
    peer_sends(&w, TCP_ACK, 101, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 0); /* MAY-13, RFC 5681 4.2: at once */
    peer_sends(&w, TCP_ACK, 301, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT(app_fails(&w, EAGAIN));
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 201, 0);
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK, 201, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 401, 0);
    app_reads(&w, 400);
    peer_close(&w);
}

static void any_order_of_overlapping_segments_gives_the_same_bytes(void) /* EV-19 */
{
    uint32_t random = 1;
    for (int round = 0; round < 200; round++) {
        establish();
        for (int i = 0; i < 40; i++) {
            random = random * 1664525u + 1013904223u;
            int64_t from = 1 + (random >> 8) % 4000;
            uint32_t length = 1 + (random >> 20) % 1000;
            peer_sends(&w, TCP_ACK, from, 1, length);
        }
        for (int64_t at = 1; at <= 5000; at += 1000)
            peer_sends(&w, TCP_ACK, at, 1, 1000);
        peer_takes_all(&w);
        CU_ASSERT_EQUAL(w.got.ack, 5001);
        app_reads(&w, 5000); /* compares every byte */
        peer_close(&w);
    }
}

static void without_ack_a_segment_is_dropped(void) /* EV-28 */
{
    establish();
    peer_sends(&w, 0, 1, 0, 100);
    peer_sends(&w, TCP_FIN, 1, 0, 100);
    peer_sends(&w, TCP_PSH | TCP_URG, 1, 0, 100);
    peer_expects_nothing(&w);
    CU_ASSERT(app_fails(&w, EAGAIN));
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void a_wrong_checksum_is_dropped_silently(void) /* MUST-3, T11 */
{
    establish();
    peer_sends(&w, TCP_ACK, 1, 1, 100, .corrupt = true);
    peer_sends(&w, TCP_RST, 1, .corrupt = true);
    peer_expects_nothing(&w);
    CU_ASSERT(app_fails(&w, EAGAIN));
    state_is(&w, ESTABLISHED);
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    app_reads(&w, 100);
    peer_close(&w);
}

static void sack_reports_what_lies_beyond_newest_first(void) /* RFC 2018 4 */
{
    with_sack();
    peer_sends(&w, TCP_ACK, 101, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT_EQUAL(w.got.options.sack_count, 1);
    CU_ASSERT(sack_left(0) == 101 && sack_right(0) == 201);
    peer_sends(&w, TCP_ACK, 401, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT_EQUAL(w.got.options.sack_count, 2);
    CU_ASSERT(sack_left(0) == 401 && sack_right(0) == 501);
    CU_ASSERT(sack_left(1) == 101 && sack_right(1) == 201);
    peer_sends(&w, TCP_ACK, 201, 1, 50); /* grows the older block: it becomes the first */
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT(sack_left(0) == 101 && sack_right(0) == 251);
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 251, 0);
    CU_ASSERT_EQUAL(w.got.options.sack_count, 1);
    CU_ASSERT(sack_left(0) == 401 && sack_right(0) == 501);
    peer_sends(&w, TCP_ACK, 251, 1, 150);
    peer_expects(&w, TCP_ACK, 1, 501, 0);
    CU_ASSERT_EQUAL(w.got.options.sack_count, 0);
    peer_close(&w);
}

static void a_duplicate_is_reported_once_as_d_sack(void) /* RFC 2883 4 */
{
    with_sack();
    peer_sends(&w, TCP_ACK, 1, 1, 200);
    peer_expects(&w, TCP_ACK, 1, 201, 0);
    peer_sends(&w, TCP_ACK, 101, 1, 100); /* below RCV.NXT: 4.1.1 */
    peer_expects(&w, TCP_ACK, 1, 201, 0);
    CU_ASSERT_EQUAL(w.got.options.sack_count, 1);
    CU_ASSERT(sack_left(0) == 101 && sack_right(0) == 201);
    peer_sends(&w, TCP_ACK, 301, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 201, 0);
    CU_ASSERT_EQUAL(w.got.options.sack_count, 1); /* the duplicate only once */
    CU_ASSERT(sack_left(0) == 301 && sack_right(0) == 401);
    peer_sends(&w, TCP_ACK, 301, 1, 100); /* a duplicate beyond: D-SACK, then the block: 4.1.2 */
    peer_expects(&w, TCP_ACK, 1, 201, 0);
    CU_ASSERT_EQUAL(w.got.options.sack_count, 2);
    CU_ASSERT(sack_left(0) == 301 && sack_right(0) == 401);
    CU_ASSERT(sack_left(1) == 301 && sack_right(1) == 401);
    peer_close(&w);
}

static void with_timestamps(void)
{
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &peer_full);
}

static void an_old_timestamp_is_dropped_with_an_ack(void) /* RFC 7323 5.3 R1 */
{
    with_timestamps();
    w.ts_value = 2000;
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 101, 0);
    CU_ASSERT_EQUAL(w.got.options.timestamp_echo, 2000);
    w.ts_value = 1999;
    peer_sends(&w, TCP_ACK, 101, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 101, 0);
    CU_ASSERT_EQUAL(w.got.options.timestamp_echo, 2000);
    app_reads(&w, 100);
    CU_ASSERT(app_fails(&w, EAGAIN));
    w.ts_value = 2000; /* equal is good */
    peer_sends(&w, TCP_ACK, 101, 1, 100);
    app_reads(&w, 100);
    peer_close(&w);
}

static void timestamps_compare_modulo_2_to_the_32(void) /* RFC 7323 5.2 */
{
    peer_configure(&w);
    w.ts_value = 0xfffffff0;
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &peer_full);
    w.ts_value = 5;
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 101, 0);
    CU_ASSERT_EQUAL(w.got.options.timestamp_echo, 5);
    w.ts_value = 0xfffffff8;
    peer_sends(&w, TCP_ACK, 101, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 101, 0);
    peer_close(&w);
}

static void a_reset_needs_no_timestamp_test(void) /* RFC 7323 5.2: RST is not subject to PAWS */
{
    with_timestamps();
    w.ts_value = 500;
    peer_sends(&w, TCP_RST, 1);
    CU_ASSERT_PTR_NULL(peer_conn(&w));
    peer_close(&w);
}

static void after_24_days_of_silence_a_timestamp_may_be_old(void) /* RFC 7323 5.5 */
{
    with_timestamps();
    peer_after(&w, RILL_SECONDS(25 * 24 * 3600));
    w.ts_value = 500;
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 101, 0);
    CU_ASSERT_EQUAL(w.got.options.timestamp_echo, 500);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"outside the window is answered by an ACK (EV-15)",
         outside_the_window_is_answered_by_an_ack},
        {"the last byte of the window is in",
         the_last_byte_of_the_window_is_in_and_the_next_is_not},
        {"only the new part is used (EV-19)", only_the_new_part_is_used},
        {"what lies beyond the window is cut (EV-19)", what_lies_beyond_the_window_is_cut},
        {"a FIN right behind the window is cut (EV-19)", a_fin_right_behind_the_window_is_cut},
        {"a zero window still takes ACKs (EV-17)", a_zero_window_still_takes_acks},
        {"a zero window takes no text (EV-18)", a_zero_window_takes_no_text},
        {"out-of-order text is kept (SHLD-31, MUST-59)",
         out_of_order_text_is_kept_and_acknowledged_together},
        {"any order of overlaps gives the same bytes",
         any_order_of_overlapping_segments_gives_the_same_bytes},
        {"without ACK a segment is dropped (EV-28)", without_ack_a_segment_is_dropped},
        {"a wrong checksum is dropped (MUST-3)", a_wrong_checksum_is_dropped_silently},
        {"SACK reports newest first (RFC 2018 4)", sack_reports_what_lies_beyond_newest_first},
        {"a duplicate is reported once (RFC 2883 4)", a_duplicate_is_reported_once_as_d_sack},
        {"an old timestamp is dropped (RFC 7323 5.3)", an_old_timestamp_is_dropped_with_an_ack},
        {"timestamps compare modulo 2^32", timestamps_compare_modulo_2_to_the_32},
        {"a reset needs no timestamp test", a_reset_needs_no_timestamp_test},
        {"after 24 days a timestamp may be old (RFC 7323 5.5)",
         after_24_days_of_silence_a_timestamp_may_be_old},
    };
    return UNIT_MAIN("tcp_sequence", tests);
}
