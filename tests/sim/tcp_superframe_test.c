/* Superframes: what a device cuts on its way out and joins on its way in is, for TCP, the segments
 * that it was or becomes. */
#include "../unit/unit.h"
#include "tcp/conn.h"
#include "wire_peer.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <rill/counters.h>

#define MSS PEER_MSS

static struct peer w;
static int64_t at; /* of the peer's next byte */

static void establish_with(const struct tcp_options *options)
{
    peer_configure(&w);
    w.superframes = true;
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, options);
    at = 1;
}

static void superframe(uint32_t length, uint16_t joined)
{
    peer_sends(&w, TCP_ACK, at, 1, length, .joined = joined);
    at += length;
}

/* No ACK is pending, and the first segments, each acknowledged at once, are over. */
static void warmed_up(void)
{
    establish_with(&peer_plain);
    superframe(8 * MSS, MSS);
    superframe(8 * MSS, MSS);
    app_reads(&w, (size_t)at - 1);
    peer_after(&w, RILL_MILLISECONDS(500));
    peer_takes_all(&w);
}

/* ---- In ---- */

static void one_superframe_is_acknowledged_at_once_and_once(void) /* RFC 5681 4.2 */
{
    warmed_up();
    superframe(2 * MSS, MSS);
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_expects_nothing(&w);
    superframe(9 * MSS, MSS);
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void the_first_segments_are_counted_within_it(void)
{
    warmed_up();
    superframe(100, 0);
    peer_expects_nothing(&w); /* 16 were in two superframes */
    CU_ASSERT(peer_waits(&w, RILL_SECONDS(1)) > 0);
    peer_close(&w);
}

static void the_device_tells_how_long_the_peers_segments_are(void)
{
    establish_with(&peer_plain);
    superframe(8 * 600, 600);
    CU_ASSERT_EQUAL(peer_conn(&w)->rcv_mss, 600);
    superframe(8 * 600, 0); /* it does not: no more than what we send ourselves */
    CU_ASSERT_EQUAL(peer_conn(&w)->rcv_mss, MSS);
    peer_close(&w);
}

static void short_segments_that_were_joined_are_acknowledged_by_their_own_size(void)
{
    establish_with(&peer_plain);
    superframe(9 * 600, 600);
    superframe(9 * 600, 600);
    app_reads(&w, (size_t)at - 1);
    peer_after(&w, RILL_MILLISECONDS(500));
    peer_takes_all(&w);
    superframe(2 * 600, 600); /* less than an MSS of ours, but two of theirs */
    peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_close(&w);
}

static void each_segment_behind_a_hole_counts_at_a_sender_without_sack(void) /* RFC 5681 4.2 */
{
    warmed_up();
    peer_sends(&w, TCP_ACK, at + MSS, 1, 4 * MSS, .joined = MSS);
    for (int i = 0; i < 4; i++)
        peer_expects(&w, TCP_ACK, 1, at, 0);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void with_sack_one_acknowledgement_tells_of_all(void)
{
    establish_with(&peer_full);
    w.timestamps = true;
    peer_sends(&w, TCP_ACK, 1 + MSS, 1, 4 * MSS, .joined = MSS);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    CU_ASSERT_EQUAL(w.got.options.sack_count, 1);
    CU_ASSERT_EQUAL(w.got.options.sack[0].right.n - w.got.options.sack[0].left.n, 4 * MSS);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static void what_was_joined_counts_as_segments(void)
{
    establish_with(&peer_plain);
    struct tcp_info before, after;
    socklen_t length = sizeof before;
    rill_getsockopt(w.fd, IPPROTO_TCP, TCP_INFO, &before, &length);
    superframe(5 * 700 + 1, 700);
    rill_getsockopt(w.fd, IPPROTO_TCP, TCP_INFO, &after, &length);
    CU_ASSERT_EQUAL(after.tcpi_data_segs_in - before.tcpi_data_segs_in, 6);
    CU_ASSERT_EQUAL(after.tcpi_segs_in - before.tcpi_segs_in, 6);
    peer_close(&w);
}

/* ---- Out ---- */

static void text_leaves_in_superframes(void)
{
    establish_with(&peer_plain);
    app_sends(&w, 10 * MSS);
    struct peer_segment s;
    CU_ASSERT_TRUE(peer_takes(&w, &s));
    CU_ASSERT(s.length > 2 * MSS);
    CU_ASSERT_EQUAL(s.length % MSS, 0);
    peer_close(&w);
}

static void what_an_urgent_byte_lies_ahead_of_leaves_by_itself(void) /* RFC 9293 3.8.5 */
{
    establish_with(&peer_plain);
    app_sends_with(&w, 4 * MSS, MSG_OOB);
    app_sends(&w, 4 * MSS);
    int64_t mark = 1 + 4 * MSS, seq = 1;
    struct peer_segment s;
    while (seq < mark && peer_takes(&w, &s)) {
        CU_ASSERT_EQUAL(s.length, MSS);
        CU_ASSERT_EQUAL(s.flags & TCP_URG, TCP_URG);
        CU_ASSERT_EQUAL(s.seq + s.urgent, mark);
        seq += s.length;
    }
    CU_ASSERT_EQUAL(seq, mark);
    unsigned segments = 0;
    for (; peer_takes(&w, &s); segments++)
        CU_ASSERT_EQUAL(s.flags & TCP_URG, 0);
    CU_ASSERT(segments < 4); /* there are superframes again */
    peer_close(&w);
}

static void a_segment_out_of_a_superframe_is_repaired_alone(void)
{
    establish_with(&peer_full);
    w.timestamps = true;
    uint32_t text = MSS - 12;
    app_sends(&w, 10 * text);
    peer_takes_all(&w);
    struct tcp_options lost = {.sack_count = 1};
    lost.sack[0].left.n = w.irs + 1 + 3 * text;
    lost.sack[0].right.n = w.irs + 1 + 10 * text;
    peer_sends(&w, TCP_ACK, 1, 1 + 2 * text, 0, .options = lost); /* the third is missing */
    struct peer_segment s;
    peer_waits(&w, RILL_MILLISECONDS(100));
    CU_ASSERT_TRUE(peer_takes(&w, &s));
    CU_ASSERT_EQUAL(s.seq, 1 + 2 * text);
    CU_ASSERT_EQUAL(s.length, text);
    peer_close(&w);
}

static const struct unit_test tests[] = {
    {"one superframe is acknowledged at once, and once",
     one_superframe_is_acknowledged_at_once_and_once},
    {"the first segments are counted within it", the_first_segments_are_counted_within_it},
    {"the device tells how long the peer's segments are",
     the_device_tells_how_long_the_peers_segments_are},
    {"short segments that were joined are acknowledged by their own size",
     short_segments_that_were_joined_are_acknowledged_by_their_own_size},
    {"each segment behind a hole counts at a sender without SACK",
     each_segment_behind_a_hole_counts_at_a_sender_without_sack},
    {"with SACK one acknowledgement tells of all", with_sack_one_acknowledgement_tells_of_all},
    {"what was joined counts as segments", what_was_joined_counts_as_segments},
    {"text leaves in superframes", text_leaves_in_superframes},
    {"what an urgent byte lies ahead of leaves by itself",
     what_an_urgent_byte_lies_ahead_of_leaves_by_itself},
    {"a segment out of a superframe is repaired alone",
     a_segment_out_of_a_superframe_is_repaired_alone},
};

int main(void)
{
    return UNIT_MAIN("tcp_superframe", tests);
}
