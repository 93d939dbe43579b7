/* CLOSE, FIN and the states behind them: RFC 9293 3.6, 3.10.4, 3.10.7.4 steps five to eight. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "tcp/conn.h"

#include <errno.h>

static struct peer w;

static void our_fin_acknowledged_is_fin_wait_2(void) /* EV-58, EV-35 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    app_shuts(&w);
    state_is(&w, FIN_WAIT_1);
    peer_expects(&w, TCP_FIN | TCP_ACK, 1, 1, 0);
    peer_sends(&w, TCP_ACK, 1, 2);
    peer_expects_nothing(&w);
    state_is(&w, FIN_WAIT_2);
    peer_close(&w);
}

static void the_fin_follows_all_queued_text(void) /* EV-58 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    w.window = PEER_MSS;
    peer_sends(&w, TCP_ACK, 1, 1);
    app_sends(&w, 2000);
    app_shuts(&w);
    state_is(&w, FIN_WAIT_1);
    peer_expects(&w, TCP_ACK, 1, 1, 1460);
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK, 1, 1461);
    peer_expects(&w, TCP_FIN | TCP_ACK, 1461, 1, 540);
    state_is(&w, FIN_WAIT_1);
    peer_sends(&w, TCP_ACK, 1, 2001); /* all but the FIN */
    state_is(&w, FIN_WAIT_1);
    peer_sends(&w, TCP_ACK, 1, 2002);
    state_is(&w, FIN_WAIT_2);
    peer_close(&w);
}

static void the_fin_needs_room_in_the_window_too(void) /* 3.4: it occupies a number */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    w.window = PEER_MSS;
    peer_sends(&w, TCP_ACK, 1, 1);
    app_sends(&w, PEER_MSS);
    app_shuts(&w);
    peer_expects(&w, TCP_ACK, 1, 1, PEER_MSS);
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK, 1, 1 + PEER_MSS);
    peer_expects(&w, TCP_FIN | TCP_ACK, 1 + PEER_MSS, 1, 0);
    peer_close(&w);
}

static void a_fin_is_the_end_of_file_behind_the_text(void) /* EV-42, EV-55, MUST-12 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    peer_sends(&w, TCP_ACK | TCP_FIN, 1, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 102, 0);
    state_is(&w, CLOSE_WAIT);
    app_reads(&w, 100);
    CU_ASSERT(app_reads_end(&w));
    CU_ASSERT(app_reads_end(&w));
    CU_ASSERT_EQUAL(app_error(&w), 0);
    peer_close(&w);
}

static void close_wait_still_sends(void) /* 3.6.1 half-closed; EV-59, EV-37 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_CLOSE_WAIT);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 2, 100);
    app_shuts(&w);
    peer_expects(&w, TCP_FIN | TCP_ACK, 101, 2, 0);
    state_is(&w, LAST_ACK);
    peer_sends(&w, TCP_ACK, 2, 101);
    state_is(&w, LAST_ACK);
    peer_sends(&w, TCP_ACK, 2, 102);
    peer_expects_nothing(&w);
    CU_ASSERT_EQUAL(rill_close(w.listener), 0);
    state_is(&w, CLOSED);
    peer_close(&w);
}

static void fins_that_cross_pass_through_closing(void) /* EV-43, EV-36, S14; figure 13 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_FIN_WAIT_1);
    peer_sends(&w, TCP_FIN | TCP_ACK, 1, 1);
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    state_is(&w, CLOSING);
    peer_sends(&w, TCP_ACK, 2, 2);
    peer_expects_nothing(&w);
    state_is(&w, TIME_WAIT);
    CU_ASSERT(app_reads_end(&w));
    peer_close(&w);
}

static void closing_ignores_an_ack_that_misses_the_fin(void) /* EV-36, S14 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_CLOSING);
    peer_sends(&w, TCP_ACK, 2, 1);
    state_is(&w, CLOSING);
    CU_ASSERT(peer_waits(&w, RILL_SECONDS(5)) <= RILL_SECONDS(3)); /* its FIN comes again */
    peer_expects(&w, TCP_FIN | TCP_ACK, 1, 2, 0);
    peer_close(&w);
}

