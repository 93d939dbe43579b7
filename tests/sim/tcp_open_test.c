/* Active OPEN and SYN_SENT: RFC 9293 3.10.1, 3.10.2, 3.10.4, 3.10.7.3, 3.5; RFC 6528. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <errno.h>
#include <netinet/in.h>

static struct peer w;

static void a_syn_and_its_answer_establish(void) /* EV-12; figure 6 */
{
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    state_is(&w, SYN_SENT);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1);
    state_is(&w, ESTABLISHED);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    peer_expects_nothing(&w);
    CU_ASSERT_EQUAL(app_error(&w), 0);
    CU_ASSERT(app_fails(&w, EAGAIN));
    peer_close(&w);
}

static void the_syn_offers_mss_scale_sack_and_timestamps(void) /* MUST-14, MUST-67, SHLD-5 */
{
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    CU_ASSERT(w.got.options.has_mss);
    CU_ASSERT_EQUAL(w.got.options.mss, 1460);
    CU_ASSERT(w.got.options.has_window_scale);
    CU_ASSERT(w.got.options.window_scale <= 14);
    CU_ASSERT(w.got.options.has_sack_permitted);
    CU_ASSERT(w.got.options.has_timestamps);
    CU_ASSERT_EQUAL(w.got.options.timestamp_echo, 0); /* RFC 7323 3.2: no ACK bit */
    peer_close(&w);
}

/* Rows of one table: a segment in SYN_SENT, and what RFC 9293 3.10.7.3 wants. */
struct syn_sent_case {
    uint16_t flags;
    int64_t ack;
    bool reset; /* rill answers <SEQ=SEG.ACK><CTL=RST> */
    enum rill_tcp_state after;
    int error;
};

static void run_syn_sent(const struct syn_sent_case *c)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    peer_sends(&w, c->flags, 0, c->ack);
    if (c->reset)
        peer_expects(&w, TCP_RST, c->ack, 0, 0);
    peer_expects_nothing(&w);
    peer_state_is(&w, c->after, __FILE__, __LINE__);
    CU_ASSERT_EQUAL(app_error(&w), c->error);
    peer_close(&w);
}

static void an_ack_of_what_was_not_sent_is_reset(void) /* EV-8, S07 */
{
    static const uint16_t flags[] = {TCP_ACK, TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK};
    static const int64_t ack[] = {0, 2, -1, 100000, INT32_MAX};
    for (size_t f = 0; f < 3; f++)
        for (size_t a = 0; a < 5; a++)
            run_syn_sent(&(struct syn_sent_case){flags[f], ack[a], true, RILL_TCP_SYN_SENT, 0});
}

static void a_reset_with_a_wrong_ack_is_ignored(void) /* EV-9, S06 */
{
    run_syn_sent(&(struct syn_sent_case){TCP_RST | TCP_ACK, 0, false, RILL_TCP_SYN_SENT, 0});
    run_syn_sent(&(struct syn_sent_case){TCP_RST | TCP_ACK, 2, false, RILL_TCP_SYN_SENT, 0});
    run_syn_sent(
        &(struct syn_sent_case){TCP_RST | TCP_ACK | TCP_SYN, 2, false, RILL_TCP_SYN_SENT, 0});
}

static void a_reset_with_the_right_ack_refuses(void) /* EV-10 */
{
    run_syn_sent(
        &(struct syn_sent_case){TCP_RST | TCP_ACK, 1, false, RILL_TCP_CLOSED, ECONNREFUSED});
}

static void a_reset_without_ack_is_ignored(void) /* EV-11, S06 */
{
    run_syn_sent(&(struct syn_sent_case){TCP_RST, 0, false, RILL_TCP_SYN_SENT, 0});
    run_syn_sent(&(struct syn_sent_case){TCP_RST | TCP_SYN, 0, false, RILL_TCP_SYN_SENT, 0});
}

static void a_segment_with_neither_syn_nor_reset_is_dropped(void) /* EV-14, S13 */
{
    run_syn_sent(&(struct syn_sent_case){TCP_ACK, 1, false, RILL_TCP_SYN_SENT, 0});
    run_syn_sent(&(struct syn_sent_case){TCP_ACK | TCP_FIN, 1, false, RILL_TCP_SYN_SENT, 0});
    run_syn_sent(&(struct syn_sent_case){TCP_FIN, 0, false, RILL_TCP_SYN_SENT, 0});
    run_syn_sent(&(struct syn_sent_case){0, 0, false, RILL_TCP_SYN_SENT, 0});
}

static void the_right_answer_still_counts_after_a_wrong_one(void) /* S07; figure 9 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    peer_sends(&w, TCP_SYN | TCP_ACK, 90, 91);
    peer_expects(&w, TCP_RST, 91, 0, 0);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void simultaneous_open_works(void) /* EV-13, EV-29, MUST-10, S08; figure 7 */
{
    peer_open(&w);
    peer_simultaneous(&w);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1);
    peer_takes_all(&w); /* an ACK of the SYN that came again is allowed, nothing else */
    state_is(&w, ESTABLISHED);
    CU_ASSERT_EQUAL(app_error(&w), 0);
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    peer_close(&w);
}

