/* When to acknowledge: RFC 9293 3.8.6.3, RFC 5681 4.2. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#define MSS 1460

static struct peer w;
static int64_t at; /* of the peer's next byte */

static void text(uint32_t length)
{
    peer_sends(&w, TCP_ACK, at, 1, length);
    at += length;
}

/* A connection that is past its first segments, each of which is acknowledged at once. */
static void warmed_up(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    at = 1;
    for (int i = 0; i < 40; i++) {
        text(MSS);
        peer_after(&w, RILL_MILLISECONDS(500));
        while (peer_takes(&w, &w.got))
            ;
    }
    app_reads(&w, (size_t)at - 1);
    peer_after(&w, RILL_MILLISECONDS(500));
    while (peer_takes(&w, &w.got))
        ;
}

static void one_segment_is_acknowledged_late_but_within_half_a_second(void) /* SHLD-18, MUST-40 */
{
    warmed_up();
    text(100);
    peer_expects_nothing(&w);
    rill_time waited = peer_waits(&w, RILL_SECONDS(5));
    CU_ASSERT(waited > 0);
    CU_ASSERT(waited < RILL_MILLISECONDS(500));
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_expects_nothing(&w);
    peer_after(&w, RILL_SECONDS(10));
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void every_second_full_segment_is_acknowledged_at_once(void) /* SHLD-19, RFC 5681 4.2 */
{
    warmed_up();
    for (int i = 0; i < 20; i++) {
        text(MSS);
        peer_expects_nothing(&w);
        text(MSS);
        peer_expects(&w, TCP_ACK, 1, at, 0);
    }
    peer_close(&w);
}

static void the_ack_rides_on_text(void) /* 3.10.7.4 seventh: piggybacked */
{
    warmed_up();
    text(100);
    peer_expects_nothing(&w);
    app_sends(&w, 50);
    peer_expects(&w, TCP_ACK, 1, at, 50);
    peer_after(&w, RILL_MILLISECONDS(150));
    peer_expects_nothing(&w); /* no second one for the same */
    peer_close(&w);
}

static void the_first_segments_are_acknowledged_at_once(void) /* DESIGN "When to acknowledge" */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    at = 1;
    for (int i = 0; i < 8; i++) {
        text(MSS);
        peer_expects(&w, TCP_ACK, 1, at, 0);
    }
    peer_close(&w);
}

/* tcp(7), TCP_QUICKACK; Linux's pingpong mode */
static void a_talk_in_turns_saves_the_first_acks_too(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    at = 1;
    text(100);
    peer_expects(&w, TCP_ACK, 1, at, 0); /* one of the sixteen */
    app_sends(&w, 50);                   /* an answer */
    peer_expects(&w, TCP_ACK, 1, at, 50);
    peer_sends(&w, TCP_ACK, at, 51);
    peer_sends(&w, TCP_ACK, at, 51, 100);
    peer_expects_nothing(&w); /* this one waits for the answer */
    peer_after(&w, RILL_MILLISECONDS(30));
    peer_expects_nothing(&w);
    app_sends(&w, 50);
    peer_expects(&w, TCP_ACK, 51, at + 100, 50);
    peer_sends(&w, TCP_ACK, at + 100, 101);
    peer_sends(&w, TCP_ACK, at + 100, 101, 100);
    peer_after(&w, RILL_MILLISECONDS(40)); /* no answer: it is no talk in turns any more */
    peer_expects(&w, TCP_ACK, 101, at + 200, 0);
    peer_sends(&w, TCP_ACK, at + 200, 101, 100);
    peer_expects(&w, TCP_ACK, 101, at + 300, 0);
    peer_close(&w);
}

static void text_long_after_text_is_no_answer(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    at = 1;
    text(100);
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_after(&w, RILL_MILLISECONDS(100));
    app_sends(&w, 50);
    peer_expects(&w, TCP_ACK, 1, at, 50);
    peer_sends(&w, TCP_ACK, at, 51, 100);
    peer_expects(&w, TCP_ACK, 51, at + 100, 0);
    peer_close(&w);
}

static int quickack(void)
{
    int value = -1;
    socklen_t length = sizeof value;
    CU_ASSERT_EQUAL(rill_getsockopt(w.fd, IPPROTO_TCP, TCP_QUICKACK, &value, &length), 0);
    return value;
}

static void quickack_sends_what_waits_and_then_each(void)
{
    warmed_up();
    text(100);
    peer_expects_nothing(&w);
    app_sets(&w, IPPROTO_TCP, TCP_QUICKACK, 1);
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_expects_nothing(&w); /* once */
    text(100);
    app_sets(&w, IPPROTO_TCP, TCP_QUICKACK, 1); /* it is pending already */
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_expects_nothing(&w);
    for (int i = 0; i < 16; i++) {
        text(100);
        peer_expects(&w, TCP_ACK, 1, at, 0);
    }
    text(100);
    peer_expects_nothing(&w); /* it is not for ever */
    peer_close(&w);
}

