/* Step five of RFC 9293 3.10.7.4: acceptable ACKs, blind injection (RFC 5961 5), and the round-trip
 * time they tell (RFC 6298 3, RFC 7323 4). */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "tcp/conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

static struct peer w;

static void establish(const struct tcp_options *o)
{
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, o);
}

static void an_ack_frees_what_it_covers(void) /* 3.10.7.4 fifth */
{
    establish(&peer_plain);
    app_sends(&w, 2920);
    peer_expects(&w, TCP_ACK, 1, 1, 1460);
    peer_expects(&w, TCP_ACK, 1461, 1, 1460);
    peer_sends(&w, TCP_ACK, 1, 1461);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.una, 1461);
    peer_sends(&w, TCP_ACK, 1, 2000); /* in the middle of a segment */
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.una, 2000);
    peer_sends(&w, TCP_ACK, 1, 2921);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.una, 2921);
    peer_after(&w, RILL_SECONDS(100));
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void an_ack_of_the_future_is_answered_and_its_segment_dropped(void) /* EV-31 */
{
    establish(&peer_plain);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    peer_sends(&w, TCP_ACK, 1, 102, 50);
    peer_expects(&w, TCP_ACK, 101, 1, 0);
    peer_sends(&w, TCP_ACK | TCP_FIN, 1, 1000000, 50);
    peer_expects(&w, TCP_ACK, 101, 1, 0);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.una, 1);
    CU_ASSERT_EQUAL(peer_conn(&w)->rcv.nxt, 1);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void a_duplicate_ack_changes_nothing_but_its_text_counts(void) /* EV-32 */
{
    establish(&peer_plain);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    peer_sends(&w, TCP_ACK, 1, 101);
    peer_sends(&w, TCP_ACK, 1, 1, 50); /* an old one, but within MAX.SND.WND */
    peer_expects(&w, TCP_ACK, 101, 51, 0);
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.una, 101);
    app_reads(&w, 50);
    peer_close(&w);
}

static void an_ack_too_old_to_be_true_is_dropped(void) /* EV-33, MAY-12, RFC 5961 5.2 */
{
    establish(&peer_plain); /* MAX.SND.WND is 65535 */
    app_sets(&w, IPPROTO_TCP, TCP_NODELAY, 1);
    for (int64_t at = 1; at < 70001; at += 10000) {
        app_sends(&w, 10000);
        peer_takes_all(&w);
        peer_sends(&w, TCP_ACK, 1, at + 10000);
        peer_takes_all(&w);
    }
    CU_ASSERT_EQUAL_FATAL(peer_conn(&w)->snd.una, 70001);
    peer_sends(&w, TCP_ACK, 1, 70001 - 65535, 50); /* just acceptable */
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(w.got.ack, 51);
    peer_sends(&w, TCP_ACK, 51, 70001 - 65536, 50);
    peer_expects(&w, TCP_ACK, 70001, 51, 0);
    app_reads(&w, 50);
    peer_close(&w);
}

static void numbers_wrap_without_harm(void) /* 3.4 */
{
    peer_configure(&w);
    w.iss = 0xffffff00u;
    w.config.seed = 7;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    for (int64_t at = 1; at < 1001; at += 100) {
        peer_sends(&w, TCP_ACK, at, 1, 100);
        peer_takes_all(&w);
        CU_ASSERT_EQUAL(w.got.ack, at + 100);
    }
    app_reads(&w, 1000);
    peer_close(&w);
}

static void rills_numbers_wrap_without_harm(void) /* 3.4: rill's own numbers wrap */
{
    establish(&peer_plain);
    struct tcp_conn *c = peer_conn(&w);

    uint32_t shift = 0xfffffc00u - c->iss.n; /* 1 KB before the wrap */
    c->iss.n += shift;
    w.irs += shift;
    app_sets(&w, IPPROTO_TCP, TCP_NODELAY, 1);
    app_sends(&w, 5000);
    peer_expects(&w, TCP_ACK, 1, 1, 1460);
    peer_takes_all(&w);
    peer_sends(&w, TCP_ACK, 1, 1461);
    peer_sends(&w, TCP_ACK, 1, 2921);
    CU_ASSERT_EQUAL(c->snd.una, 2921);
    peer_sends(&w, TCP_ACK, 1, 5001);
    CU_ASSERT_EQUAL(c->snd.una, 5001);
    peer_close(&w);
}

/* ---- the round-trip time ---- */

static uint32_t srtt_ms(void)
{
    return peer_conn(&w)->rtt.srtt / 1000;
}

