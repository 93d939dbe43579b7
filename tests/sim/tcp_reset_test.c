/* RST in both directions: RFC 9293 3.5.2, 3.5.3, 3.10.5, 3.10.7.4 second and fourth; RFC 5961. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <errno.h>

static struct peer w;

static const enum rill_tcp_state told[] = {RILL_TCP_ESTABLISHED, RILL_TCP_FIN_WAIT_1,
                                           RILL_TCP_FIN_WAIT_2, RILL_TCP_CLOSE_WAIT};
static const enum rill_tcp_state closing[] = {RILL_TCP_CLOSING, RILL_TCP_LAST_ACK};
static const enum rill_tcp_state all[] = {
    RILL_TCP_ESTABLISHED, RILL_TCP_FIN_WAIT_1, RILL_TCP_FIN_WAIT_2, RILL_TCP_CLOSE_WAIT,
    RILL_TCP_CLOSING,     RILL_TCP_LAST_ACK,   RILL_TCP_TIME_WAIT};

/* RCV.NXT and SND.NXT of peer_reaches. */
static int64_t rcv_nxt(enum rill_tcp_state s)
{
    return s >= RILL_TCP_CLOSE_WAIT ? 2 : 1;
}

static int64_t snd_nxt(enum rill_tcp_state s)
{
    return s == RILL_TCP_ESTABLISHED || s == RILL_TCP_CLOSE_WAIT ? 1 : 2;
}

static void begin(enum rill_tcp_state s)
{
    peer_open(&w);
    peer_reaches(&w, s);
    if (w.listener >= 0)
        rill_close(w.listener);
    peer_expects_nothing(&w);
}

static void a_reset_at_rcv_nxt_ends_and_the_user_is_told(void) /* EV-20, MUST-12 */
{
    for (size_t i = 0; i < 4; i++) {
        begin(told[i]);
        peer_sends(&w, TCP_RST, rcv_nxt(told[i]));
        peer_expects_nothing(&w);
        state_is(&w, CLOSED);
        CU_ASSERT_EQUAL(app_error(&w), told[i] == RILL_TCP_CLOSE_WAIT ? EPIPE : ECONNRESET);
        peer_close(&w);
    }
}

