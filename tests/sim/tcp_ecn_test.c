/* Explicit congestion notification (RFC 3168 6.1). */
#include "../unit/unit.h"
#include "tcp/conn.h"
#include "wire_peer.h"

#include <string.h>

#define CE 3
#define ECT0 2

static struct peer w;

/* A listener that a peer has asked with ECE and CWR. */
static void establish(void)
{
    peer_configure(&w);
    strcpy(w.config.tcp.congestion, "reno");
    peer_start(&w);
    app_listens(&w);
    peer_sends(&w, TCP_SYN | TCP_ECE | TCP_CWR, 0, 0, 0, .options = peer_plain);
    peer_expects(&w, TCP_SYN | TCP_ACK | TCP_ECE, 0, 1, 0);
    CU_ASSERT_EQUAL(w.got.tos & CE, 0); /* never ECT on a SYN-ACK */
    peer_sends(&w, TCP_ACK, 1, 1);
    app_accepts(&w);
}

static void a_request_is_accepted_and_text_is_capable(void) /* SHLD-8, 6.1.1, 6.1.2 */
{
    establish();
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    CU_ASSERT_EQUAL(w.got.tos & CE, ECT0);
    peer_close(&w);
}

static void half_a_request_is_none(void)
{
    peer_open(&w);
    app_listens(&w);
    peer_sends(&w, TCP_SYN | TCP_ECE, 0, 0, 0, .options = peer_plain);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_sends(&w, TCP_ACK, 1, 1);
    app_accepts(&w);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    CU_ASSERT_EQUAL(w.got.tos & CE, 0);
    peer_close(&w);
}

static void ce_is_echoed_until_cwr_comes(void) /* 6.1.3 */
{
    establish();
    peer_sends(&w, TCP_ACK, 1, 1, 10, .tos = CE);
    peer_expects(&w, TCP_ACK | TCP_ECE, 1, 11, 0);
    peer_sends(&w, TCP_ACK, 11, 1, 10, .tos = ECT0);
    peer_expects(&w, TCP_ACK | TCP_ECE, 1, 21, 0);
    peer_sends(&w, TCP_ACK | TCP_CWR, 21, 1, 10, .tos = ECT0);
    peer_expects(&w, TCP_ACK, 1, 31, 0);
    peer_close(&w);
}

static void an_echo_halves_the_window_once_and_is_told(void) /* 6.1.2 */
{
    establish();
    app_sends(&w, 10 * PEER_MSS);
    peer_takes_all(&w);
    const struct cc_window *window = &peer_conn(&w)->window;
    uint32_t before = window->cwnd;
    peer_sends(&w, TCP_ACK | TCP_ECE, 1, 1 + PEER_MSS);
    CU_ASSERT_EQUAL(window->ssthresh, before / 2);
    peer_sends(&w, TCP_ACK | TCP_ECE, 1, 1 + 2 * PEER_MSS);
    CU_ASSERT_EQUAL(window->ssthresh, before / 2); /* once for each window of data */
    peer_sends(&w, TCP_ACK | TCP_ECE, 1, 1 + 10 * PEER_MSS);
    CU_ASSERT_EQUAL(window->cwnd, before / 2); /* RFC 6937: there once all of it has arrived */
    peer_takes_all(&w);
    app_sends(&w, PEER_MSS);
    peer_expects(&w, TCP_ACK | TCP_CWR, 1 + 10 * PEER_MSS, 1, PEER_MSS);
    app_sends(&w, PEER_MSS);
    peer_expects(&w, TCP_ACK, 1 + 11 * PEER_MSS, 1, PEER_MSS);
    peer_close(&w);
}

static void what_is_sent_again_and_what_is_empty_is_not_capable(void) /* 6.1.4, 6.1.5 */
{
    establish();
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    peer_waits(&w, RILL_SECONDS(10));
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    CU_ASSERT_EQUAL(w.got.tos & CE, 0);
    peer_sends(&w, TCP_ACK, 1, 101, 10);
    peer_expects(&w, TCP_ACK, 101, 11, 0);
    CU_ASSERT_EQUAL(w.got.tos & CE, 0);
    peer_close(&w);
}

static void rill_asks_where_it_is_told_to(void)
{
    peer_configure(&w);
    w.config.tcp.ecn = RILL_ECN_REQUEST;
    peer_start(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN | TCP_ECE | TCP_CWR, 0, 0, 0);
    peer_sends(&w, TCP_SYN | TCP_ACK | TCP_ECE, 0, 1, 0, .options = peer_plain);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    CU_ASSERT_EQUAL(w.got.tos & CE, ECT0);
    peer_close(&w);
}

static void a_syn_without_answer_goes_again_without_asking(void) /* 6.1.1.1 */
{
    peer_configure(&w);
    w.config.tcp.ecn = RILL_ECN_REQUEST;
    peer_start(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN | TCP_ECE | TCP_CWR, 0, 0, 0);
    peer_waits(&w, RILL_SECONDS(10));
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"SHLD-8: a request is accepted and text is capable",
         a_request_is_accepted_and_text_is_capable},
        {"half a request is none", half_a_request_is_none},
        {"CE is echoed until CWR comes", ce_is_echoed_until_cwr_comes},
        {"an echo halves the window once and is told", an_echo_halves_the_window_once_and_is_told},
        {"what is sent again and what is empty is not capable",
         what_is_sent_again_and_what_is_empty_is_not_capable},
        {"rill asks where it is told to", rill_asks_where_it_is_told_to},
        {"a SYN without answer goes again without asking",
         a_syn_without_answer_goes_again_without_asking},
    };
    return UNIT_MAIN("tcp_ecn", tests);
}