static void a_fin_that_acknowledges_ours_is_time_wait(void) /* EV-44 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_FIN_WAIT_1);
    peer_sends(&w, TCP_FIN | TCP_ACK, 1, 2);
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    state_is(&w, TIME_WAIT);
    CU_ASSERT(app_reads_end(&w));
    peer_close(&w);
}

static void a_fin_in_fin_wait_2_is_time_wait(void) /* EV-45, EV-41 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_FIN_WAIT_2);
    peer_sends(&w, TCP_ACK, 1, 2, 100);
    peer_expects(&w, TCP_ACK, 2, 101, 0);
    peer_sends(&w, TCP_FIN | TCP_ACK, 101, 2, 50);
    peer_expects(&w, TCP_ACK, 2, 152, 0);
    state_is(&w, TIME_WAIT);
    app_reads(&w, 150);
    CU_ASSERT(app_reads_end(&w));
    peer_close(&w);
}

static void text_still_comes_in_fin_wait_1(void) /* EV-41 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_FIN_WAIT_1);
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_expects(&w, TCP_ACK, 2, 101, 0);
    app_reads(&w, 100);
    state_is(&w, FIN_WAIT_1);
    peer_close(&w);
}

static void a_repeated_fin_is_acknowledged_and_changes_nothing(void) /* EV-46, S13 */
{
    static const enum rill_tcp_state states[] = {RILL_TCP_CLOSE_WAIT, RILL_TCP_CLOSING,
                                                 RILL_TCP_LAST_ACK, RILL_TCP_TIME_WAIT};
    for (size_t i = 0; i < 4; i++) {
        peer_open(&w);
        peer_reaches(&w, states[i]);
        int64_t ack = states[i] == RILL_TCP_TIME_WAIT ? 2 : 1;
        peer_sends(&w, TCP_FIN | TCP_ACK, 1, ack);
        peer_expects(&w, TCP_ACK, states[i] == RILL_TCP_CLOSE_WAIT ? 1 : 2, 2, 0);
        peer_state_is(&w, states[i], __FILE__, __LINE__);
        peer_close(&w);
    }
}

static void text_after_the_peers_fin_is_ignored(void) /* EV-40 */
{
    static const enum rill_tcp_state states[] = {RILL_TCP_CLOSE_WAIT, RILL_TCP_CLOSING,
                                                 RILL_TCP_LAST_ACK, RILL_TCP_TIME_WAIT};
    for (size_t i = 0; i < 4; i++) {
        peer_open(&w);
        peer_reaches(&w, states[i]);
        peer_sends(&w, TCP_ACK, 2, states[i] == RILL_TCP_TIME_WAIT ? 2 : 1, 100);
        while (peer_takes(&w, &w.got)) {
            CU_ASSERT_EQUAL(w.got.flags, TCP_ACK);
            CU_ASSERT_EQUAL(w.got.ack, 2); /* it never acknowledges that text */
        }
        peer_state_is(&w, states[i], __FILE__, __LINE__);
        CU_ASSERT(app_reads_end(&w));
        peer_close(&w);
    }
}