static void reading_after_a_reset_fails_with_it(void) /* EV-20, MUST-12 */
{
    begin(RILL_TCP_ESTABLISHED);
    peer_sends(&w, TCP_RST, 1);
    CU_ASSERT(app_fails(&w, ECONNRESET));
    CU_ASSERT(rill_send(w.fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    peer_close(&w);
}

static void a_reset_in_the_closing_states_ends(void) /* EV-22 */
{
    for (size_t i = 0; i < 2; i++) {
        begin(closing[i]);
        peer_sends(&w, TCP_RST, 2);
        peer_expects_nothing(&w);
        state_is(&w, CLOSED);
        peer_close(&w);
    }
}

static void a_reset_with_text_resets(void) /* SHLD-2 */
{
    begin(RILL_TCP_ESTABLISHED);
    peer_sends(&w, TCP_RST, 1, 0, 30);
    state_is(&w, CLOSED);
    peer_close(&w);
    begin(RILL_TCP_ESTABLISHED);
    peer_sends(&w, TCP_RST | TCP_ACK, 1, 1, 30);
    state_is(&w, CLOSED);
    CU_ASSERT(app_fails(&w, ECONNRESET));
    peer_close(&w);
}

static void a_reset_in_the_window_is_challenged(void) /* EV-21, RFC 5961 3.2 */
{
    for (size_t i = 0; i < 6; i++) {
        begin(all[i]);
        peer_sends(&w, TCP_RST, rcv_nxt(all[i]) + 1);
        peer_expects(&w, TCP_ACK, snd_nxt(all[i]), rcv_nxt(all[i]), 0);
        peer_sends(&w, TCP_RST, rcv_nxt(all[i]) + 1000);
        peer_expects(&w, TCP_ACK, snd_nxt(all[i]), rcv_nxt(all[i]), 0);
        peer_state_is(&w, all[i], __FILE__, __LINE__);
        CU_ASSERT_EQUAL(app_error(&w), 0);
        peer_close(&w);
    }
}

static void a_reset_outside_the_window_is_ignored(void) /* EV-16 */
{
    for (size_t i = 0; i < 7; i++) {
        begin(all[i]);
        peer_sends(&w, TCP_RST, rcv_nxt(all[i]) - 1);
        peer_sends(&w, TCP_RST, rcv_nxt(all[i]) - 100000);
        peer_sends(&w, TCP_RST, rcv_nxt(all[i]) + 2000000);
        peer_expects_nothing(&w);
        peer_state_is(&w, all[i], __FILE__, __LINE__);
        peer_close(&w);
    }
}

static void a_reset_counts_with_a_zero_window(void) /* MUST-66, EV-17 */
{
    peer_configure(&w);
    w.config.tcp.receive_buffer = 4096;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    for (int64_t at = 1; at < 4097; at += 1024)
        peer_sends(&w, TCP_ACK, at, 1, 1024);
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(w.got.window, 0);
    peer_sends(&w, TCP_RST, w.got.ack);
    CU_ASSERT_EQUAL(peer_conn(&w), NULL);
    peer_close(&w);
}

static void a_syn_is_challenged_wherever_it_lies(void) /* EV-26, S11, RFC 5961 4 */
{
    static const int64_t offset[] = {0, -1, 1, 1000, -100000, 5000000};
    for (size_t i = 0; i < 6; i++)
        for (size_t o = 0; o < 6; o++) {
            begin(all[i]);
            peer_sends(&w, TCP_SYN, rcv_nxt(all[i]) + offset[o]);
            peer_expects(&w, TCP_ACK, snd_nxt(all[i]), rcv_nxt(all[i]), 0);
            peer_sends(&w, TCP_SYN | TCP_ACK, rcv_nxt(all[i]) + offset[o], 1);
            peer_expects(&w, TCP_ACK, snd_nxt(all[i]), rcv_nxt(all[i]), 0);
            peer_expects_nothing(&w);
            peer_state_is(&w, all[i], __FILE__, __LINE__);
            peer_close(&w);
        }
}

static void a_peer_that_has_restarted_recovers(void) /* S12, figure 10 */
{
    begin(RILL_TCP_ESTABLISHED);
    app_listens(&w);
    peer_sends(&w, TCP_SYN, 500000); /* it has forgotten everything */
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    peer_sends(&w, TCP_RST, 1); /* its answer: <SEQ=SEG.ACK> */
    state_is(&w, LISTEN);
    w.iss += 500000;
    peer_sends(&w, TCP_SYN, 0);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_close(&w);
}

static void challenges_have_a_budget(void) /* RFC 5961 7 */
{
    peer_configure(&w);
    w.config.tcp.challenge_acks = 10;
    w.config.tcp.challenge_interval = 0;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    unsigned answered = 0;
    for (int i = 0; i < 100; i++) {
        peer_sends(&w, TCP_SYN, 1);
        answered += peer_takes_all(&w);
    }
    CU_ASSERT(answered >= 5);
    CU_ASSERT(answered <= 15);
    peer_after(&w, RILL_SECONDS(2));
    peer_sends(&w, TCP_SYN, 1);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    peer_close(&w);
}

/* ACKs that were overtaken on their way are common: they leave the budget to the challenges. */
static void old_acks_do_not_use_the_budget(void)
{
    peer_configure(&w);
    w.config.tcp.challenge_acks = 2;
    w.config.tcp.challenge_interval = 0;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    for (int i = 0; i < 10; i++) {
        peer_sends(&w, TCP_ACK, -100, 1);
        peer_expects(&w, TCP_ACK, 1, 1, 0);
    }
    peer_sends(&w, TCP_SYN, 1);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    peer_close(&w);
}

static void a_flow_is_challenged_twice_a_second(void) /* RFC 5961 7, J04 */
{
    begin(RILL_TCP_ESTABLISHED);
    for (int second = 0; second < 3; second++) {
        unsigned answered = 0;
        for (int i = 0; i < 10; i++) {
            peer_sends(&w, TCP_SYN, 1);
            answered += peer_takes_all(&w);
            peer_after(&w, RILL_MILLISECONDS(100));
        }
        CU_ASSERT_EQUAL(answered, 2);
    }
    peer_close(&w);
}

/* A clock may begin at 0, as the simulator's does. */
static void the_first_second_has_its_budget_too(void) /* RFC 5961 7, EV-16 */
{
    peer_configure(&w);
    w.now = 0;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_TIME_WAIT);
    CU_ASSERT_FATAL(w.now < RILL_SECONDS(1));
    peer_sends(&w, TCP_ACK, -100, 2, 101); /* old text: its sender has not heard our ACK */
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    peer_close(&w);
}

static void an_abort_resets_at_snd_nxt(void) /* EV-60 */
{
    for (size_t i = 0; i < 4; i++) {
        begin(told[i]);
        app_aborts(&w);
        CU_ASSERT_FATAL(peer_takes(&w, &w.got));
        CU_ASSERT(w.got.flags & TCP_RST);
        CU_ASSERT_EQUAL(w.got.seq, snd_nxt(told[i]));
        peer_expects_nothing(&w);
        state_is(&w, CLOSED);
        peer_after(&w, RILL_SECONDS(100));
        peer_expects_nothing(&w);
        peer_close(&w);
    }
}

static void an_abort_flushes_what_is_queued(void) /* EV-60 */
{
    begin(RILL_TCP_ESTABLISHED);
    app_sends(&w, 1000);
    peer_expects(&w, TCP_ACK, 1, 1, 1000);
    app_sends(&w, 5000);
    app_aborts(&w);
    CU_ASSERT_FATAL(peer_takes(&w, &w.got));
    CU_ASSERT(w.got.flags & TCP_RST);
    CU_ASSERT_EQUAL(w.got.seq, 1001); /* SND.NXT, not the end of the queue */
    CU_ASSERT_EQUAL(w.got.length, 0);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void an_abort_in_the_closing_states_is_quiet_about_nothing_it_has(void) /* 3.10.5: CLOSING */
{
    for (size_t i = 0; i < 2; i++) {
        begin(closing[i]);
        app_aborts(&w);
        peer_takes_all(&w); /* "ok, delete the TCB": an RST does no harm */
        state_is(&w, CLOSED);
        peer_close(&w);
    }
}

static void closing_with_unread_text_resets(void) /* SHLD-3, RFC 2525 2.17 */
{
    begin(RILL_TCP_ESTABLISHED);
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_takes_all(&w);
    app_closes(&w);
    CU_ASSERT_FATAL(peer_takes(&w, &w.got));
    CU_ASSERT(w.got.flags & TCP_RST);
    CU_ASSERT_EQUAL(w.got.seq, 1);
    state_is(&w, CLOSED);
    peer_close(&w);
}

static void text_after_close_is_reset(void) /* SHLD-3 */
{
    begin(RILL_TCP_ESTABLISHED);
    app_closes(&w);
    peer_expects(&w, TCP_FIN | TCP_ACK, 1, 1, 0);
    peer_sends(&w, TCP_ACK, 1, 2, 100);
    CU_ASSERT_FATAL(peer_takes(&w, &w.got));
    CU_ASSERT(w.got.flags & TCP_RST);
    CU_ASSERT_EQUAL(w.got.seq, 2);
    state_is(&w, CLOSED);
    peer_close(&w);
}

static void a_reset_in_an_active_syn_received_refuses(void) /* EV-24, MUST-11 */
{
    peer_open(&w);
    peer_simultaneous(&w);
    peer_sends(&w, TCP_RST, 1);
    peer_expects_nothing(&w);
    state_is(&w, CLOSED);
    CU_ASSERT_EQUAL(app_error(&w), ECONNREFUSED);
    peer_close(&w);
}

static void a_wrong_ack_in_an_active_syn_received_is_reset(void) /* EV-30 */
{
    peer_open(&w);
    peer_simultaneous(&w);
    peer_sends(&w, TCP_ACK, 1, 2);
    peer_expects(&w, TCP_RST, 2, 0, 0);
    peer_sends(&w, TCP_ACK, 1, 0);
    peer_expects(&w, TCP_RST, 0, 0, 0);
    state_is(&w, SYN_RECEIVED);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a reset at RCV.NXT ends (EV-20, MUST-12)", a_reset_at_rcv_nxt_ends_and_the_user_is_told},
        {"reading after a reset fails with it (MUST-12)", reading_after_a_reset_fails_with_it},
        {"a reset in the closing states ends (EV-22)", a_reset_in_the_closing_states_ends},
        {"a reset with text resets (SHLD-2)", a_reset_with_text_resets},
        {"a reset in the window is challenged (EV-21)", a_reset_in_the_window_is_challenged},
        {"a reset outside of it is ignored (EV-16)", a_reset_outside_the_window_is_ignored},
        {"a reset counts with a zero window (MUST-66)", a_reset_counts_with_a_zero_window},
        {"a SYN is challenged wherever it lies (EV-26)", a_syn_is_challenged_wherever_it_lies},
        {"a peer that has restarted recovers", a_peer_that_has_restarted_recovers},
        {"challenges have a budget (RFC 5961 7)", challenges_have_a_budget},
        {"old ACKs do not use the budget", old_acks_do_not_use_the_budget},
        {"a flow is challenged twice a second", a_flow_is_challenged_twice_a_second},
        {"the first second has its budget, too (RFC 5961 7)", the_first_second_has_its_budget_too},
        {"an abort resets at SND.NXT (EV-60)", an_abort_resets_at_snd_nxt},
        {"an abort flushes what is queued (EV-60)", an_abort_flushes_what_is_queued},
        {"an abort in CLOSING and LAST_ACK ends",
         an_abort_in_the_closing_states_is_quiet_about_nothing_it_has},
        {"closing with unread text resets (SHLD-3)", closing_with_unread_text_resets},
        {"text after close is reset (SHLD-3)", text_after_close_is_reset},
        {"a reset in an active SYN_RECEIVED refuses (EV-24)",
         a_reset_in_an_active_syn_received_refuses},
        {"a wrong ACK in it is reset (EV-30)", a_wrong_ack_in_an_active_syn_received_is_reset},
    };
    return UNIT_MAIN("tcp_reset", tests);
}
