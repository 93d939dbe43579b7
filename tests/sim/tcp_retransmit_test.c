/* Loss found and repaired: RFC 6298, RFC 5681, RFC 6582, RFC 6675; RFC 9293 3.8.1 to 3.8.3. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "tcp/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define MSS 1460

static struct peer w;

static const struct tcp_options with_sack = {
    .has_mss = true, .mss = PEER_MSS, .has_sack_permitted = true};

static void establish(const struct tcp_options *o)
{
    peer_configure(&w);
    strcpy(w.config.tcp.congestion, "reno");
    w.config.tcp.frto = false; /* its own tests: tcp_recovery_test */
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, o);
}

static int64_t seg(int n)
{
    return 1 + (int64_t)n * MSS;
}

/* The whole initial window leaves: segments 0 to 9. */
static void send_ten(const struct tcp_options *o)
{
    establish(o);
    app_sends(&w, 40 * MSS);
    for (int i = 0; i < 10; i++)
        peer_expects(&w, TCP_ACK, seg(i), 1, MSS);
    peer_expects_nothing(&w);
}

static struct tcp_options sacked(int from, int to)
{
    struct tcp_options o = {.sack_count = 1};
    o.sack[0].left.n = w.irs + (uint32_t)seg(from);
    o.sack[0].right.n = w.irs + (uint32_t)seg(to);
    return o;
}

static void a_time_out_sends_the_first_segment_and_backs_off(void) /* EV-48, MUST-18, MUST-19 */
{
    establish(&peer_plain);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    rill_time last = w.now, gap = 0;
    for (int i = 0; i < 6; i++) {
        peer_waits(&w, RILL_SECONDS(100));
        peer_expects(&w, TCP_ACK, 1, 1, 100);
        rill_time now = w.got.when - last;
        CU_ASSERT(now >= w.config.tcp.minimum_rto);
        if (gap) /* RFC 6298 5.5 */
            CU_ASSERT_EQUAL(now, 2 * gap);
        gap = now;
        last = w.got.when;
    }
    peer_sends(&w, TCP_ACK, 1, 101);
    peer_after(&w, RILL_SECONDS(1000));
    peer_expects_nothing(&w);
    peer_close(&w);
}

/* A write of 100 bytes that nobody acknowledges: how long until it comes again. */
static rill_time time_out(void)
{
    int64_t from = w.written;
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, from, 1, 100);
    rill_time waited = peer_waits(&w, RILL_SECONDS(1000));
    peer_expects(&w, TCP_ACK, from, 1, 100);
    return waited;
}

static void the_back_off_stays_until_a_sample_is_taken(void) /* MUST-18, RFC 6298 5 (end), Karn */
{
    establish(&peer_plain);
    rill_time first = time_out();
    peer_sends(&w, TCP_ACK, 1, 101); /* of a retransmission: no sample */
    CU_ASSERT_EQUAL(time_out(), 2 * first);
    peer_sends(&w, TCP_ACK, 1, 201);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 201, 1, 100);
    peer_sends(&w, TCP_ACK, 1, 301); /* a sample: the RTO collapses */
    CU_ASSERT(time_out() <= first);
    peer_close(&w);
}

static void the_rto_never_exceeds_its_maximum(void) /* RFC 6298 2.5 */
{
    establish(&peer_plain);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    rill_time last = w.now;
    peer_after(&w, RILL_SECONDS(900));
    while (peer_takes(&w, &w.got)) {
        CU_ASSERT(w.got.when - last <= w.config.tcp.maximum_rto);
        last = w.got.when;
    }
    peer_close(&w);
}

static void only_one_segment_leaves_at_a_time_out(
    void) /* RFC 6298 5.4, RFC 5681 3.1: loss window */
{
    send_ten(&peer_plain);
    peer_waits(&w, RILL_SECONDS(10));
    peer_expects(&w, TCP_ACK, seg(0), 1, MSS);
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK, 1, seg(1)); /* slow start from one: two more */
    peer_expects(&w, TCP_ACK, seg(1), 1, MSS);
    peer_expects(&w, TCP_ACK, seg(2), 1, MSS);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void the_timer_restarts_when_new_data_is_acknowledged(void) /* RFC 6298 5.3 */
{
    send_ten(&peer_plain);
    w.now += RILL_MILLISECONDS(150);
    peer_sends(&w, TCP_ACK, 1, seg(1));
    peer_takes_all(&w);
    rill_time waited = peer_waits(&w, RILL_SECONDS(5));
    CU_ASSERT(waited >= w.config.tcp.minimum_rto);
    peer_expects(&w, TCP_ACK, seg(1), 1, MSS);
    peer_close(&w);
}

static void a_lost_syn_makes_the_rto_three_seconds(void) /* RFC 6298 5.7 */
{
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    peer_waits(&w, RILL_SECONDS(5));
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    CU_ASSERT_EQUAL(peer_waits(&w, RILL_SECONDS(10)), RILL_SECONDS(3));
    peer_close(&w);
}

