/* TIME_WAIT: RFC 9293 3.6.1, 3.10.7.4, 3.10.8; RFC 6191 (reopening), RFC 1337 (assassination). */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "socket/rill.h"

static struct peer w;

static void wait_with(const struct tcp_options *o)
{
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_TIME_WAIT, o);
}

static void it_lasts_two_msl(void) /* EV-49, MUST-13 */
{
    wait_with(&peer_plain);
    CU_ASSERT_EQUAL(rill_close(w.listener), 0);
    peer_after(&w, w.config.tcp.time_wait - RILL_SECONDS(1));
    state_is(&w, TIME_WAIT);
    peer_sends(&w, TCP_FIN | TCP_ACK, 1, 2);
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    peer_after(&w, w.config.tcp.time_wait + RILL_SECONDS(1));
    state_is(&w, CLOSED);
    peer_sends(&w, TCP_FIN | TCP_ACK, 1, 2);
    peer_expects(&w, TCP_RST, 2, 0, 0);
    CU_ASSERT_EQUAL(rill_deadline(w.rill), RILL_NEVER);
    peer_close(&w);
}

static void it_lasts_two_msl_though_the_clock_passes_zero(void)
{
    peer_configure(&w);
    w.now = -RILL_SECONDS(30);
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_TIME_WAIT, &peer_plain);
    peer_after(&w, RILL_SECONDS(3)); /* the announcements of the address are over */
    CU_ASSERT(rill_deadline(w.rill) <= w.now + w.config.tcp.time_wait);
    peer_after(&w, w.config.tcp.time_wait - RILL_SECONDS(4));
    state_is(&w, TIME_WAIT);
    peer_after(&w, RILL_SECONDS(2));
    CU_ASSERT_NOT_EQUAL(peer_state(&w), RILL_TCP_TIME_WAIT);
    peer_close(&w);
}

static void a_repeated_fin_starts_it_again(void) /* EV-38 */
{
    wait_with(&peer_plain);
    for (int i = 0; i < 3; i++) {
        peer_after(&w, w.config.tcp.time_wait - RILL_SECONDS(1));
        state_is(&w, TIME_WAIT);
        peer_sends(&w, TCP_FIN | TCP_ACK, 1, 2);
        peer_expects(&w, TCP_ACK, 2, 2, 0);
    }
    peer_after(&w, w.config.tcp.time_wait + RILL_SECONDS(1));
    CU_ASSERT(peer_state(&w) != RILL_TCP_TIME_WAIT);
    peer_close(&w);
}

static void a_reset_does_not_end_it(void) /* S15, RFC 1337 fix F1; EV-22 gives way to it */
{
    wait_with(&peer_plain);
    peer_sends(&w, TCP_RST, 2);
    peer_sends(&w, TCP_RST | TCP_ACK, 2, 2);
    peer_takes_all(&w);
    state_is(&w, TIME_WAIT);
    peer_close(&w);
}

static void an_old_duplicate_is_only_acknowledged(void) /* EV-15, EV-40, S15 */
{
    wait_with(&peer_plain);
    peer_sends(&w, TCP_ACK, -99, 1, 100);
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1);
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    state_is(&w, TIME_WAIT);
    peer_close(&w);
}

static void an_old_duplicate_does_not_start_it_again(void) /* S15: only the FIN does */
{
    wait_with(&peer_plain);
    peer_after(&w, w.config.tcp.time_wait - RILL_SECONDS(1));
    peer_sends(&w, TCP_SYN, -1000);
    peer_sends(&w, TCP_ACK, -99, 1, 100);
    peer_takes_all(&w);
    peer_after(&w, RILL_SECONDS(2));
    CU_ASSERT(peer_state(&w) != RILL_TCP_TIME_WAIT);
    peer_close(&w);
}

static void a_higher_syn_reopens(void) /* EV-27, MAY-2, S20 */
{
    wait_with(&peer_plain);
    uint32_t old = w.irs + 2; /* SND.NXT of the old connection */
    peer_sends(&w, TCP_SYN, 100000);
    CU_ASSERT_FATAL(peer_takes(&w, &w.got));
    CU_ASSERT_EQUAL(w.got.flags, TCP_SYN | TCP_ACK);
    CU_ASSERT_EQUAL(w.got.ack, 100001);
    CU_ASSERT((int32_t)(w.irs - old) > 0); /* its ISN lies beyond the old one's last */
    w.iss += 100000;
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    state_is(&w, ESTABLISHED);
    app_closes(&w);
    app_accepts(&w);
    app_reads(&w, 100);
    peer_close(&w);
}

