/* The two windows: RFC 9293 3.8.6 (shrinking, probing, silly windows), RFC 7323 2 (scaling). */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "tcp/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define MSS 1460

static struct peer w;

static void establish(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
}

static void offer(uint16_t window, int64_t ack)
{
    w.window = window;
    peer_sends(&w, TCP_ACK, 1, ack);
}

static void an_old_segment_does_not_move_the_window(void) /* EV-34 */
{
    establish();
    peer_sends(&w, TCP_ACK, 101, 1, 100, .window = 3000); /* the newer one comes first */
    peer_sends(&w, TCP_ACK, 100, 1, 1, .window = 60000);  /* an older one, by one byte */
    peer_sends(&w, TCP_ACK, 1, 1, 100, .window = 60000);  /* the oldest last */
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 3000);
    peer_sends(&w, TCP_ACK, 201, 1, .window = 5000);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 5000); /* WL1 < SEQ */
    peer_sends(&w, TCP_ACK, 201, 1, .window = 6000);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 6000); /* WL1 = SEQ and WL2 =< ACK */
    peer_close(&w);
}

static void a_window_above_32767_is_not_negative(void) /* MUST-1 */
{
    establish();
    struct tcp_conn *c = peer_conn(&w);
    c->window.cwnd = 1000000;
    app_sends(&w, 100000);
    CU_ASSERT(peer_takes_all(&w) >= 44); /* 65535 / 1460 */
    CU_ASSERT(c->snd.nxt - 1 > 60000);
    CU_ASSERT(c->snd.nxt - 1 <= 65535);
    peer_close(&w);
}

static void a_scaled_window_is_used_whole(void) /* REC-1, RFC 7323 2.3 */
{
    static const struct tcp_options o = {
        .has_mss = true, .mss = MSS, .has_window_scale = true, .window_scale = 3};
    peer_open(&w);
    w.window = 20000; /* 160,000 from the third segment on */
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &o);
    struct tcp_conn *c = peer_conn(&w);
    CU_ASSERT_EQUAL(c->snd.wnd, 160000);
    c->window.cwnd = 1000000;
    app_sends(&w, 200000);
    peer_takes_all(&w);
    CU_ASSERT(c->snd.nxt - 1 > 158000);
    CU_ASSERT(c->snd.nxt - 1 <= 160000);
    peer_close(&w);
}

static void the_window_of_a_syn_is_never_scaled(void) /* T16, RFC 7323 2.2 */
{
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    w.window = 1000;
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1, .options = peer_full);
    w.timestamps = true;
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 1000);
    peer_takes_all(&w);
    peer_sends(&w, TCP_ACK, 1, 1);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 128000);
    peer_close(&w);
}

static void nor_is_that_of_a_syn_that_crossed_ours(void) /* T16, RFC 7323 2.2; figure 7 */
{
    static const struct tcp_options o = {.has_window_scale = true, .window_scale = 7};
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    peer_sends(&w, TCP_SYN, 0, .options = o);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1, .options = o, .window = 1000);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.wnd, 1000);
    peer_close(&w);
}

static void a_zero_window_is_probed_ever_more_rarely(void) /* MUST-36, SHLD-29, SHLD-30 */
{
    establish();
    offer(0, 1);
    app_sends(&w, 500);
    peer_expects_nothing(&w);
    rill_time gap = 0;
    for (int i = 0; i < 8; i++) {
        rill_time waited = peer_waits(&w, RILL_SECONDS(200));
        if (i == 0)
            CU_ASSERT(waited >= w.config.tcp.minimum_rto);
        CU_ASSERT(waited >= min_of(2 * gap, RILL_SECONDS(60)));
        gap = waited;
        CU_ASSERT_FATAL(peer_takes(&w, &w.got));
        CU_ASSERT(w.got.length <= 1);
        CU_ASSERT(w.got.seq == 0 || w.got.seq == 1);
        peer_sends(&w, TCP_ACK, 1, 1);
    }
    offer(1000, 1); /* open again */
    peer_expects(&w, TCP_ACK, 1, 1, 500);
    peer_close(&w);
}

