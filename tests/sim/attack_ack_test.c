/* Attacks by a peer that lies in its acknowledgements: to get data faster than is fair (Savage
 * 1999), or to keep the sender busy (CVE-2019-11477, -11478, -11479). Whole-object checks are on,
 * so that a lie that breaks an invariant ends the test. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "socket/rill.h"
#include "tcp/conn.h"
#include "tcp/status.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define SEND_BUFFER (1 << 17)
#define TINY_MSS 48 /* the stack's floor is 88 */
#define ROUND RILL_MILLISECONDS(20)

static struct peer w;
static struct random randoms;

static void establish(const struct tcp_options *o, const char *congestion)
{
    peer_configure(&w);
    w.config.tcp.send_buffer = w.config.tcp.send_buffer_max = SEND_BUFFER;
    strcpy(w.config.tcp.congestion, congestion);
    peer_start(&w);
    w.window = UINT16_MAX;
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, o);
    random_seed(&randoms, 1);
}

static const struct tcp_conn *conn(void)
{
    return peer_conn(&w);
}

/* The application fills the buffer, and what may leave does. Returns how many segments. */
static unsigned fill(void)
{
    unsigned sent = 0;
    position room;
    while ((room = conn()->snd.una + SEND_BUFFER - w.written) > 0)
        app_sends(&w, (size_t)min_of(room, 1000));
    for (unsigned n; (n = peer_takes_all(&w)) > 0;)
        sent += n;
    return sent;
}

/* Acknowledges honestly, so that cwnd grows. */
static void grow(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        fill();
        peer_after(&w, ROUND);
        peer_sends(&w, TCP_ACK, 1, conn()->snd.nxt);
    }
    fill();
}

static struct tcp_options with_sack(uint16_t mss)
{
    struct tcp_options o = peer_full;
    o.mss = mss;
    o.has_timestamps = false;
    return o;
}

/* What is sent arrives in the end, whatever was said before. */
static void confess(void)
{
    for (int i = 0; i < 1000 && conn()->snd.una < w.written; i++) {
        peer_sends(&w, TCP_ACK, 1, conn()->snd.nxt);
        peer_after(&w, ROUND);
        peer_takes_all(&w);
    }
    CU_ASSERT_EQUAL(conn()->snd.una, w.written);
    CU_ASSERT_EQUAL(app_error(&w), 0);
    peer_close(&w);
}

static struct tcp_sack_block block(position from, position to)
{
    return (struct tcp_sack_block){{w.irs + (uint32_t)from}, {w.irs + (uint32_t)to}};
}

static void speak(unsigned blocks, const struct tcp_sack_block *sack)
{
    struct peer_segment s = {.flags = TCP_ACK, .seq = 1, .ack = conn()->snd.una};
    s.options.sack_count = (uint8_t)blocks;
    memcpy(s.options.sack, sack, blocks * sizeof *sack);
    peer_put(&w, s);
}

static void every_second_short_segment_may_be_sacked(void) /* D04, D07: CVE-2019-11477, -11479 */
{
    struct tcp_options o = with_sack(TINY_MSS);
    establish(&o, "reno");
    grow(12);
    uint32_t mss = conn()->mss;
    CU_ASSERT(mss >= 88 - TCP_HEADER);
    CU_ASSERT(flight_count(&conn()->flight) > 300);
    size_t before = rill_memory_used(w.rill);
    position end = conn()->snd.nxt;
    for (position at = conn()->snd.una + mss; at + mss < end; at += 2 * mss) {
        struct tcp_sack_block b = block(at, at + mss);
        speak(1, &b);
        peer_takes_all(&w);
    }
    CU_ASSERT(rill_memory_used(w.rill) < before + SEND_BUFFER / 2);
    confess();
}