static void a_lower_syn_does_not_reopen(void) /* EV-27, S15 */
{
    wait_with(&peer_plain);
    peer_sends(&w, TCP_SYN, -1000);
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    state_is(&w, TIME_WAIT);
    peer_close(&w);
}

static void a_newer_timestamp_reopens_whatever_the_number(void) /* SHLD-4, RFC 6191 2 */
{
    struct tcp_options o = peer_full;
    wait_with(&peer_full);
    w.ts_value += 1;
    peer_sends(&w, TCP_SYN, -1000, .options = o);
    CU_ASSERT_FATAL(peer_takes(&w, &w.got));
    CU_ASSERT_EQUAL(w.got.flags, TCP_SYN | TCP_ACK);
    state_is(&w, SYN_RECEIVED);
    peer_close(&w);
}

static void an_older_timestamp_does_not(void) /* SHLD-4, RFC 6191 2 */
{
    wait_with(&peer_full);
    w.ts_value -= 1;
    peer_sends(&w, TCP_SYN, 100000, .options = peer_full);
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    state_is(&w, TIME_WAIT);
    peer_close(&w);
}

static void an_equal_timestamp_needs_a_higher_number(void) /* RFC 6191 2 */
{
    wait_with(&peer_full);
    peer_sends(&w, TCP_SYN, -1000, .options = peer_full);
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    state_is(&w, TIME_WAIT);
    peer_sends(&w, TCP_SYN, 100000, .options = peer_full);
    CU_ASSERT_FATAL(peer_takes(&w, &w.got));
    CU_ASSERT_EQUAL(w.got.flags, TCP_SYN | TCP_ACK);
    peer_close(&w);
}

static void text_that_waits_can_still_be_read(void) /* 3.10.3, EV-55 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_FIN_WAIT_2);
    peer_sends(&w, TCP_FIN | TCP_ACK, 1, 2, 300);
    peer_expects(&w, TCP_ACK, 2, 302, 0);
    state_is(&w, TIME_WAIT);
    app_reads(&w, 200);
    peer_after(&w, 2 * w.config.tcp.time_wait);
    app_reads(&w, 100); /* also after the record has gone */
    CU_ASSERT(app_reads_end(&w));
    peer_close(&w);
}

static void records_are_bounded_and_the_oldest_gives_way(void) /* RFC 9293 3.6.1; S16 */
{
    peer_configure(&w);
    w.config.tcp.time_waits_max = 8;
    peer_start(&w);
    app_listens(&w);
    for (uint16_t i = 0; i < 20; i++) {
        w.peer_port = (uint16_t)(1000 + i);
        peer_sends(&w, TCP_SYN, 0);
        peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
        peer_sends(&w, TCP_ACK, 1, 1);
        app_accepts(&w);
        app_closes(&w);
        peer_expects(&w, TCP_FIN | TCP_ACK, 1, 1, 0);
        peer_sends(&w, TCP_FIN | TCP_ACK, 1, 2);
        peer_expects(&w, TCP_ACK, 2, 2, 0);
        state_is(&w, TIME_WAIT);
    }
    unsigned waiting = 0;
    for (uint16_t i = 0; i < 20; i++) {
        w.peer_port = (uint16_t)(1000 + i);
        bool there = peer_state(&w) == RILL_TCP_TIME_WAIT;
        waiting += there;
        CU_ASSERT(there == (i >= 12));
    }
    CU_ASSERT_EQUAL(waiting, 8);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"it lasts two MSL (EV-49, MUST-13)", it_lasts_two_msl},
        {"it lasts two MSL though the clock passes zero",
         it_lasts_two_msl_though_the_clock_passes_zero},
        {"a repeated FIN starts it again (EV-38)", a_repeated_fin_starts_it_again},
        {"a reset does not end it (RFC 1337; EV-22)", a_reset_does_not_end_it},
        {"an old duplicate is only acknowledged (EV-15, EV-40)",
         an_old_duplicate_is_only_acknowledged},
        {"an old duplicate does not start it again", an_old_duplicate_does_not_start_it_again},
        {"a higher SYN reopens (EV-27, MAY-2)", a_higher_syn_reopens},
        {"a lower SYN does not (EV-27)", a_lower_syn_does_not_reopen},
        {"a newer timestamp reopens (SHLD-4)", a_newer_timestamp_reopens_whatever_the_number},
        {"an older one does not (SHLD-4)", an_older_timestamp_does_not},
        {"an equal one needs a higher number", an_equal_timestamp_needs_a_higher_number},
        {"text that waits can still be read (EV-55)", text_that_waits_can_still_be_read},
        {"records are bounded", records_are_bounded_and_the_oldest_gives_way},
    };
    return UNIT_MAIN("tcp_timewait", tests);
}