static void simultaneous_open_survives_the_loss_of_the_syn_ack(void) /* S08 */
{
    peer_open(&w);
    peer_simultaneous(&w);
    CU_ASSERT(peer_waits(&w, RILL_SECONDS(5)) <= RILL_SECONDS(3));
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_sends(&w, TCP_ACK, 1, 1);
    peer_expects_nothing(&w);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

/* A card that gathers frames hands over the peer's SYN, and its SYN-ACK behind it, before our own
 * SYN-ACK could leave. Seed 47 of rill-sim's corners scenario. */
static void a_syn_ack_right_behind_the_crossed_syn_is_acknowledged(void) /* EV-29, MUST-58 */
{
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    peer_sends(&w, TCP_SYN, 0, .options = peer_plain);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1, .options = peer_plain);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    peer_expects_nothing(&w);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void a_split_handshake_is_a_simultaneous_open(void) /* S09 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    peer_sends(&w, TCP_ACK, 0, 1); /* dropped: EV-14 */
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_SYN, 0);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_sends(&w, TCP_ACK, 1, 1);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void text_sent_before_the_handshake_ends_waits_for_it(void) /* EV-53 */
{
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    app_sends_early(&w, 300);
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1);
    peer_expects(&w, TCP_ACK, 1, 1, 300); /* the ACK of the SYN rides on it, or came before */
    peer_close(&w);
}

static void text_on_the_syn_ack_is_delivered_once(void) /* 3.10.7.3, S22 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1, 20);
    peer_takes(&w, &w.got);
    CU_ASSERT_EQUAL(w.got.flags & ~TCP_PSH, TCP_ACK);
    state_is(&w, ESTABLISHED);
    if (w.got.ack == 1) { /* not taken: it comes again */
        peer_sends(&w, TCP_ACK, 1, 1, 20);
        peer_expects(&w, TCP_ACK, 1, 21, 0);
    }
    app_reads(&w, 20);
    CU_ASSERT(app_fails(&w, EAGAIN));
    peer_close(&w);
}

static void a_fin_on_the_syn_ack_closes_after_the_handshake(void) /* 3.10.7.3: go on at step six */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    peer_sends(&w, TCP_SYN | TCP_ACK | TCP_FIN, 0, 1);
    peer_takes(&w, &w.got);
    if (w.got.ack == 1) {
        peer_sends(&w, TCP_FIN | TCP_ACK, 1, 1);
        peer_expects(&w, TCP_ACK, 1, 2, 0);
    }
    state_is(&w, CLOSE_WAIT);
    CU_ASSERT(app_reads_end(&w));
    peer_close(&w);
}

static void opening_again_fails(void) /* EV-51 */
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(40000)};
    to.sin_addr.s_addr = htonl(0x0a000002);
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    CU_ASSERT(rill_connect(w.fd, (struct sockaddr *)&to, sizeof to) == -1 && errno == EALREADY);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1);
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(rill_connect(w.fd, (struct sockaddr *)&to, sizeof to), 0); /* tells success */
    CU_ASSERT(rill_connect(w.fd, (struct sockaddr *)&to, sizeof to) == -1 && errno == EISCONN);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void a_listener_cannot_open_actively(void) /* EV-50: what sockets do not offer */
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(40000)};
    to.sin_addr.s_addr = htonl(0x0a000002);
    peer_open(&w);
    app_listens(&w);
    CU_ASSERT_EQUAL(rill_connect(w.listener, (struct sockaddr *)&to, sizeof to), -1);
    CU_ASSERT(errno == EISCONN || errno == EOPNOTSUPP);
    peer_expects_nothing(&w);
    state_is(&w, LISTEN);
    peer_close(&w);
}

static void opening_to_many_fails(void) /* MUST-46 */
{
    static const uint32_t many[] = {0xffffffff, 0x0a0000ff, 0xe0000001};
    peer_open(&w);
    for (size_t i = 0; i < 3; i++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(40000)};
        to.sin_addr.s_addr = htonl(many[i]);
        int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        CU_ASSERT_EQUAL(rill_connect(fd, (struct sockaddr *)&to, sizeof to), -1);
        CU_ASSERT(errno != EINPROGRESS);
    }
    peer_after(&w, RILL_SECONDS(5));
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void sending_without_a_connection_fails(void) /* EV-52 */
{
    peer_open(&w);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT(rill_send(fd, "x", 1, MSG_NOSIGNAL) == -1 && (errno == ENOTCONN || errno == EPIPE));
    char c;
    CU_ASSERT(rill_recv(fd, &c, 1, 0) == -1 && errno == ENOTCONN);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void closing_in_syn_sent_is_silent(void) /* EV-56 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    app_sends_early(&w, 10);
    app_closes(&w);
    state_is(&w, CLOSED);
    peer_after(&w, RILL_SECONDS(300));
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1); /* now it answers as CLOSED does */
    peer_expects(&w, TCP_RST, 1, 0, 0);
    peer_close(&w);
}

