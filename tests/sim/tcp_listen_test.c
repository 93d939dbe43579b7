/* CLOSED, LISTEN and the passive SYN_RECEIVED: RFC 9293 3.10.7.1, 3.10.7.2, 3.10.7.4, 3.9.2.3. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <errno.h>
#include <netinet/in.h>

static struct peer w;

static void closed_resets_what_has_no_ack(void) /* EV-1, S05 */
{
    static const uint16_t flags[] = {TCP_SYN, TCP_FIN, TCP_SYN | TCP_FIN, 0, TCP_PSH};
    peer_open(&w);
    for (size_t i = 0; i < 5; i++)
        for (uint32_t length = 0; length < 3; length++) {
            uint32_t counts = length + ((flags[i] & TCP_SYN) != 0) + ((flags[i] & TCP_FIN) != 0);
            peer_sends(&w, flags[i], 77, 0, length);
            peer_expects(&w, TCP_RST | TCP_ACK, 0, 77 + counts, 0);
        }
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void closed_resets_what_has_an_ack_at_that_ack(void) /* EV-2, S05 */
{
    static const uint16_t flags[] = {TCP_ACK, TCP_FIN | TCP_ACK, TCP_SYN | TCP_ACK,
                                     TCP_PSH | TCP_ACK};
    peer_open(&w);
    for (size_t i = 0; i < 4; i++) {
        peer_sends(&w, flags[i], 77, 123456, 10);
        peer_expects(&w, TCP_RST, 123456, 0, 0);
    }
    peer_close(&w);
}

static void closed_says_nothing_to_a_reset(void) /* EV-3 */
{
    peer_open(&w);
    peer_sends(&w, TCP_RST, 77);
    peer_sends(&w, TCP_RST | TCP_ACK, 77, 1);
    peer_sends(&w, TCP_RST | TCP_SYN, 77, 1, 10);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void listen_ignores_a_reset(void) /* EV-4 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_LISTEN);
    peer_sends(&w, TCP_RST, 0);
    peer_sends(&w, TCP_RST | TCP_ACK, 0, 1);
    peer_sends(&w, TCP_RST | TCP_SYN, 0);
    peer_expects_nothing(&w);
    state_is(&w, LISTEN);
    peer_close(&w);
}

static void listen_resets_an_ack(void) /* EV-5 */
{
    static const uint16_t flags[] = {TCP_ACK, TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK};
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_LISTEN);
    for (size_t i = 0; i < 3; i++) {
        peer_sends(&w, flags[i], 0, 5000, 10);
        peer_expects(&w, TCP_RST, 5000, 0, 0);
        state_is(&w, LISTEN);
    }
    peer_close(&w);
}

static void listen_answers_a_syn(void) /* EV-6, EV-29, MUST-14 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_LISTEN);
    peer_sends(&w, TCP_SYN, 0, .options = peer_plain);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    CU_ASSERT_EQUAL(w.got.options.mss, 1460);
    CU_ASSERT_FALSE(w.got.options.has_timestamps); /* RFC 7323: only if the SYN had it */
    CU_ASSERT_FALSE(w.got.options.has_window_scale);
    CU_ASSERT_FALSE(w.got.options.has_sack_permitted);
    CU_ASSERT(app_accepts_nobody(&w));
    peer_sends(&w, TCP_ACK, 1, 1);
    peer_expects_nothing(&w);
    state_is(&w, ESTABLISHED);
    app_accepts(&w);
    peer_close(&w);
}

static void text_on_a_syn_is_not_delivered_early(void) /* EV-6, S22; DEVIATION in choices.md */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_LISTEN);
    peer_sends(&w, TCP_SYN, 0, 0, 10);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    CU_ASSERT(app_accepts_nobody(&w));
    peer_sends(&w, TCP_ACK, 1, 1, 10); /* again, after the handshake */
    app_accepts(&w);
    app_reads(&w, 10);
    CU_ASSERT(app_fails(&w, EAGAIN));
    peer_close(&w);
}