static void blocks_of_any_bytes_are_borne(void) /* D05, D06: CVE-2019-11478, CVE-2019-5599 */
{
    struct tcp_options o = with_sack(TINY_MSS);
    establish(&o, "reno");
    grow(12);
    size_t before = rill_memory_used(w.rill);
    for (int i = 0; i < 3000; i++) {
        struct tcp_sack_block b[4];
        position flight = conn()->snd.nxt - conn()->snd.una + 1;
        for (int k = 0; k < 4; k++) {
            position from = conn()->snd.una + (position)random_below(&randoms, (uint64_t)flight);
            bool honest = random_below(&randoms, 4);
            b[k] = block(from, from + (position)random_below(&randoms, honest ? 300 : UINT32_MAX));
        }
        speak(4, b);
        if (i % 16 == 0)
            peer_after(&w, ROUND);
        peer_takes_all(&w);
    }
    CU_ASSERT(rill_memory_used(w.rill) < before + SEND_BUFFER);
    confess();
}

/* As much as for one ACK of all of it: RFC 3465. */
static void divided_acks_open_no_more(void) /* D11: Savage 1999 3.1 */
{
    static const char *const congestion[] = {"reno", "cubic"};
    for (int i = 0; i < 2; i++) {
        establish(&peer_plain, congestion[i]);
        fill();
        uint32_t cwnd = conn()->window.cwnd;
        for (int64_t at = 2; at <= 1461; at++)
            peer_sends(&w, TCP_ACK, 1, at);
        CU_ASSERT(conn()->window.cwnd <= cwnd + PEER_MSS);
        confess();
    }
}

/* Each may tell of a segment that has left the network, also of one that it has let out itself. */
static void a_repeated_ack_releases_one_segment_at_most(void) /* D12: Savage 1999 3.2 */
{
    establish(&peer_plain, "reno");
    fill();
    uint32_t cwnd = conn()->window.cwnd;
    for (int i = 0; i < 10000; i++) {
        peer_sends(&w, TCP_ACK, 1, 1);
        CU_ASSERT(peer_takes_all(&w) <= 1);
        CU_ASSERT(conn()->window.cwnd <= cwnd + 2 * PEER_MSS); /* limited transmit, RFC 3042 */
    }
    CU_ASSERT(conn()->snd.nxt <= 1 + UINT16_MAX);
    confess();
}

/* Nothing can be known of data in flight; but cwnd stays with what is used: it doubles once more at
 * most when half of it is (RFC 7661). */
static void early_acks_open_cwnd_as_far_as_it_is_used(void) /* D13: Savage 1999 3.3 */
{
    establish(&peer_plain, "reno");
    for (int i = 0; i < 3000; i++) {
        fill();
        peer_sends(&w, TCP_ACK, 1, conn()->snd.nxt); /* in no time */
        peer_sends(&w, TCP_ACK, 1, conn()->snd.nxt + 1000);
    }
    CU_ASSERT(conn()->window.cwnd <= 3 * UINT16_MAX);
    confess();
}

static void duplicates_that_never_were_undo_nothing(void) /* RFC 2883, RFC 3708: not our D-SACKs */
{
    struct tcp_options o = with_sack(PEER_MSS);
    establish(&o, "reno");
    grow(3);
    position una = conn()->snd.una;
    uint32_t cwnd = conn()->window.cwnd;
    struct tcp_sack_block lost[] = {block(una + PEER_MSS, conn()->snd.nxt)};
    speak(1, lost);
    peer_takes_all(&w); /* the hole is sent again, and cwnd halved */
    for (int i = 0; i < 50; i++) {
        struct tcp_sack_block twice[] = {block(una - 2 * PEER_MSS, una - PEER_MSS), lost[0]};
        speak(2, twice);
        peer_takes_all(&w);
    }
    CU_ASSERT(conn()->window.cwnd < cwnd);
    confess();
}

