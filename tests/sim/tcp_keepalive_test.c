/* Keep-alive: RFC 9293 3.8.4. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static struct peer w;

static void establish(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
}

static void with_keepalive(int idle, int interval, int count)
{
    establish();
    app_sets(&w, SOL_SOCKET, SO_KEEPALIVE, 1);
    app_sets(&w, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    app_sets(&w, IPPROTO_TCP, TCP_KEEPINTVL, interval);
    app_sets(&w, IPPROTO_TCP, TCP_KEEPCNT, count);
}

static void it_is_off_by_default(void) /* MUST-25 */
{
    establish();
    peer_after(&w, RILL_SECONDS(7 * 24 * 3600));
    peer_expects_nothing(&w);
    state_is(&w, ESTABLISHED);
    CU_ASSERT_EQUAL(rill_deadline(w.rill), RILL_NEVER);
    peer_close(&w);
}

static void the_default_is_two_hours(void) /* MUST-24, MUST-28, SHLD-12 */
{
    establish();
    app_sets(&w, SOL_SOCKET, SO_KEEPALIVE, 1);
    CU_ASSERT(peer_waits(&w, RILL_SECONDS(8000)) >= RILL_SECONDS(7200));
    peer_expects(&w, TCP_ACK, 0, 1, 0); /* SND.NXT - 1, no text */
    peer_close(&w);
}

static void the_interval_can_be_set(void) /* MUST-27 */
{
    with_keepalive(100, 10, 3);
    CU_ASSERT_EQUAL(peer_waits(&w, RILL_SECONDS(8000)), RILL_SECONDS(100));
    peer_expects(&w, TCP_ACK, 0, 1, 0);
    peer_close(&w);
}

static void it_can_be_switched_off_again(void) /* MUST-24 */
{
    with_keepalive(100, 10, 3);
    app_sets(&w, SOL_SOCKET, SO_KEEPALIVE, 0);
    peer_after(&w, RILL_SECONDS(100000));
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void an_answer_starts_the_wait_again(void) /* MUST-26, MUST-29 */
{
    with_keepalive(100, 10, 3);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(peer_waits(&w, RILL_SECONDS(8000)), RILL_SECONDS(100));
        peer_expects(&w, TCP_ACK, 0, 1, 0);
        CU_ASSERT_EQUAL(peer_waits(&w, RILL_SECONDS(8000)), RILL_SECONDS(10)); /* one is lost */
        peer_expects(&w, TCP_ACK, 0, 1, 0);
        peer_sends(&w, TCP_ACK, 1, 1);
    }
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void what_arrives_starts_the_wait_again(void) /* MUST-26 */
{
    with_keepalive(100, 10, 3);
    peer_after(&w, RILL_SECONDS(60));
    peer_sends(&w, TCP_ACK, 1, 1, 10);
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(peer_waits(&w, RILL_SECONDS(8000)), RILL_SECONDS(100));
    peer_expects(&w, TCP_ACK, 0, 11, 0);
    peer_close(&w);
}

static void no_probe_while_something_is_outstanding(void) /* MUST-26 */
{
    with_keepalive(2, 1, 100);
    app_sends(&w, 100);
    peer_takes_all(&w);
    peer_after(&w, RILL_SECONDS(60));
    while (peer_takes(&w, &w.got)) {
        CU_ASSERT_EQUAL(w.got.seq, 1); /* retransmissions, no probes */
        CU_ASSERT_EQUAL(w.got.length, 100);
    }
    peer_close(&w);
}

static void silence_to_all_probes_ends_it(void) /* MUST-29 */
{
    with_keepalive(100, 10, 3);
    rill_time start = w.now;
    peer_after(&w, RILL_SECONDS(99));
    peer_expects_nothing(&w);
    while (peer_conn(&w) && w.now - start < RILL_SECONDS(1000)) {
        peer_after(&w, RILL_SECONDS(1));
    }
    CU_ASSERT_EQUAL(w.now - start, RILL_SECONDS(130));
    for (int i = 0; i < 3; i++)
        peer_expects(&w, TCP_ACK, 0, 1, 0);
    CU_ASSERT(app_fails(&w, ETIMEDOUT));
    peer_close(&w);
}

static void a_reset_to_a_probe_ends_it(void) /* 3.8.4: the peer has restarted */
{
    with_keepalive(100, 10, 3);
    peer_waits(&w, RILL_SECONDS(8000));
    peer_expects(&w, TCP_ACK, 0, 1, 0);
    peer_sends(&w, TCP_RST, 1);
    CU_ASSERT(app_fails(&w, ECONNRESET));
    peer_close(&w);
}

static void the_peers_probe_is_answered_and_its_byte_not_delivered(void) /* S21, MAY-6, EV-15 */
{
    establish();
    for (int i = 0; i < 3; i++) {
        peer_sends(&w, TCP_ACK, 0, 1);
        peer_expects(&w, TCP_ACK, 1, 1, 0);
        peer_sends(&w, TCP_ACK, 0, 1, 1); /* a garbage byte */
        peer_expects(&w, TCP_ACK, 1, 1, 0);
    }
    CU_ASSERT(app_fails(&w, EAGAIN));
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"it is off by default (MUST-25)", it_is_off_by_default},
        {"the default is two hours (MUST-24, MUST-28, SHLD-12)", the_default_is_two_hours},
        {"the interval can be set (MUST-27)", the_interval_can_be_set},
        {"it can be switched off again (MUST-24)", it_can_be_switched_off_again},
        {"an answer starts the wait again (MUST-26, MUST-29)", an_answer_starts_the_wait_again},
        {"what arrives starts the wait again (MUST-26)", what_arrives_starts_the_wait_again},
        {"no probe while something is outstanding (MUST-26)",
         no_probe_while_something_is_outstanding},
        {"silence to all probes ends it (MUST-29)", silence_to_all_probes_ends_it},
        {"a reset to a probe ends it", a_reset_to_a_probe_ends_it},
        {"the peer's probe is answered", the_peers_probe_is_answered_and_its_byte_not_delivered},
    };
    return UNIT_MAIN("tcp_keepalive", tests);
}