static void sending_after_close_fails(void) /* EV-54 */
{
    static const enum rill_tcp_state states[] = {RILL_TCP_FIN_WAIT_1, RILL_TCP_FIN_WAIT_2,
                                                 RILL_TCP_CLOSING, RILL_TCP_LAST_ACK,
                                                 RILL_TCP_TIME_WAIT};
    for (size_t i = 0; i < 5; i++) {
        peer_open(&w);
        peer_reaches(&w, states[i]);
        CU_ASSERT(rill_send(w.fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
        peer_expects_nothing(&w);
        peer_close(&w);
    }
}

static void closing_in_syn_received_sends_a_fin(void) /* EV-57 */
{
    peer_open(&w);
    peer_simultaneous(&w);
    app_shuts(&w);
    state_is(&w, FIN_WAIT_1);
    peer_expects(&w, TCP_FIN | TCP_ACK, 1, 1, 0);
    peer_sends(&w, TCP_ACK, 1, 2); /* of SYN and FIN */
    state_is(&w, FIN_WAIT_2);
    peer_close(&w);
}

static void closing_in_syn_received_with_text_queued_waits(void) /* EV-57, second half */
{
    peer_open(&w);
    peer_simultaneous(&w);
    app_sends_early(&w, 10);
    app_shuts(&w);
    peer_expects_nothing(&w);
    state_is(&w, SYN_RECEIVED);
    peer_sends(&w, TCP_ACK, 1, 1);
    peer_expects(&w, TCP_FIN | TCP_ACK, 1, 1, 10);
    state_is(&w, FIN_WAIT_1);
    peer_close(&w);
}

static void our_fin_is_repeated_until_acknowledged(void) /* EV-48, S14 */
{
    static const enum rill_tcp_state states[] = {RILL_TCP_FIN_WAIT_1, RILL_TCP_CLOSING,
                                                 RILL_TCP_LAST_ACK};
    for (size_t i = 0; i < 3; i++) {
        peer_open(&w);
        peer_reaches(&w, states[i]);
        int64_t ack = i == 0 ? 1 : 2;
        CU_ASSERT(peer_waits(&w, RILL_SECONDS(10)) <= RILL_SECONDS(3));
        peer_expects(&w, TCP_FIN | TCP_ACK, 1, ack, 0);
        peer_waits(&w, RILL_SECONDS(10));
        peer_expects(&w, TCP_FIN | TCP_ACK, 1, ack, 0);
        peer_state_is(&w, states[i], __FILE__, __LINE__);
        peer_close(&w);
    }
}

static void text_behind_the_fin_is_forgotten(void) /* D18 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    peer_sends(&w, TCP_ACK, 2, 1, 6); /* behind the FIN that comes next */
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    peer_sends(&w, TCP_FIN | TCP_ACK, 1, 1);
    peer_expects(&w, TCP_ACK, 1, 2, 0);
    state_is(&w, CLOSE_WAIT);
    CU_ASSERT(app_reads_end(&w));
    peer_close(&w);
}

static void a_fin_beyond_a_hole_waits_for_it(void) /* S13, SHLD-31 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    peer_sends(&w, TCP_FIN | TCP_ACK, 101, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    state_is(&w, ESTABLISHED);
    CU_ASSERT(app_fails(&w, EAGAIN));
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_takes_all(&w);
    if (w.got.ack == 201) { /* the FIN was not kept: it comes again */
        peer_sends(&w, TCP_FIN | TCP_ACK, 201, 1);
        peer_takes_all(&w);
    }
    CU_ASSERT_EQUAL(w.got.ack, 202);
    state_is(&w, CLOSE_WAIT);
    app_reads(&w, 200);
    CU_ASSERT(app_reads_end(&w));
    peer_close(&w);
}

static void an_orphan_does_not_stay_for_ever(void) /* S16 */
{
    static const enum rill_tcp_state states[] = {RILL_TCP_FIN_WAIT_1, RILL_TCP_FIN_WAIT_2,
                                                 RILL_TCP_CLOSING, RILL_TCP_LAST_ACK};
    for (size_t i = 0; i < 4; i++) {
        peer_open(&w);
        peer_reaches(&w, states[i]);
        app_closes(&w);
        CU_ASSERT_EQUAL(rill_close(w.listener), 0);
        peer_after(&w, RILL_SECONDS(3600));
        state_is(&w, CLOSED);
        CU_ASSERT_EQUAL(rill_deadline(w.rill), RILL_NEVER);
        peer_close(&w);
    }
}

