/* DCTCP's ECN on the wire (RFC 8257): asked for, on every segment, and each mark echoed. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "tcp/conn.h"

#include <string.h>

#define CE 3
#define ECT0 2
#define BUFFER 20000

static struct peer w;
static const struct tcp_options with_sack = {
    .has_mss = true, .mss = PEER_MSS, .has_sack_permitted = true};

static void configure(void)
{
    peer_configure(&w);
    strcpy(w.config.tcp.congestion, "dctcp");
    w.config.tcp.quick_acks = 0;
    w.config.tcp.receive_buffer = w.config.tcp.receive_buffer_max = BUFFER;
    w.config.tcp.ecn = RILL_ECN_OFF; /* it is asked for all the same */
}

/* A listener that a peer has asked with ECE and CWR. */
static void establish(void)
{
    configure();
    peer_start(&w);
    app_listens(&w);
    peer_sends(&w, TCP_SYN | TCP_ECE | TCP_CWR, 0, 0, 0, .tos = ECT0, .options = with_sack);
    peer_expects(&w, TCP_SYN | TCP_ACK | TCP_ECE, 0, 1, 0);
    CU_ASSERT_EQUAL(w.got.tos & CE, ECT0);
    peer_sends(&w, TCP_ACK, 1, 1);
    app_accepts(&w);
}

static void each_syn_asks_and_is_capable(void) /* 3.4 */
{
    configure();
    peer_start(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN | TCP_ECE | TCP_CWR, 0, 0, 0);
    CU_ASSERT_EQUAL(w.got.tos & CE, ECT0);
    peer_sends(&w, TCP_SYN | TCP_ACK | TCP_ECE, 0, 1, 0, .options = peer_plain);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT_EQUAL(w.got.tos & CE, ECT0);
    CU_ASSERT(peer_conn(&w)->ecn);
    peer_close(&w);
}

static void without_an_answer_it_is_asked_for_no_more(void) /* RFC 3168 6.1.1.1 */
{
    configure();
    peer_start(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN | TCP_ECE | TCP_CWR, 0, 0, 0);
    peer_waits(&w, RILL_SECONDS(10));
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    CU_ASSERT_EQUAL(w.got.tos & CE, 0);
    peer_close(&w);
}

static void a_peer_that_declines_gets_plain_segments(void)
{
    configure();
    peer_start(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN | TCP_ECE | TCP_CWR, 0, 0, 0);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1, 0, .options = peer_plain);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT_EQUAL(w.got.tos & CE, 0);
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    CU_ASSERT_EQUAL(w.got.tos & CE, 0);
    peer_close(&w);
}

static void everything_is_capable(void)
{
    establish();
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    CU_ASSERT_EQUAL(w.got.tos & CE, ECT0);
    peer_waits(&w, RILL_SECONDS(10));
    peer_expects(&w, TCP_ACK, 1, 1, 100); /* sent again */
    CU_ASSERT_EQUAL(w.got.tos & CE, ECT0);
    peer_sends(&w, TCP_ACK, 1, 101, 10, .tos = ECT0);
    peer_after(&w, RILL_MILLISECONDS(50));
    peer_expects(&w, TCP_ACK, 101, 11, 0); /* empty */
    CU_ASSERT_EQUAL(w.got.tos & CE, ECT0);
    app_aborts(&w);
    peer_expects(&w, TCP_RST | TCP_ACK, 101, 11, 0);
    CU_ASSERT_EQUAL(w.got.tos & CE, ECT0);
    peer_close(&w);
}

static void a_change_of_marks_is_acknowledged_apart(void) /* 3.2 */
{
    establish();
    peer_sends(&w, TCP_ACK, 1, 1, 10, .tos = ECT0);
    peer_expects_nothing(&w); /* delayed */
    peer_sends(&w, TCP_ACK, 11, 1, 10, .tos = CE);
    peer_expects(&w, TCP_ACK, 1, 11, 0); /* what came before the change, as it came */
    CU_ASSERT_EQUAL(w.got.ack + w.got.window, 1 + BUFFER); /* the window did not shrink */
    peer_expects(&w, TCP_ACK | TCP_ECE, 1, 21, 0);
    CU_ASSERT_EQUAL(w.got.ack + w.got.window, 1 + BUFFER);
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK | TCP_CWR, 21, 1, 10, .tos = CE); /* CWR says nothing to it */
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK, 31, 1, 10, .tos = ECT0);
    peer_expects(&w, TCP_ACK | TCP_ECE, 1, 31, 0);
    peer_expects(&w, TCP_ACK, 1, 41, 0);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void text_acknowledges_all_there_is(void) /* RFC 9293 3.10.2 */
{
    establish();
    peer_sends(&w, TCP_ACK, 1, 1, 10, .tos = ECT0);
    peer_sends(&w, TCP_ACK, 11, 1, 10, .tos = CE);
    app_sends(&w, 5);
    peer_expects(&w, TCP_ACK, 1, 11, 0);
    peer_expects(&w, TCP_ACK | TCP_ECE, 1, 21, 5);
    peer_expects_nothing(&w);
    peer_close(&w);
}