static void congestion_without_end_leaves_a_segment(void) /* D20: RFC 3168 6.1.2 */
{
    struct tcp_options o = peer_plain;
    peer_configure(&w);
    w.config.tcp.ecn = RILL_ECN_REQUEST;
    strcpy(w.config.tcp.congestion, "reno");
    peer_start(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN | TCP_ECE | TCP_CWR, 0, 0, 0);
    peer_sends(&w, TCP_SYN | TCP_ACK | TCP_ECE, 0, 1, .options = o);
    peer_takes_all(&w);
    for (int i = 0; i < 200; i++) {
        app_sends(&w, 2000);
        peer_after(&w, ROUND);
        peer_takes_all(&w);
        peer_sends(&w, TCP_ACK | TCP_ECE, 1, conn()->snd.nxt);
    }
    CU_ASSERT(conn()->window.cwnd >= PEER_MSS);
    CU_ASSERT(conn()->snd.una > 1 + 100 * 1000);
    confess();
}

static void no_echo_makes_a_time_out_too_short_or_too_long(void) /* D22: RFC 7323 4.1, RFC 6298 */
{
    establish(&peer_full, "cubic");
    w.timestamps = true;
    for (int i = 0; i < 2000; i++) {
        fill();
        uint64_t far = 1u << random_below(&randoms, 32);
        uint32_t lie = w.ts_echo + (uint32_t)(random_below(&randoms, 2) ? far : -far);
        struct peer_segment s = {.flags = TCP_ACK, .seq = 1};
        s.ack = conn()->snd.una + (position)random_below(&randoms, 3) * 1000;
        s.ack = min_of(s.ack, conn()->snd.nxt);
        s.options.has_timestamps = true;
        s.options.timestamp_value = w.ts_value;
        s.options.timestamp_echo = random_below(&randoms, 8) ? lie : 0;
        w.timestamps = false;
        peer_put(&w, s);
        w.timestamps = true;
        peer_after(&w, RILL_MILLISECONDS(random_below(&randoms, 300)));
        struct tcp_status status;
        tcp_status(&w.rill->net.tcp, conn(), &status);
        CU_ASSERT(status.rto >= w.config.tcp.minimum_rto);
        CU_ASSERT(status.rto <= w.config.tcp.maximum_rto);
    }
    confess();
}

/* The second half of a segment is SACKed; then the first half is acknowledged, and no more. */
static void an_ack_may_contradict_an_earlier_sack(void)
{
    static const struct tcp_options options = {
        .has_mss = true, .mss = 1000, .has_sack_permitted = true};
    establish(&options, "cubic");
    app_sends(&w, 3000);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 3);
    struct tcp_options o = {.sack_count = 1, .sack[0] = {{w.irs + 501}, {w.irs + 1001}}};
    peer_sends(&w, TCP_ACK, 1, 1, .options = o);
    peer_sends(&w, TCP_ACK, 1, 501);
    CU_ASSERT_EQUAL(flight_sacked_count(&peer_conn(&w)->flight), 0);
    peer_after(&w, RILL_SECONDS(2));
    peer_expects(&w, TCP_ACK, 2001, 1, 1000); /* the loss probe, then the time-out */
    peer_expects(&w, TCP_ACK, 501, 1, 500);
    peer_takes_all(&w);
    confess();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"D04 every second short segment may be SACKed", every_second_short_segment_may_be_sacked},
        {"D05 blocks of any bytes are borne", blocks_of_any_bytes_are_borne},
        {"an ACK may contradict an earlier SACK", an_ack_may_contradict_an_earlier_sack},
        {"D11 divided ACKs open no more", divided_acks_open_no_more},
        {"D12 a repeated ACK releases one segment at most",
         a_repeated_ack_releases_one_segment_at_most},
        {"D13 early ACKs open cwnd as far as it is used",
         early_acks_open_cwnd_as_far_as_it_is_used},
        {"duplicates that never were undo nothing", duplicates_that_never_were_undo_nothing},
        {"D20 congestion without end leaves a segment", congestion_without_end_leaves_a_segment},
        {"D22 no echo makes a time-out too short or too long",
         no_echo_makes_a_time_out_too_short_or_too_long},
    };
    return UNIT_MAIN("attack_ack", tests);
}