static void probes_that_are_answered_keep_it_open_for_ever(void) /* MUST-37, SHLD-17 */
{
    establish();
    offer(0, 1);
    app_sends(&w, 500);
    rill_time start = w.now;
    while (w.now - start < RILL_SECONDS(24 * 3600)) {
        peer_waits(&w, RILL_SECONDS(200));
        CU_ASSERT_FATAL(peer_takes_all(&w) == 1);
        peer_sends(&w, TCP_ACK, 1, 1);
    }
    state_is(&w, ESTABLISHED);
    offer(1000, 1);
    peer_expects(&w, TCP_ACK, 1, 1, 500);
    peer_close(&w);
}

static void a_lost_window_update_is_found_by_a_probe(void) /* 3.8.6.1 */
{
    establish();
    offer(0, 1);
    app_sends(&w, 500);
    peer_waits(&w, RILL_SECONDS(100));
    CU_ASSERT(peer_takes_all(&w) == 1);
    offer(60000, 1); /* the answer to the probe tells it */
    peer_takes(&w, &w.got);
    CU_ASSERT_EQUAL(w.got.seq + w.got.length, 501);
    peer_close(&w);
}

static void a_shrinking_window_does_no_harm(void) /* MUST-34, SHLD-15, SHLD-16, MUST-35 */
{
    establish();
    app_sends(&w, 20 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 10);
    offer(2 * MSS, 1);        /* far below what is in flight */
    peer_expects_nothing(&w); /* nothing new */
    peer_waits(&w, RILL_SECONDS(10));
    peer_expects(&w, TCP_ACK, 1, 1, MSS); /* old data inside is repeated */
    state_is(&w, ESTABLISHED);
    offer(0, 1 + 10 * MSS);
    peer_expects_nothing(&w);
    CU_ASSERT(peer_waits(&w, RILL_SECONDS(100)) < RILL_SECONDS(100)); /* and probed */
    peer_takes_all(&w);
    w.window = 60000;
    peer_sends(&w, TCP_ACK, 1, 1 + 10 * MSS);
    CU_ASSERT(peer_takes(&w, &w.got));
    CU_ASSERT_EQUAL(w.got.seq, 1 + 10 * MSS);
    peer_close(&w);
}