static void listen_drops_the_rest(void) /* EV-7, S13 */
{
    static const uint16_t flags[] = {0, TCP_FIN, TCP_PSH, TCP_FIN | TCP_PSH | TCP_URG};
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_LISTEN);
    for (size_t i = 0; i < 4; i++)
        peer_sends(&w, flags[i], 0, 0, 10);
    peer_expects_nothing(&w);
    state_is(&w, LISTEN);
    peer_close(&w);
}

static void a_wrong_third_ack_is_reset(void) /* EV-30, S04 */
{
    static const int64_t ack[] = {0, 2, -1, 3, 1000, -70000, INT32_MAX};
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_RECEIVED);
    for (size_t i = 0; i < 7; i++) {
        peer_sends(&w, TCP_ACK, 1, ack[i], 10);
        peer_expects(&w, TCP_RST, ack[i], 0, 0);
        state_is(&w, SYN_RECEIVED);
    }
    peer_sends(&w, TCP_ACK, 1, 1);
    state_is(&w, ESTABLISHED);
    app_accepts(&w);
    CU_ASSERT(app_fails(&w, EAGAIN)); /* nothing of what came with the wrong ones */
    peer_close(&w);
}

static void a_reset_returns_to_listen(void) /* EV-23, MUST-11 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_RECEIVED);
    peer_sends(&w, TCP_RST, 1);
    peer_expects_nothing(&w);
    state_is(&w, LISTEN);
    CU_ASSERT(app_accepts_nobody(&w)); /* the user is not told */
    peer_after(&w, RILL_SECONDS(10));
    peer_expects_nothing(&w); /* nothing is repeated */
    peer_sends(&w, TCP_SYN, 0);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_close(&w);
}

static void a_reset_outside_the_window_is_ignored_in_syn_received(void) /* EV-16 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_RECEIVED);
    peer_sends(&w, TCP_RST, 0);
    peer_sends(&w, TCP_RST, 10000000);
    peer_expects_nothing(&w);
    state_is(&w, SYN_RECEIVED);
    peer_sends(&w, TCP_RST, 2); /* in it: RFC 5961 3 */
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    state_is(&w, SYN_RECEIVED);
    peer_close(&w);
}

/* The SYN-ACK's window is unscaled, the challenge's is scaled (RFC 7323 2.2). Seed 1483 of
 * rill-sim. */
static void a_challenge_in_syn_received_offers_no_more_than_the_syn_ack(void) /* SHLD-14 */
{
    struct tcp_options o = peer_full;
    o.has_timestamps = false;
    peer_configure(&w);
    w.config.tcp.receive_buffer = 6316;
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_SYN_RECEIVED, &o);
    unsigned scale = w.got.options.window_scale;
    CU_ASSERT_EQUAL(w.got.window, 6316);
    CU_ASSERT(scale > 0);
    peer_sends(&w, TCP_RST, 2);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT(w.got.window > 0);
    CU_ASSERT((uint32_t)w.got.window << scale <= 6316);
    peer_close(&w);
}