/* One segment out, its ACK back after so long. */
static void round_trip(rill_time time)
{
    int64_t from = w.written;
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, from, 1, 100);
    w.now += time;
    peer_sends(&w, TCP_ACK, 1, from + 100);
}

static void the_first_sample_sets_srtt_and_the_rest_smooth_it(void) /* MUST-18, RFC 6298 2.2, 2.3 */
{
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    w.now += RILL_MILLISECONDS(80);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1, .options = peer_plain);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT_EQUAL(srtt_ms(), 80);
    round_trip(RILL_MILLISECONDS(160));
    CU_ASSERT_EQUAL(srtt_ms(), 90);                        /* 7/8 * 80 + 1/8 * 160 */
    CU_ASSERT_EQUAL(peer_conn(&w)->rtt.rttvar / 1000, 50); /* 3/4 * 40 + 1/4 * |80 - 160| */
    peer_close(&w);
}

static void a_retransmitted_segment_gives_no_sample(void) /* MUST-18: Karn */
{
    establish(&peer_plain);
    round_trip(RILL_MILLISECONDS(100));
    uint32_t before = srtt_ms();
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 101, 1, 100);
    CU_ASSERT(peer_waits(&w, RILL_SECONDS(10)) > 0);
    peer_expects(&w, TCP_ACK, 101, 1, 100);
    w.now += RILL_MILLISECONDS(1);
    peer_sends(&w, TCP_ACK, 1, 201);
    CU_ASSERT_EQUAL(srtt_ms(), before);
    peer_close(&w);
}

static void timestamps_give_a_sample_of_a_retransmission_too(void) /* RFC 7323 4.1 */
{
    establish(&peer_full);
    round_trip(RILL_MILLISECONDS(100));
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 101, 1, 100);
    peer_waits(&w, RILL_SECONDS(10));
    peer_expects(&w, TCP_ACK, 101, 1, 100);
    uint32_t before = srtt_ms();
    w.now += RILL_MILLISECONDS(20);
    peer_sends(&w, TCP_ACK, 1, 201); /* echoes the retransmission's */
    CU_ASSERT_EQUAL(srtt_ms(), before - before / 8 + 20 / 8);
    peer_close(&w);
}

static void an_ack_of_no_new_data_gives_no_sample(void) /* RFC 7323 4.1 (RTTM rule) */
{
    establish(&peer_full);
    round_trip(RILL_MILLISECONDS(100));
    uint32_t before = peer_conn(&w)->rtt.srtt;
    w.now += RILL_SECONDS(60);
    peer_sends(&w, TCP_ACK, 1, 101, 10);
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(peer_conn(&w)->rtt.srtt, before);
    peer_close(&w);
}

static void the_echo_is_of_the_segment_at_the_left_edge(void) /* RFC 7323 4.3 */
{
    establish(&peer_full);
    w.ts_value = 2000;
    peer_sends(&w, TCP_ACK, 101, 1, 100); /* out of order: not taken over */
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT_EQUAL(w.got.options.timestamp_echo, 1000);
    w.ts_value = 2500;
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_expects(&w, TCP_ACK, 1, 201, 0);
    CU_ASSERT_EQUAL(w.got.options.timestamp_echo, 2500);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"an ACK frees what it covers", an_ack_frees_what_it_covers},
        {"an ACK of the future is answered (EV-31)",
         an_ack_of_the_future_is_answered_and_its_segment_dropped},
        {"a duplicate ACK changes nothing (EV-32)",
         a_duplicate_ack_changes_nothing_but_its_text_counts},
        {"an ACK too old is dropped (EV-33, MAY-12)", an_ack_too_old_to_be_true_is_dropped},
        {"the peer's numbers wrap without harm", numbers_wrap_without_harm},
        {"rill's numbers wrap without harm", rills_numbers_wrap_without_harm},
        {"samples are smoothed (MUST-18, RFC 6298 2)",
         the_first_sample_sets_srtt_and_the_rest_smooth_it},
        {"a retransmission gives no sample (MUST-18)", a_retransmitted_segment_gives_no_sample},
        {"timestamps give one of a retransmission too",
         timestamps_give_a_sample_of_a_retransmission_too},
        {"an ACK of nothing new gives none (RFC 7323 4.1)", an_ack_of_no_new_data_gives_no_sample},
        {"the echo is of the left edge (RFC 7323 4.3)",
         the_echo_is_of_the_segment_at_the_left_edge},
    };
    return UNIT_MAIN("tcp_ack", tests);
}