static void a_shrunk_window_never_times_it_out(void) /* SHLD-17 */
{
    establish();
    app_sends(&w, 5 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 5);
    offer(0, 1); /* what is in flight lies beyond the edge now, and stays unacknowledged */
    rill_time start = w.now;
    while (peer_conn(&w) && w.now - start < RILL_SECONDS(4000)) {
        peer_waits(&w, RILL_SECONDS(200));
        if (peer_takes_all(&w))
            peer_sends(&w, TCP_ACK, 1, 1);
    }
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void the_sender_avoids_silly_windows(void) /* MUST-38, 3.8.6.2.1 */
{
    establish();
    app_sets(&w, IPPROTO_TCP, TCP_NODELAY, 1);
    offer(100, 1);
    app_sends(&w, 5000);
    peer_expects_nothing(&w); /* 100 is less than an MSS and than half of 65535 */
    offer(1459, 1);
    peer_expects_nothing(&w);
    offer(1460, 1);
    peer_expects(&w, TCP_ACK, 1, 1, 1460);
    peer_close(&w);
}

static void half_of_the_largest_window_is_not_silly(void) /* 3.8.6.2.1 (3) */
{
    peer_open(&w);
    w.window = 1000;
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    app_sends(&w, 5000);
    peer_expects(&w, TCP_ACK, 1, 1, 1000);
    offer(499, 1001);
    peer_expects_nothing(&w);
    offer(500, 1001);
    peer_expects(&w, TCP_ACK, 1001, 1, 500);
    peer_close(&w);
}

static void the_override_timer_ends_the_wait(void) /* 3.8.6.2.1 (4): no deadlock */
{
    establish();
    offer(100, 1);
    app_sends(&w, 5000);
    peer_expects_nothing(&w);
    CU_ASSERT(peer_waits(&w, RILL_SECONDS(10)) <= RILL_SECONDS(2));
    CU_ASSERT_FATAL(peer_takes(&w, &w.got));
    CU_ASSERT(w.got.length <= 100);
    peer_close(&w);
}

static void small_buffer(void)
{
    peer_configure(&w);
    w.config.tcp.receive_buffer = 8192;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    for (int64_t at = 1; at < 8193; at += 1024) {
        peer_sends(&w, TCP_ACK, at, 1, 1024);
        peer_takes_all(&w);
    }
    CU_ASSERT_EQUAL_FATAL(w.got.window, 0);
}

static void the_receiver_avoids_silly_windows(void) /* MUST-39, 3.8.6.2.2 */
{
    small_buffer();
    unsigned read = 0;
    for (; !peer_takes(&w, &w.got) && read < 8192; read += 100)
        app_reads(&w, 100);
    CU_ASSERT(read >= 1400); /* min(half of the buffer, MSS) */
    CU_ASSERT(read <= 4200);
    CU_ASSERT(w.got.window >= 1400);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void the_window_stays_closed_while_nobody_reads(void) /* MAY-8 */
{
    small_buffer();
    for (int i = 0; i < 100; i++) {
        peer_after(&w, RILL_SECONDS(60));
        peer_expects_nothing(&w);
        peer_sends(&w, TCP_ACK, 8193, 1, 1);
        peer_expects(&w, TCP_ACK, 1, 8193, 0);
        CU_ASSERT_EQUAL(w.got.window, 0);
    }
    peer_close(&w);
}

static void the_right_edge_never_moves_left(void) /* SHLD-14 */
{
    uint32_t random = 3;
    int64_t at = 1, unread = 0, edge = 0;
    peer_configure(&w);
    w.config.tcp.receive_buffer = 20000;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    for (int i = 0; i < 2000; i++) {
        random = random * 1664525u + 1013904223u;
        int64_t some = 1 + (random >> 16) % 1400;
        if (random >> 30 && edge && at + some <= edge) {
            peer_sends(&w, TCP_ACK, at, 1, (uint32_t)some);
            at += some, unread += some;
        } else if (unread) {
            some = min_of(some, unread);
            app_reads(&w, (size_t)some);
            unread -= some;
        }
        if (i % 50 == 0)
            app_sets(&w, SOL_SOCKET, SO_RCVBUF, 3000 + (int)(random >> 18));
        if (edge == 0) {
            peer_sends(&w, TCP_ACK, 0, 1, 1); /* asks for an ACK */
        }
        while (peer_takes(&w, &w.got)) {
            CU_ASSERT_FATAL(w.got.ack + w.got.window >= edge);
            edge = w.got.ack + w.got.window;
        }
    }
    CU_ASSERT(at > 100000);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"an old segment does not move the window (EV-34)",
         an_old_segment_does_not_move_the_window},
        {"a window above 32767 is not negative (MUST-1)", a_window_above_32767_is_not_negative},
        {"a scaled window is used whole (REC-1)", a_scaled_window_is_used_whole},
        {"the window of a SYN is never scaled", the_window_of_a_syn_is_never_scaled},
        {"nor is that of a SYN that crossed ours", nor_is_that_of_a_syn_that_crossed_ours},
        {"a zero window is probed (MUST-36, SHLD-29, SHLD-30)",
         a_zero_window_is_probed_ever_more_rarely},
        {"answered probes keep it open (MUST-37)", probes_that_are_answered_keep_it_open_for_ever},
        {"a lost window update is found", a_lost_window_update_is_found_by_a_probe},
        {"a shrinking window does no harm (MUST-34, MUST-35)", a_shrinking_window_does_no_harm},
        {"a shrunk window never times it out (SHLD-17)", a_shrunk_window_never_times_it_out},
        {"the sender avoids silly windows (MUST-38)", the_sender_avoids_silly_windows},
        {"half of the largest window is not silly", half_of_the_largest_window_is_not_silly},
        {"the override timer ends the wait", the_override_timer_ends_the_wait},
        {"the receiver avoids silly windows (MUST-39)", the_receiver_avoids_silly_windows},
        {"the window stays closed while nobody reads (MAY-8)",
         the_window_stays_closed_while_nobody_reads},
        {"the right edge never moves left (SHLD-14)", the_right_edge_never_moves_left},
    };
    return UNIT_MAIN("tcp_window", tests);
}