static void a_syn_is_repeated_with_back_off_for_three_minutes(void) /* MUST-22, MUST-23, S23 */
{
    rill_time start, last, gap = 0;
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    start = last = w.now;
    peer_after(&w, RILL_SECONDS(1000));
    unsigned repeated = 0;
    for (; peer_takes(&w, &w.got); repeated++) {
        CU_ASSERT_EQUAL(w.got.flags, TCP_SYN);
        CU_ASSERT_EQUAL(w.got.seq, 0);
        if (repeated == 0)
            CU_ASSERT_EQUAL(w.got.when - last, RILL_SECONDS(1)); /* RFC 6298 2.1 */
        CU_ASSERT(w.got.when - last >= min_of(2 * gap, RILL_SECONDS(60)));
        gap = w.got.when - last;
        last = w.got.when;
    }
    CU_ASSERT(repeated >= 5);
    CU_ASSERT_EQUAL(app_error(&w), ETIMEDOUT);
    state_is(&w, CLOSED);
    peer_close(&w);

    peer_open(&w);
    app_connects(&w);
    while (peer_state(&w) == RILL_TCP_SYN_SENT && w.now - start < RILL_SECONDS(1000))
        peer_after(&w, RILL_SECONDS(1));
    CU_ASSERT(w.now - start >= RILL_SECONDS(180));
    peer_close(&w);
}

static uint32_t isn_after(rill_time wait, uint16_t port)
{
    peer_open(&w);
    w.rill_port = port;
    peer_after(&w, wait);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    uint32_t isn = w.irs;
    peer_close(&w);
    return isn;
}

static void the_isn_follows_a_four_microsecond_clock(void) /* MUST-8, RFC 6528 3, S03 */
{
    uint32_t first = isn_after(0, 1000), later = isn_after(RILL_SECONDS(10), 1000);
    CU_ASSERT_EQUAL(later - first, 2500000);
}

static void isns_of_different_flows_are_unrelated(void) /* MUST-9, SHLD-1, S03 */
{
    uint32_t seen = 0;
    for (uint16_t port = 1000; port < 1064; port++)
        seen |= (isn_after(0, port) - isn_after(0, (uint16_t)(port + 1))) >> 20;
    CU_ASSERT_EQUAL(seen, 0xfff); /* every one of the high bits differs somewhere */
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a SYN and its answer establish (EV-12)", a_syn_and_its_answer_establish},
        {"the SYN offers MSS, scale, SACK and timestamps",
         the_syn_offers_mss_scale_sack_and_timestamps},
        {"an ACK of what was not sent is reset (EV-8)", an_ack_of_what_was_not_sent_is_reset},
        {"a reset with a wrong ACK is ignored (EV-9)", a_reset_with_a_wrong_ack_is_ignored},
        {"a reset with the right ACK refuses (EV-10)", a_reset_with_the_right_ack_refuses},
        {"a reset without ACK is ignored (EV-11)", a_reset_without_ack_is_ignored},
        {"neither SYN nor reset is dropped (EV-14)",
         a_segment_with_neither_syn_nor_reset_is_dropped},
        {"the right answer counts after a wrong one",
         the_right_answer_still_counts_after_a_wrong_one},
        {"simultaneous open works (EV-13, EV-29, MUST-10)", simultaneous_open_works},
        {"simultaneous open survives loss", simultaneous_open_survives_the_loss_of_the_syn_ack},
        {"a SYN-ACK right behind the crossed SYN is acknowledged (EV-29)",
         a_syn_ack_right_behind_the_crossed_syn_is_acknowledged},
        {"a split handshake is a simultaneous open", a_split_handshake_is_a_simultaneous_open},
        {"text waits for the handshake (EV-53)", text_sent_before_the_handshake_ends_waits_for_it},
        {"text on the SYN-ACK is delivered once", text_on_the_syn_ack_is_delivered_once},
        {"a FIN on the SYN-ACK closes", a_fin_on_the_syn_ack_closes_after_the_handshake},
        {"opening again fails (EV-51)", opening_again_fails},
        {"a listener cannot open actively (EV-50)", a_listener_cannot_open_actively},
        {"opening to many fails (MUST-46)", opening_to_many_fails},
        {"sending without a connection fails (EV-52)", sending_without_a_connection_fails},
        {"closing in SYN_SENT is silent (EV-56)", closing_in_syn_sent_is_silent},
        {"a SYN is repeated for three minutes (MUST-22, MUST-23)",
         a_syn_is_repeated_with_back_off_for_three_minutes},
        {"the ISN follows a 4 us clock (MUST-8)", the_isn_follows_a_four_microsecond_clock},
        {"ISNs of different flows are unrelated (SHLD-1)", isns_of_different_flows_are_unrelated},
    };
    return UNIT_MAIN("tcp_open", tests);
}