/* Seed 5000013594: the FIN acknowledged no more than what came before the change. What came behind
 * it was lost, and when the FIN was acknowledged nobody was left to say it again. */
static void a_fin_from_last_ack_acknowledges_the_peers(void) /* RFC 9293 3.10.4, 3.6 */
{
    establish();
    peer_sends(&w, TCP_ACK, 1, 1, 10, .tos = ECT0);
    peer_sends(&w, TCP_ACK | TCP_FIN, 11, 1, 10, .tos = CE);
    app_reads(&w, 20);
    app_closes(&w);
    peer_expects(&w, TCP_ACK, 1, 11, 0);
    peer_expects(&w, TCP_ACK | TCP_FIN | TCP_ECE, 1, 22, 0);
    peer_expects_nothing(&w);
    state_is(&w, LAST_ACK);
    peer_close(&w);
}

/* Several frames in one batch: output is pulled once, and each run is acknowledged. */
static void several_changes_wait_for_output(void)
{
    establish();
    for (int i = 0; i < 6; i++)
        peer_sends(&w, TCP_ACK, 1 + 10 * i, 1, 10, .tos = i % 2 ? CE : ECT0);
    for (int i = 0; i < 6; i++)
        peer_expects(&w, TCP_ACK | (i % 2 ? TCP_ECE : 0), 1, 11 + 10 * i, 0);
    peer_expects_nothing(&w);
    peer_close(&w);
}

/* More than there is room for: runs fall together, the last state is right all the same. */
static void too_many_changes_lose_runs_not_bytes(void)
{
    establish();
    for (int i = 0; i < 32; i++)
        peer_sends(&w, TCP_ACK, 1 + 10 * i, 1, 10, .tos = i % 2 ? CE : ECT0);
    unsigned count = peer_takes_all(&w);
    CU_ASSERT(count >= 4);
    CU_ASSERT(count <= CE_EDGES + 1);
    CU_ASSERT_EQUAL(w.got.ack, 321);
    CU_ASSERT_EQUAL(w.got.flags & TCP_ECE, TCP_ECE);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void a_reordered_mark_makes_no_empty_run(void)
{
    establish();
    peer_sends(&w, TCP_ACK, 1, 1, 10, .tos = ECT0);
    peer_sends(&w, TCP_ACK, 21, 1, 10, .tos = CE); /* beyond a hole */
    peer_sends(&w, TCP_ACK, 31, 1, 10, .tos = ECT0);
    CU_ASSERT_EQUAL(peer_conn(&w)->busy->ce_edges, 0);
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(w.got.ack, 11);
    CU_ASSERT_EQUAL(w.got.flags & TCP_ECE, 0);
    peer_close(&w);
}

static void an_echo_comes_down_by_half_of_alpha_and_is_told(void)
{
    establish();
    app_sends(&w, 10 * PEER_MSS);
    peer_takes_all(&w);
    peer_sends(&w, TCP_ACK | TCP_ECE, 1, 1 + PEER_MSS);
    CU_ASSERT_EQUAL(peer_conn(&w)->window.ssthresh, 5 * PEER_MSS); /* alpha is still 1 */
    peer_sends(&w, TCP_ACK, 1, 1 + 10 * PEER_MSS);
    peer_takes_all(&w);
    app_sends(&w, PEER_MSS);
    peer_expects(&w, TCP_ACK | TCP_CWR, 1 + 10 * PEER_MSS, 1, PEER_MSS);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"each SYN asks and is capable", each_syn_asks_and_is_capable},
        {"without an answer it is asked for no more", without_an_answer_it_is_asked_for_no_more},
        {"a peer that declines gets plain segments", a_peer_that_declines_gets_plain_segments},
        {"everything is capable", everything_is_capable},
        {"a change of marks is acknowledged apart", a_change_of_marks_is_acknowledged_apart},
        {"text acknowledges all there is", text_acknowledges_all_there_is},
        {"a FIN from LAST_ACK acknowledges the peer's", a_fin_from_last_ack_acknowledges_the_peers},
        {"several changes wait for output", several_changes_wait_for_output},
        {"too many changes lose runs, not bytes", too_many_changes_lose_runs_not_bytes},
        {"a reordered mark makes no empty run", a_reordered_mark_makes_no_empty_run},
        {"an echo comes down by half of alpha, and is told",
         an_echo_comes_down_by_half_of_alpha_and_is_told},
    };
    return UNIT_MAIN("tcp_dctcp", tests);
}
