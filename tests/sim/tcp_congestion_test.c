/* How fast rill sends: slow start, congestion avoidance, and what a time-out and idling leave of
 * the congestion window (RFC 5681, RFC 6928; RFC 9293 3.8.2). */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "tcp/conn.h"

#include <string.h>

#define MSS 1460

static struct peer w;

static void establish(const struct tcp_options *o)
{
    peer_configure(&w);
    strcpy(w.config.tcp.congestion, "reno");
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, o);
}

static int64_t seg(int n)
{
    return 1 + (int64_t)n * MSS;
}

static void slow_start_doubles_and_avoidance_adds_one(void) /* MUST-19, RFC 5681 3.1, SHLD-28 */
{
    establish(&peer_plain);
    app_sends(&w, 100 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 10);
    for (int i = 1; i <= 10; i++) /* each ACK of a full segment lets two out */
        peer_sends(&w, TCP_ACK, 1, seg(i));
    CU_ASSERT_EQUAL(peer_takes_all(&w), 20);
    struct tcp_conn *c = peer_conn(&w);
    uint32_t cwnd = c->window.cwnd;
    CU_ASSERT_EQUAL(cwnd, 20 * MSS);
    c->window.ssthresh = cwnd; /* from here on: avoidance */
    for (int i = 11; i <= 30; i++)
        peer_sends(&w, TCP_ACK, 1, seg(i));
    CU_ASSERT_EQUAL(c->window.cwnd, cwnd + MSS);
    peer_close(&w);
}

static void a_time_out_sets_ssthresh_once_and_cwnd_to_one(void) /* RFC 5681 3.1 equation 4 */
{
    establish(&peer_plain);
    app_sends(&w, 40 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 10);
    peer_waits(&w, RILL_SECONDS(10));
    struct tcp_conn *c = peer_conn(&w);
    CU_ASSERT_EQUAL(c->window.cwnd, MSS);
    CU_ASSERT_EQUAL(c->window.ssthresh, 5 * MSS);
    peer_takes_all(&w);
    peer_waits(&w, RILL_SECONDS(10));
    CU_ASSERT_EQUAL(c->window.ssthresh, 5 * MSS); /* the same segment again: unchanged */
    peer_close(&w);
}

static void after_idling_the_window_restarts(void) /* RFC 5681 4.1 */
{
    establish(&peer_plain);
    app_sends(&w, 40 * MSS);
    for (int i = 0; i < 40; i += 10) {
        peer_takes_all(&w);
        peer_sends(&w, TCP_ACK, 1, seg(i + 10));
    }
    peer_takes_all(&w);
    peer_sends(&w, TCP_ACK, 1, seg(40));
    peer_after(&w, RILL_SECONDS(60));
    app_sends(&w, 40 * MSS);
    CU_ASSERT(peer_takes_all(&w) <= 10); /* no more than the initial window */
    peer_close(&w);
}

/* So many segments each 100 ms, and the window is 40. */
static void use(unsigned segments, rill_time length)
{
    for (rill_time end = w.now + length; w.now < end;) {
        app_sends(&w, segments * MSS);
        CU_ASSERT_EQUAL(peer_takes_all(&w), segments);
        peer_after(&w, RILL_MILLISECONDS(100));
        peer_sends(&w, TCP_ACK, 1, w.written);
    }
}

static void a_window_that_is_not_used_is_kept_for_five_minutes(void) /* RFC 7661 4.4.3 */
{
    establish(&peer_plain);
    app_sends(&w, 30 * MSS);
    peer_takes_all(&w);
    peer_sends(&w, TCP_ACK, 1, seg(10));
    peer_takes_all(&w);
    peer_sends(&w, TCP_ACK, 1, seg(30));
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, 40 * MSS);
    use(20, RILL_SECONDS(400)); /* half of it is enough */
    use(1, RILL_SECONDS(299));
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, 40 * MSS);
    use(1, RILL_SECONDS(2));
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, 20 * MSS);
    use(1, RILL_SECONDS(300));
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, 10 * MSS);
    use(1, RILL_SECONDS(300));
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, 10 * MSS); /* the initial window at least */
    peer_close(&w);
}

/* What a time-out has left is little, and not using it makes it no larger. */
static void validation_never_grows_the_window(void) /* RFC 7661 4.4.3: "not greater than" */
{
    establish(&peer_plain);
    use(1, RILL_SECONDS(1));
    peer_conn(&w)->window = (struct cc_window){.cwnd = 4 * MSS, .ssthresh = 4 * MSS};
    use(1, RILL_SECONDS(310));
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, 4 * MSS);
    peer_close(&w);
}

static void what_cwnd_was_is_not_forgotten(void) /* RFC 2861 3.1 */
{
    establish(&peer_plain);
    app_sends(&w, 10 * MSS);
    peer_takes_all(&w);
    peer_conn(&w)->window.ssthresh = 5 * MSS;
    peer_conn(&w)->window.cwnd = 40 * MSS;
    peer_sends(&w, TCP_ACK, 1, seg(10));
    peer_after(&w, RILL_SECONDS(60));
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, 10 * MSS);
    CU_ASSERT_EQUAL(peer_conn(&w)->window.ssthresh, 30 * MSS);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"slow start doubles, avoidance adds one (MUST-19)",
         slow_start_doubles_and_avoidance_adds_one},
        {"a time-out sets ssthresh once (RFC 5681 3.1)",
         a_time_out_sets_ssthresh_once_and_cwnd_to_one},
        {"a window that is not used is kept for five minutes (RFC 7661 4.4.3)",
         a_window_that_is_not_used_is_kept_for_five_minutes},
        {"validation never grows the window (RFC 7661 4.4.3)", validation_never_grows_the_window},
        {"what cwnd was is not forgotten (RFC 2861 3.1)", what_cwnd_was_is_not_forgotten},
        {"after idling the window restarts (RFC 5681 4.1)", after_idling_the_window_restarts},
    };
    return UNIT_MAIN("tcp_congestion", tests);
}
