/* Small writes: Nagle (RFC 9293 3.7.4), PSH (3.9.1.2), TCP_NODELAY and TCP_CORK. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

static struct peer w;

static void establish(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
}

static void the_first_small_write_goes_and_the_rest_waits_for_its_ack(void) /* SHLD-7 */
{
    establish();
    for (int i = 0; i < 10; i++)
        app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 100); /* they had not been pulled: one segment */
    for (int i = 0; i < 10; i++) {
        app_sends(&w, 10);
        peer_expects_nothing(&w);
    }
    peer_sends(&w, TCP_ACK, 1, 101);
    peer_expects(&w, TCP_ACK, 101, 1, 100); /* collapsed: SHLD-27 */
    peer_close(&w);
}

static void a_full_segment_does_not_wait(void) /* SHLD-7, SHLD-27, SHLD-28 */
{
    establish();
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    app_sends(&w, 1000);
    peer_expects_nothing(&w);
    app_sends(&w, 1000);
    peer_expects(&w, TCP_ACK, 11, 1, 1460);
    peer_expects_nothing(&w); /* 540 wait */
    peer_sends(&w, TCP_ACK, 1, 1471);
    peer_expects(&w, TCP_ACK, 1471, 1, 540);
    peer_close(&w);
}

static void nodelay_sends_at_once(void) /* MUST-17 */
{
    establish();
    app_sets(&w, IPPROTO_TCP, TCP_NODELAY, 1);
    for (int64_t at = 1; at < 101; at += 10) {
        app_sends(&w, 10);
        peer_expects(&w, TCP_ACK, at, 1, 10);
    }
    peer_close(&w);
}

static void setting_nodelay_lets_go_what_waits(void) /* tcp(7) */
{
    establish();
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    app_sends(&w, 20);
    peer_expects_nothing(&w);
    app_sets(&w, IPPROTO_TCP, TCP_NODELAY, 1);
    peer_expects(&w, TCP_ACK, 11, 1, 20);
    peer_close(&w);
}

static void a_fin_takes_the_small_rest_along(void) /* EV-58: close pushes */
{
    establish();
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    app_sends(&w, 20);
    peer_expects_nothing(&w);
    app_shuts(&w);
    peer_expects(&w, TCP_FIN | TCP_ACK, 11, 1, 20);
    peer_close(&w);
}

static void the_last_segment_of_a_write_is_pushed(void) /* MUST-61 */
{
    establish();
    app_sends(&w, 4000);
    peer_expects(&w, TCP_ACK, 1, 1, 1460);
    CU_ASSERT_FALSE(w.got.flags & TCP_PSH);
    peer_expects(&w, TCP_ACK, 1461, 1, 1460);
    peer_sends(&w, TCP_ACK, 1, 2921);
    peer_expects(&w, TCP_ACK, 2921, 1, 1080);
    CU_ASSERT(w.got.flags & TCP_PSH);
    peer_close(&w);
}

static void nothing_is_held_for_ever(void) /* MUST-60 */
{
    establish();
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    app_sends(&w, 20);
    peer_after(&w, RILL_MILLISECONDS(100));
    peer_sends(&w, TCP_ACK, 1, 11);
    peer_expects(&w, TCP_ACK, 11, 1, 20);
    peer_close(&w);
}

static void a_cork_waits_for_the_rest_but_not_for_ever(void) /* MAY-16, MUST-60, tcp(7) */
{
    establish();
    app_sets(&w, IPPROTO_TCP, TCP_CORK, 1);
    app_sends(&w, 10);
    peer_expects_nothing(&w);
    app_sends(&w, 20);
    peer_expects_nothing(&w);
    app_sets(&w, IPPROTO_TCP, TCP_CORK, 0);
    peer_expects(&w, TCP_ACK, 1, 1, 30);
    peer_sends(&w, TCP_ACK, 1, 31);
    app_sets(&w, IPPROTO_TCP, TCP_CORK, 1);
    app_sends(&w, 10);
    CU_ASSERT(peer_waits(&w, RILL_SECONDS(10)) <= RILL_SECONDS(1)); /* Linux: 200 ms */
    peer_expects(&w, TCP_ACK, 31, 1, 10);
    peer_close(&w);
}

static void corked_full_segments_go(void)
{
    establish();
    app_sets(&w, IPPROTO_TCP, TCP_CORK, 1);
    app_sends(&w, 3000);
    peer_expects(&w, TCP_ACK, 1, 1, 1460);
    peer_expects(&w, TCP_ACK, 1461, 1, 1460);
    peer_expects_nothing(&w);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"small writes wait for the ACK (SHLD-7, SHLD-27)",
         the_first_small_write_goes_and_the_rest_waits_for_its_ack},
        {"a full segment does not wait (SHLD-28)", a_full_segment_does_not_wait},
        {"NODELAY sends at once (MUST-17)", nodelay_sends_at_once},
        {"setting NODELAY lets go what waits", setting_nodelay_lets_go_what_waits},
        {"a FIN takes the small rest along", a_fin_takes_the_small_rest_along},
        {"the last segment of a write is pushed (MUST-61)", the_last_segment_of_a_write_is_pushed},
        {"nothing is held for ever (MUST-60)", nothing_is_held_for_ever},
        {"a cork waits, but not for ever (MAY-16, MUST-60)",
         a_cork_waits_for_the_rest_but_not_for_ever},
        {"corked full segments go", corked_full_segments_go},
    };
    return UNIT_MAIN("tcp_nagle", tests);
}