static void quickack_0_waits_for_an_answer(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    CU_ASSERT_EQUAL(quickack(), 1);
    at = 1;
    app_sets(&w, IPPROTO_TCP, TCP_QUICKACK, 0);
    CU_ASSERT_EQUAL(quickack(), 0);
    text(100);
    peer_expects_nothing(&w);
    app_sets(&w, IPPROTO_TCP, TCP_QUICKACK, 2); /* what waits goes, and no more */
    peer_expects(&w, TCP_ACK, 1, at, 0);
    CU_ASSERT_EQUAL(quickack(), 0);
    text(100);
    peer_expects_nothing(&w);
    peer_after(&w, RILL_MILLISECONDS(40));
    peer_expects(&w, TCP_ACK, 1, at, 0);
    CU_ASSERT_EQUAL(quickack(), 1); /* the time-out has switched it back */
    peer_close(&w);
}

static void an_out_of_order_segment_is_acknowledged_at_once(void) /* MAY-13, RFC 5681 4.2 */
{
    warmed_up();
    peer_sends(&w, TCP_ACK, at + MSS, 1, MSS);
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_sends(&w, TCP_ACK, at + 2 * MSS, 1, MSS);
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_sends(&w, TCP_ACK, at, 1, MSS); /* fills the gap: at once */
    peer_expects(&w, TCP_ACK, 1, at + 3 * MSS, 0);
    peer_close(&w);
}

static void a_small_segment_that_fills_a_gap_is_acknowledged_at_once(void) /* RFC 5681 4.2 */
{
    warmed_up();
    peer_sends(&w, TCP_ACK, at + 100, 1, 100);
    peer_expects(&w, TCP_ACK, 1, at, 0);
    text(100);
    peer_expects(&w, TCP_ACK, 1, at + 100, 0);
    peer_close(&w);
}

static void without_sack_each_out_of_order_segment_counts(void) /* RFC 5681 4.2 */
{
    warmed_up();
    for (int i = 1; i <= 4; i++) /* all before anything is pulled */
        peer_sends(&w, TCP_ACK, at + i * MSS, 1, MSS);
    for (int i = 1; i <= 4; i++)
        peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void with_sack_one_says_all(void) /* MUST-58: the last ACK has all the blocks */
{
    static const struct tcp_options o = {.has_sack_permitted = true};
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &o);
    for (int i = 1; i <= 4; i++)
        peer_sends(&w, TCP_ACK, 1 + 2 * i * MSS, 1, MSS);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT_EQUAL(w.got.options.sack_count, 4);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void segments_that_arrive_together_get_one_ack(void) /* MUST-58 */
{
    warmed_up();
    for (int i = 0; i < 10; i++)
        text(MSS);
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void a_fin_is_acknowledged_at_once(void) /* EV-42 */
{
    warmed_up();
    peer_sends(&w, TCP_FIN | TCP_ACK, at, 1);
    peer_expects(&w, TCP_ACK, 1, at + 1, 0);
    peer_close(&w);
}

static void a_pure_ack_is_not_acknowledged(void) /* RFC 9293 3.4: no ACK of an ACK */
{
    warmed_up();
    peer_sends(&w, TCP_ACK, at, 1);
    peer_after(&w, RILL_SECONDS(5));
    peer_expects_nothing(&w);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"one segment is acknowledged late (SHLD-18, MUST-40)",
         one_segment_is_acknowledged_late_but_within_half_a_second},
        {"every second full one at once (SHLD-19)",
         every_second_full_segment_is_acknowledged_at_once},
        {"the ACK rides on text", the_ack_rides_on_text},
        {"the first segments at once", the_first_segments_are_acknowledged_at_once},
        {"a talk in turns saves the first ACKs too", a_talk_in_turns_saves_the_first_acks_too},
        {"text long after text is no answer", text_long_after_text_is_no_answer},
        {"TCP_QUICKACK sends what waits, and then each", quickack_sends_what_waits_and_then_each},
        {"TCP_QUICKACK 0 waits for an answer", quickack_0_waits_for_an_answer},
        {"an out-of-order one at once (MAY-13)", an_out_of_order_segment_is_acknowledged_at_once},
        {"one that fills a gap at once", a_small_segment_that_fills_a_gap_is_acknowledged_at_once},
        {"without SACK each one counts (RFC 5681 4.2)",
         without_sack_each_out_of_order_segment_counts},
        {"with SACK one says all (MUST-58)", with_sack_one_says_all},
        {"segments that arrive together get one ACK (MUST-58)",
         segments_that_arrive_together_get_one_ack},
        {"a FIN is acknowledged at once (EV-42)", a_fin_is_acknowledged_at_once},
        {"a pure ACK is not acknowledged", a_pure_ack_is_not_acknowledged},
    };
    return UNIT_MAIN("tcp_delayed_ack", tests);
}