static void duplicate_ack(int at, int from, int to, bool sack)
{
    if (sack)
        peer_sends(&w, TCP_ACK, 1, seg(at), .options = sacked(from, to));
    else
        peer_sends(&w, TCP_ACK, 1, seg(at));
}

static void fast_retransmit(bool sack)
{
    send_ten(sack ? &with_sack : &peer_plain);
    for (int i = 1; i <= 2; i++) { /* limited transmit (RFC 3042): one new segment for each */
        duplicate_ack(0, 1, 1 + i, sack);
        while (peer_takes(&w, &w.got))
            CU_ASSERT(w.got.seq >= seg(10));
    }
    duplicate_ack(0, 1, 4, sack);
    peer_expects(&w, TCP_ACK, seg(0), 1, MSS); /* EV-32: the third */
    uint32_t ssthresh = peer_conn(&w)->window.ssthresh;
    CU_ASSERT(ssthresh >= 4 * MSS); /* FlightSize / 2, RFC 5681 equation 4 */
    CU_ASSERT(ssthresh <= 6 * MSS);
    peer_takes_all(&w);
    duplicate_ack(0, 1, 5, sack);
    while (peer_takes(&w, &w.got)) /* it is not sent twice */
        CU_ASSERT(w.got.seq >= seg(10));
    peer_close(&w);
}

static void the_third_duplicate_retransmits(void) /* MUST-19, RFC 5681 3.2 */
{
    fast_retransmit(false);
}

static void three_segments_sacked_retransmit(void) /* RFC 6675 5 */
{
    fast_retransmit(true);
}

static void a_second_loss_is_repaired_like_the_first(void) /* RFC 6582 3.2: a full ACK ends it */
{
    send_ten(&peer_plain);
    for (int i = 0; i < 4; i++)
        duplicate_ack(0, 0, 0, false);
    peer_takes_all(&w);
    int sent = (int)((peer_conn(&w)->snd.nxt - 1) / MSS);
    duplicate_ack(10, 0, 0, false); /* all that was out when the loss was found */
    peer_takes_all(&w);
    CU_ASSERT(peer_conn(&w)->snd.nxt > seg(sent));
    for (int i = 0; i < 4; i++)
        duplicate_ack(10, 0, 0, false);
    while (peer_takes(&w, &w.got))
        CU_ASSERT(w.got.seq > seg(10)); /* step 2: not more than `recover` is acknowledged */
    duplicate_ack(11, 0, 0, false);
    for (int i = 0; i < 2; i++)
        duplicate_ack(11, 0, 0, false);
    while (peer_takes(&w, &w.got))
        CU_ASSERT(w.got.seq > seg(11)); /* two are not three */
    duplicate_ack(11, 0, 0, false);
    bool again = false;
    while (peer_takes(&w, &w.got))
        again = again || w.got.seq == seg(11);
    CU_ASSERT(again);
    peer_close(&w);
}

static void a_sack_block_beyond_what_was_sent_is_ignored(void) /* RFC 2018 5: nonsense */
{
    send_ten(&with_sack);
    for (int i = 0; i < 5; i++)
        duplicate_ack(0, 1, 30, true);
    while (peer_takes(&w, &w.got))
        CU_ASSERT(w.got.seq >= seg(10)); /* nothing is taken for lost */
    CU_ASSERT_EQUAL(flight_sacked(&peer_conn(&w)->flight), 0);
    peer_close(&w);
}

static void what_is_no_duplicate_ack_does_not_count(void) /* RFC 5681 2: definition (a) to (e) */
{
    send_ten(&peer_plain);
    for (int i = 0; i < 5; i++) /* (b) they carry text */
        peer_sends(&w, TCP_ACK, 1 + 10 * i, seg(0), 10);
    for (int i = 0; i < 5; i++) /* (e) the window differs */
        peer_sends(&w, TCP_ACK, 51, seg(0), .window = (uint16_t)(60000 + i));
    while (peer_takes(&w, &w.got))
        CU_ASSERT_EQUAL(w.got.length, 0);
    peer_close(&w);
}

static void a_partial_ack_retransmits_the_next_hole(void) /* RFC 6582 3.2 step 3 */
{
    send_ten(&peer_plain); /* 0 and 3 are lost */
    for (int i = 0; i < 3; i++)
        peer_sends(&w, TCP_ACK, 1, seg(0));
    bool found = false;
    while (peer_takes(&w, &w.got))
        found = found || w.got.seq == seg(0);
    CU_ASSERT(found);
    peer_sends(&w, TCP_ACK, 1, seg(3));
    peer_expects(&w, TCP_ACK, seg(3), 1, MSS);
    peer_close(&w);
}