static void a_repeated_syn_is_answered_again(void) /* EV-25 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_RECEIVED);
    peer_sends(&w, TCP_SYN, 0, .options = peer_plain);
    CU_ASSERT_FATAL(peer_takes(&w, &w.got)); /* the SYN-ACK again, or an ACK */
    CU_ASSERT_EQUAL(w.got.ack, 1);
    state_is(&w, SYN_RECEIVED);
    peer_sends(&w, TCP_ACK, 1, 1);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void a_segment_without_ack_does_not_establish(void) /* EV-28 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_RECEIVED);
    peer_sends(&w, 0, 1, 0, 10);
    peer_sends(&w, TCP_FIN, 1, 0, 10);
    peer_expects_nothing(&w);
    state_is(&w, SYN_RECEIVED);
    peer_close(&w);
}

static void the_third_segment_may_carry_text_and_fin(void) /* EV-29, EV-42 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_RECEIVED);
    peer_sends(&w, TCP_ACK | TCP_FIN, 1, 1, 50);
    peer_expects(&w, TCP_ACK, 1, 52, 0);
    state_is(&w, CLOSE_WAIT);
    app_accepts(&w);
    app_reads(&w, 50);
    CU_ASSERT(app_reads_end(&w));
    peer_close(&w);
}

static void the_syn_ack_is_repeated_and_then_forgotten(void) /* MUST-22, S01, S23 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_RECEIVED);
    rill_time last = w.now, gap = 0;
    peer_after(&w, RILL_SECONDS(300));
    for (unsigned i = 0; i < w.config.tcp.syn_ack_retries; i++) {
        peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
        CU_ASSERT(w.got.when - last >= max_of(2 * gap, RILL_SECONDS(1)));
        gap = w.got.when - last;
        last = w.got.when;
    }
    peer_expects_nothing(&w);
    state_is(&w, LISTEN);
    CU_ASSERT_EQUAL(rill_deadline(w.rill), RILL_NEVER);
    peer_close(&w);
}

static void no_answer_to_group_and_odd_addresses(void) /* MUST-57, MUST-63, T12 */
{
    static const uint32_t to[] = {0x0a0000ff, 0xffffffff, 0xe0000001};
    static const uint32_t from[] = {0x0a0000ff, 0xffffffff, 0xe0000001, 0, 0x0a000001, 0x7f000001};
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_LISTEN);
    for (size_t i = 0; i < 3; i++) {
        w.rill_address = to[i];
        peer_sends(&w, TCP_SYN, 0);
        peer_sends(&w, TCP_ACK, 0, 1);
    }
    w.rill_address = 0x0a000001;
    for (size_t i = 0; i < 6; i++) {
        w.address = from[i];
        peer_sends(&w, TCP_SYN, 0);
        peer_sends(&w, TCP_ACK, 0, 1);
    }
    w.address = 0x0a000002;
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void port_zero_gets_no_answer(void) /* T12 */
{
    peer_open(&w);
    w.peer_port = 0;
    peer_sends(&w, TCP_SYN, 0);
    w.peer_port = 40000;
    w.rill_port = 0;
    peer_sends(&w, TCP_SYN, 0);
    peer_expects_nothing(&w);
    peer_close(&w);
}

/* Peers on their own ports, as many as the listener lets in. */
static unsigned handshakes(unsigned n)
{
    unsigned answered = 0;
    for (unsigned i = 0; i < n; i++) {
        w.peer_port = (uint16_t)(1000 + i);
        peer_sends(&w, TCP_SYN, 0);
        if (!peer_takes(&w, &w.got))
            continue;
        answered++;
        peer_sends(&w, TCP_ACK, 1, 1);
        CU_ASSERT_FALSE(peer_takes(&w, &w.got));
    }
    return answered;
}

static void the_accept_queue_is_bounded_and_opens_again(void) /* S18 */
{
    peer_open(&w);
    app_listens(&w); /* 16 */
    handshakes(60);
    unsigned accepted = 0;
    for (; !app_accepts_nobody(&w); accepted++)
        ;
    CU_ASSERT_EQUAL(accepted, 17); /* one more than the backlog says: as in Linux */
    peer_close(&w);
}

static void a_closed_listener_resets_what_nobody_accepted(void) /* S19 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_RECEIVED);
    peer_sends(&w, TCP_ACK, 1, 1);
    state_is(&w, ESTABLISHED);
    CU_ASSERT_EQUAL(rill_close(w.listener), 0);
    CU_ASSERT_FATAL(peer_takes(&w, &w.got));
    CU_ASSERT(w.got.flags & TCP_RST);
    CU_ASSERT_EQUAL(w.got.seq, 1);
    state_is(&w, CLOSED);
    peer_close(&w);

    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_RECEIVED);
    CU_ASSERT_EQUAL(rill_close(w.listener), 0);
    peer_takes_all(&w); /* an RST is allowed */
    peer_sends(&w, TCP_ACK, 1, 1);
    peer_expects(&w, TCP_RST, 1, 0, 0);
    state_is(&w, CLOSED);
    peer_close(&w);
}