/* For a minute: the core alone can do that. */
static void an_orphan_waits_for_the_peers_fin_without_its_busy_part(void)
{
    for (int half_closed = 0; half_closed < 2; half_closed++) {
        peer_open(&w);
        peer_reaches(&w, RILL_TCP_ESTABLISHED);
        peer_sends(&w, TCP_ACK, 1, 1, 100);
        peer_expects(&w, TCP_ACK, 1, 101, 0);
        app_reads(&w, 100);
        struct tcp_conn *c = peer_conn(&w);
        CU_ASSERT_PTR_NOT_NULL(c->busy);
        half_closed ? app_shuts(&w) : app_closes(&w);
        peer_expects(&w, TCP_FIN | TCP_ACK, 1, 101, 0);
        peer_sends(&w, TCP_ACK, 101, 2);
        if (half_closed)
            app_closes(&w);
        state_is(&w, FIN_WAIT_2);
        CU_ASSERT_PTR_NULL(c->busy);
        peer_close(&w);
    }
}

static void an_orphan_with_text_and_a_zero_window_goes_too(void) /* S16 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    w.window = 0;
    peer_sends(&w, TCP_ACK, 1, 1);
    app_sends(&w, 100);
    app_closes(&w);
    CU_ASSERT_EQUAL(rill_close(w.listener), 0);
    for (int i = 0; i < 3600 && peer_state(&w) != RILL_TCP_CLOSED; i++) {
        peer_after(&w, RILL_SECONDS(1)); /* and the peer stays silent */
        w.first = w.count = 0;
    }
    state_is(&w, CLOSED);
    CU_ASSERT_EQUAL(rill_deadline(w.rill), RILL_NEVER);
    peer_close(&w);
}

static void closing_twice_sends_one_fin(void) /* 3.10.4: FIN_WAIT_1 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_FIN_WAIT_1);
    rill_shutdown(w.fd, SHUT_WR);
    app_closes(&w);
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK, 1, 2);
    peer_expects_nothing(&w);
    state_is(&w, FIN_WAIT_2);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"our FIN acknowledged is FIN_WAIT_2 (EV-35, EV-58)", our_fin_acknowledged_is_fin_wait_2},
        {"the FIN follows all queued text (EV-58)", the_fin_follows_all_queued_text},
        {"the FIN needs room in the window, too", the_fin_needs_room_in_the_window_too},
        {"a FIN is the end of file behind the text (EV-42, EV-55)",
         a_fin_is_the_end_of_file_behind_the_text},
        {"CLOSE_WAIT still sends (EV-59, EV-37)", close_wait_still_sends},
        {"FINs that cross pass through CLOSING (EV-43, EV-36)",
         fins_that_cross_pass_through_closing},
        {"CLOSING ignores an ACK that misses the FIN (EV-36)",
         closing_ignores_an_ack_that_misses_the_fin},
        {"a FIN that acknowledges ours is TIME_WAIT (EV-44)",
         a_fin_that_acknowledges_ours_is_time_wait},
        {"a FIN in FIN_WAIT_2 is TIME_WAIT (EV-45, EV-41)", a_fin_in_fin_wait_2_is_time_wait},
        {"text still comes in FIN_WAIT_1 (EV-41)", text_still_comes_in_fin_wait_1},
        {"a repeated FIN is acknowledged (EV-46)",
         a_repeated_fin_is_acknowledged_and_changes_nothing},
        {"text after the peer's FIN is ignored (EV-40)", text_after_the_peers_fin_is_ignored},
        {"sending after close fails (EV-54)", sending_after_close_fails},
        {"closing in SYN_RECEIVED sends a FIN (EV-57)", closing_in_syn_received_sends_a_fin},
        {"with text queued it waits (EV-57)", closing_in_syn_received_with_text_queued_waits},
        {"our FIN is repeated (EV-48)", our_fin_is_repeated_until_acknowledged},
        {"text behind the FIN is forgotten", text_behind_the_fin_is_forgotten},
        {"a FIN beyond a hole waits for it", a_fin_beyond_a_hole_waits_for_it},
        {"an orphan does not stay for ever", an_orphan_does_not_stay_for_ever},
        {"an orphan waits for the peer's FIN without its busy part",
         an_orphan_waits_for_the_peers_fin_without_its_busy_part},
        {"nor one with text and a zero window", an_orphan_with_text_and_a_zero_window_goes_too},
        {"closing twice sends one FIN", closing_twice_sends_one_fin},
    };
    return UNIT_MAIN("tcp_close", tests);
}