static void sack_repairs_every_hole_in_one_round_trip(void) /* RFC 6675 */
{
    send_ten(&with_sack); /* 0, 2 and 4 are lost */
    struct tcp_options o = {.sack_count = 3};
    static const int from[] = {5, 3, 1}, to[] = {10, 4, 2};
    for (int i = 0; i < 3; i++) {
        o.sack[i].left.n = w.irs + (uint32_t)seg(from[i]);
        o.sack[i].right.n = w.irs + (uint32_t)seg(to[i]);
    }
    for (int i = 0; i < 4; i++)
        peer_sends(&w, TCP_ACK, 1, seg(0), .options = o);
    unsigned seen = 0;
    while (peer_takes(&w, &w.got))
        for (int i = 0; i < 10; i++)
            if (w.got.seq == seg(i))
                seen |= 1u << i;
    CU_ASSERT_EQUAL(seen, 1u << 0 | 1u << 2 | 1u << 4);
    peer_close(&w);
}

static void what_is_sacked_is_not_sent_again_after_a_hole_is_filled(void) /* RFC 2018 5 */
{
    send_ten(&with_sack);
    duplicate_ack(0, 1, 4, true);
    duplicate_ack(0, 1, 5, true);
    peer_takes_all(&w);
    duplicate_ack(1, 1, 1, false);
    while (peer_takes(&w, &w.got))
        CU_ASSERT(w.got.seq == seg(0) || w.got.seq >= seg(5));
    peer_close(&w);
}

static void a_receiver_that_reneges_gets_it_again(void) /* RFC 2018 8 */
{
    send_ten(&with_sack);
    duplicate_ack(0, 1, 3, true);
    peer_takes_all(&w);
    bool again = false;
    for (int i = 0; i < 4 && !again; i++) { /* time-outs */
        peer_waits(&w, RILL_SECONDS(10));
        while (peer_takes(&w, &w.got))
            again = again || w.got.seq == seg(1);
        if (!again)
            peer_sends(&w, TCP_ACK, 1, seg(1)); /* no SACK any more */
    }
    CU_ASSERT(again);
    peer_close(&w);
}

static void silence_ends_the_connection_at_r2(void) /* EV-47, MUST-20, SHLD-11, S23 */
{
    establish(&peer_plain);
    app_sends(&w, 100);
    rill_time start = w.now;
    while (peer_conn(&w) && w.now - start < RILL_SECONDS(3600)) {
        peer_after(&w, RILL_SECONDS(1));
        w.first = w.count = 0;
    }
    CU_ASSERT(w.now - start >= RILL_SECONDS(100));
    CU_ASSERT(w.now - start <= RILL_SECONDS(924 + 121));
    CU_ASSERT(app_fails(&w, ETIMEDOUT));
    peer_close(&w);
}

static void the_app_sets_r2(void) /* MUST-21 */
{
    establish(&peer_plain);
    app_sets(&w, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
    app_sends(&w, 100);
    rill_time start = w.now;
    while (peer_conn(&w) && w.now - start < RILL_SECONDS(3600)) {
        peer_after(&w, RILL_MILLISECONDS(100));
        w.first = w.count = 0;
    }
    CU_ASSERT(w.now - start >= RILL_SECONDS(5));
    CU_ASSERT(w.now - start <= RILL_SECONDS(7));
    CU_ASSERT(app_fails(&w, ETIMEDOUT));
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a time-out sends the first segment and backs off (EV-48)",
         a_time_out_sends_the_first_segment_and_backs_off},
        {"the back-off stays until a sample is taken (MUST-18)",
         the_back_off_stays_until_a_sample_is_taken},
        {"the RTO never exceeds its maximum", the_rto_never_exceeds_its_maximum},
        {"one segment leaves at a time-out (RFC 6298 5.4)", only_one_segment_leaves_at_a_time_out},
        {"the timer restarts (RFC 6298 5.3)", the_timer_restarts_when_new_data_is_acknowledged},
        {"a lost SYN makes the RTO 3 s (RFC 6298 5.7)", a_lost_syn_makes_the_rto_three_seconds},
        {"the third duplicate retransmits (MUST-19)", the_third_duplicate_retransmits},
        {"three SACKed segments retransmit (RFC 6675)", three_segments_sacked_retransmit},
        {"a second loss is repaired like the first", a_second_loss_is_repaired_like_the_first},
        {"a SACK block of what was not sent is ignored",
         a_sack_block_beyond_what_was_sent_is_ignored},
        {"what is no duplicate does not count (RFC 5681 2)",
         what_is_no_duplicate_ack_does_not_count},
        {"a partial ACK repairs the next hole (RFC 6582)", a_partial_ack_retransmits_the_next_hole},
        {"SACK repairs every hole in one round trip", sack_repairs_every_hole_in_one_round_trip},
        {"what is SACKed is not sent again (RFC 2018 5)",
         what_is_sacked_is_not_sent_again_after_a_hole_is_filled},
        {"a receiver that reneges gets it again (RFC 2018 8)",
         a_receiver_that_reneges_gets_it_again},
        {"silence ends it at R2 (EV-47, MUST-20, SHLD-11)", silence_ends_the_connection_at_r2},
        {"the app sets R2 (MUST-21)", the_app_sets_r2},
    };
    return UNIT_MAIN("tcp_retransmit", tests);
}