static void a_flood_of_syns_keeps_memory_bounded_and_others_alive(void) /* S01 */
{
    peer_configure(&w);
    w.config.tcp.syn_records_max = 100;
    peer_start(&w);
    app_listens(&w);
    size_t before = rill_memory_used(w.rill);
    for (unsigned i = 0; i < 1000; i++) {
        w.peer_port = (uint16_t)(1 + i);
        peer_sends(&w, TCP_SYN, 0);
        peer_takes_all(&w);
    }
    CU_ASSERT(rill_memory_used(w.rill) - before < 128 * 200);
    peer_after(&w, RILL_SECONDS(300));
    w.first = w.count = 0;
    w.peer_port = 40000;
    peer_sends(&w, TCP_SYN, 0);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_sends(&w, TCP_ACK, 1, 1);
    app_accepts(&w);
    peer_close(&w);
}

static void listening_again_leaves_connections_alone(void) /* MUST-41, MUST-42 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    CU_ASSERT_EQUAL(rill_close(w.listener), 0);
    peer_expects_nothing(&w);
    app_listens(&w);
    state_is(&w, ESTABLISHED);
    peer_sends(&w, TCP_ACK, 1, 1, 10);
    app_reads(&w, 10);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"CLOSED resets what has no ACK (EV-1)", closed_resets_what_has_no_ack},
        {"CLOSED resets what has an ACK, at it (EV-2)", closed_resets_what_has_an_ack_at_that_ack},
        {"CLOSED says nothing to a reset (EV-3)", closed_says_nothing_to_a_reset},
        {"LISTEN ignores a reset (EV-4)", listen_ignores_a_reset},
        {"LISTEN resets an ACK (EV-5)", listen_resets_an_ack},
        {"LISTEN answers a SYN (EV-6, EV-29)", listen_answers_a_syn},
        {"text on a SYN is not delivered early (EV-6)", text_on_a_syn_is_not_delivered_early},
        {"LISTEN drops the rest (EV-7)", listen_drops_the_rest},
        {"a wrong third ACK is reset (EV-30)", a_wrong_third_ack_is_reset},
        {"a reset returns to LISTEN (EV-23, MUST-11)", a_reset_returns_to_listen},
        {"a reset outside is ignored in SYN_RECEIVED (EV-16, EV-21)",
         a_reset_outside_the_window_is_ignored_in_syn_received},
        {"a challenge in SYN_RECEIVED offers no more than the SYN-ACK",
         a_challenge_in_syn_received_offers_no_more_than_the_syn_ack},
        {"a repeated SYN is answered again (EV-25)", a_repeated_syn_is_answered_again},
        {"without ACK nothing is established (EV-28)", a_segment_without_ack_does_not_establish},
        {"the third segment may carry text and FIN", the_third_segment_may_carry_text_and_fin},
        {"the SYN-ACK is repeated and then forgotten", the_syn_ack_is_repeated_and_then_forgotten},
        {"no answer to group and odd addresses (MUST-57, MUST-63)",
         no_answer_to_group_and_odd_addresses},
        {"port 0 gets no answer", port_zero_gets_no_answer},
        {"the accept queue is bounded", the_accept_queue_is_bounded_and_opens_again},
        {"a closed listener resets what waits", a_closed_listener_resets_what_nobody_accepted},
        {"a flood of SYNs is bounded", a_flood_of_syns_keeps_memory_bounded_and_others_alive},
        {"listening again leaves connections alone (MUST-41)",
         listening_again_leaves_connections_alone},
    };
    return UNIT_MAIN("tcp_listen", tests);
}
