/* Recovery where a packet script does not reach: a device without room between a timer and its
 * segment, what a peer can do to the scoreboard, counters, and switches (RFC 8985, RFC 6937, RFC
 * 5682, RFC 7765). What scripts can say stands in tests/script/recovery. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "tcp/conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define MSS 1460

static struct peer w;

static const struct tcp_options with_sack = {
    .has_mss = true, .mss = PEER_MSS, .has_sack_permitted = true};

static int64_t seg(int n)
{
    return 1 + (int64_t)n * MSS;
}

static struct tcp_options sacked(int64_t from, int64_t to)
{
    struct tcp_options o = {.sack_count = 1};
    o.sack[0].left.n = w.irs + (uint32_t)from;
    o.sack[0].right.n = w.irs + (uint32_t)to;
    return o;
}

static void configure(void)
{
    peer_configure(&w);
    strcpy(w.config.tcp.congestion, "reno");
}

static void establish(void)
{
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &with_sack);
}

static uint64_t counted(enum rill_counter which)
{
    return rill_counters(w.rill)->value[which];
}

/* So many segments are out, the probe timer runs out, and the device has no room for the probe. */
static void owe_a_probe(int segments)
{
    configure();
    establish();
    app_sends(&w, (size_t)segments * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), (unsigned)segments);
    for (int i = 0; i < 8 && !peer_conn(&w)->busy->tlp.pending; i++) {
        struct rill_frame none;
        w.now = rill_deadline(w.rill);
        CU_ASSERT_EQUAL(rill_transmit(w.rill, w.port, &none, 0, w.now), 0);
    }
    CU_ASSERT(peer_conn(&w)->busy->tlp.pending);
}

static void an_ack_overtakes_the_probe_that_is_due(void) /* RFC 8985 7.3 */
{
    for (int segments = 1; segments <= 2; segments++) { /* the ACK of all, and of the first */
        owe_a_probe(segments);
        peer_sends(&w, TCP_ACK, 1, seg(1));
        peer_expects_nothing(&w);
        CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPLossProbes), 0);
        peer_close(&w);
    }
}

static void a_probe_ends_where_a_record_does(void) /* MSG_EOR; RFC 8985 7.3 */
{
    configure();
    establish();
    peer_sends(&w, TCP_ACK, 1, 1, .window = 100); /* the window holds the second record back */
    app_sends_with(&w, 100, MSG_EOR);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    app_sends_with(&w, 50, MSG_EOR);
    app_sends_with(&w, 50, MSG_EOR);
    peer_expects_nothing(&w);
    peer_conn(&w)->snd.wnd = 1000; /* it opens, and no segment has said so yet */
    peer_conn(&w)->window.cwnd = 100;
    peer_waits(&w, RILL_SECONDS(2));
    peer_expects(&w, TCP_ACK, 101, 1, 50);
    peer_close(&w);
}

/* So many segments leave, the first is acknowledged 10 ms later: how long after that the next one
 * comes again. */
static rill_time time_out_behind_an_ack(int segments, bool restart)
{
    configure();
    w.config.tcp.loss_probes = false;
    w.config.tcp.rto_restart = restart;
    establish();
    app_sends(&w, (size_t)segments * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), (unsigned)segments);
    peer_after(&w, RILL_MILLISECONDS(10));
    peer_sends(&w, TCP_ACK, 1, seg(1));
    rill_time waited = peer_waits(&w, RILL_SECONDS(10));
    peer_expects(&w, TCP_ACK, seg(1), 1, MSS);
    peer_close(&w);
    return waited;
}

static void the_last_segments_time_out_earlier_where_that_is_asked_for(void) /* RFC 7765 4 */
{
    rill_time plain = time_out_behind_an_ack(4, false);
    CU_ASSERT_EQUAL(plain - time_out_behind_an_ack(4, true), RILL_MILLISECONDS(10));
}

static void four_segments_restart_the_timer_in_full(void) /* RFC 7765 4: rrthresh */
{
    CU_ASSERT_EQUAL(time_out_behind_an_ack(5, true), time_out_behind_an_ack(5, false));
}

/* Ten segments are out, and one SACK block comes. */
static void send_ten_and_hear(int64_t from, int64_t to)
{
    configure();
    establish();
    app_sends(&w, 10 * MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 10);
    peer_sends(&w, TCP_ACK, 1, seg(2));
    peer_takes_all(&w);
    peer_sends(&w, TCP_ACK, 1, seg(2), .options = sacked(from, to));
}

static void blocks_that_say_nothing_true_are_discarded(void) /* RFC 2018 5, RFC 2883 4 */
{
    static const struct {
        int from, to;
        uint32_t marked;
        bool discarded;
    } row[] = {
        {3, 5, 2, false},  /* two segments */
        {8, 11, 0, true},  /* beyond SND.NXT */
        {5, 3, 0, true},   /* upside down */
        {11, 12, 0, true}, /* beyond it altogether */
    };
    for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
        send_ten_and_hear(seg(row[i].from), seg(row[i].to));
        CU_ASSERT_EQUAL(flight_sacked_count(&peer_conn(&w)->flight), row[i].marked);
        CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPSACKDiscard), row[i].discarded);
        peer_close(&w);
    }
}

static void half_a_segment_counts_once_the_other_half_is_sacked(void)
{
    send_ten_and_hear(seg(4), seg(4) + MSS / 2);
    struct tcp_conn *c = peer_conn(&w);
    CU_ASSERT_EQUAL(flight_sacked(&c->flight), 0);
    peer_sends(&w, TCP_ACK, 1, seg(2), .options = sacked(seg(4) + MSS / 2, seg(5)));
    CU_ASSERT_EQUAL(flight_sacked(&c->flight), MSS);
    peer_close(&w);
}

static void a_block_below_the_ack_is_a_duplicate(void) /* RFC 2883 4 */
{
    send_ten_and_hear(seg(0), seg(2));
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPDSACKRecv), 1);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPDSACKRecvSegs), 2);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPDSACKIgnoredNoUndo), 1); /* nothing was sent again */
    CU_ASSERT_EQUAL(flight_sacked(&peer_conn(&w)->flight), 0);
    peer_close(&w);
}

static void a_set_of_ranges_that_is_full_takes_no_more(void) /* the bound of ranges.h */
{
    configure();
    establish();
    app_sends(&w, 10 * MSS);
    peer_takes_all(&w);
    struct tcp_conn *c = peer_conn(&w);
    for (int i = 0; i < 2 * RANGES_MAX; i++) /* every fourth byte */
        peer_sends(&w, TCP_ACK, 1, 1, .options = sacked(3 + 4 * i, 4 + 4 * i));
    CU_ASSERT_EQUAL(c->busy->recovery.sacked.count, RANGES_MAX);
    CU_ASSERT_EQUAL(flight_sacked(&c->flight), 0);
    peer_sends(&w, TCP_ACK, 1, 1, .options = sacked(2, seg(4)));
    CU_ASSERT_EQUAL(flight_sacked_count(&c->flight), 3); /* joining them is always possible */
    peer_close(&w);
}

static void failures_of_recovery_are_counted(void) /* Linux: tcp_retransmit_timer */
{
    configure();
    establish();
    app_sends(&w, 10 * MSS);
    peer_takes_all(&w);
    peer_sends(&w, TCP_ACK, 1, 1, .options = sacked(seg(1), seg(4)));
    peer_expects(&w, TCP_ACK, 1, 1, MSS);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPSackRecovery), 1);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPFastRetrans), 1);
    peer_waits(&w, RILL_SECONDS(10));
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPTimeouts), 1);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPSackRecoveryFail), 1);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPFastRetrans), 1);
    peer_takes_all(&w);
    peer_sends(&w, TCP_ACK, 1, seg(4));
    CU_ASSERT(peer_takes_all(&w) > 0);
    CU_ASSERT(counted(RILL_TcpExtTCPSlowStartRetrans) > 0);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPDelivered), 4);
    peer_close(&w);
}

/* BBR has set no ssthresh for what is lost: Reno sets its own as it takes the recovery over. */
static void a_plug_in_that_takes_a_recovery_over_sets_its_ssthresh(void)
{
    configure();
    strcpy(w.config.tcp.congestion, "bbr");
    establish();
    app_sends(&w, 10 * MSS);
    peer_takes_all(&w);
    peer_after(&w, RILL_MILLISECONDS(10));
    peer_sends(&w, TCP_ACK, 1, 1, .options = sacked(seg(1), seg(5)));
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(peer_conn(&w)->busy->recovery.state, RECOVERY_FAST);
    CU_ASSERT_EQUAL(rill_setsockopt(w.fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4), 0);
    CU_ASSERT_EQUAL(peer_conn(&w)->window.ssthresh, 5 * MSS);
    peer_after(&w, RILL_MILLISECONDS(10));
    peer_sends(&w, TCP_ACK, 1, seg(10));
    CU_ASSERT_EQUAL(peer_conn(&w)->busy->recovery.state, RECOVERY_NONE);
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, 5 * MSS);
    peer_close(&w);
}

/* Two segments wait for what may be reordering; the first is due when text of the peer comes. */
static void a_loss_found_where_nothing_arrives_lets_one_segment_out(void) /* RFC 6937 3.1 */
{
    configure();
    establish();
    app_sends(&w, 10 * MSS);
    peer_takes_all(&w);
    peer_after(&w, RILL_MILLISECONDS(100));
    peer_sends(&w, TCP_ACK, 1, seg(10));
    for (int i = 10; i < 19; i++) { /* one each millisecond */
        app_sends(&w, MSS);
        peer_after(&w, RILL_MILLISECONDS(1));
    }
    app_sends(&w, MSS);
    peer_takes_all(&w);
    peer_after(&w, RILL_MILLISECONDS(100));
    peer_conn(&w)->busy->rack.min_rtt = RILL_MILLISECONDS(100); /* the handshake took no time */
    peer_conn(&w)->rtt.srtt = 100000;
    peer_sends(&w, TCP_ACK, 1, seg(10), .options = sacked(seg(19), seg(20)));
    peer_expects_nothing(&w);
    peer_after(&w, RILL_MILLISECONDS(23)); /* 25 ms since the last: the first eight are due */
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK, 1, seg(10), 10);
    CU_ASSERT_EQUAL(peer_conn(&w)->busy->recovery.state, RECOVERY_FAST);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 1);
    peer_close(&w);
}

/* The second time-out of one segment, with duplicate ACKs between the two. */
static void ssthresh_stays_while_one_segment_times_out_again(void) /* RFC 5681 3.1 */
{
    configure();
    w.config.tcp.frto = false;
    establish();
    app_sends(&w, 10 * MSS);
    peer_takes_all(&w);
    peer_waits(&w, RILL_SECONDS(10)); /* the probe */
    peer_takes_all(&w);
    peer_waits(&w, RILL_SECONDS(10));
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(peer_conn(&w)->busy->recovery.state, RECOVERY_TIMEOUT);
    uint32_t ssthresh = peer_conn(&w)->window.ssthresh;
    CU_ASSERT_EQUAL(ssthresh, 5 * MSS);
    peer_sends(&w, TCP_ACK, 1, 1, .options = sacked(seg(9), seg(10)));
    peer_takes_all(&w);
    peer_waits(&w, RILL_SECONDS(10));
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPTimeouts), 2);
    CU_ASSERT_EQUAL(peer_conn(&w)->window.ssthresh, ssthresh);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"an ACK overtakes the probe that is due", an_ack_overtakes_the_probe_that_is_due},
        {"a probe ends where a record does", a_probe_ends_where_a_record_does},
        {"RFC 7765: the last segments time out earlier where that is asked for",
         the_last_segments_time_out_earlier_where_that_is_asked_for},
        {"RFC 7765: four segments restart the timer in full",
         four_segments_restart_the_timer_in_full},
        {"blocks that say nothing true are discarded", blocks_that_say_nothing_true_are_discarded},
        {"half a segment counts once the other half is SACKed",
         half_a_segment_counts_once_the_other_half_is_sacked},
        {"RFC 2883: a block below the ACK is a duplicate", a_block_below_the_ack_is_a_duplicate},
        {"a set of ranges that is full takes no more", a_set_of_ranges_that_is_full_takes_no_more},
        {"failures of recovery are counted", failures_of_recovery_are_counted},
        {"a plug-in that takes a recovery over sets its ssthresh",
         a_plug_in_that_takes_a_recovery_over_sets_its_ssthresh},
        {"RFC 6937: a loss found where nothing arrives lets one segment out",
         a_loss_found_where_nothing_arrives_lets_one_segment_out},
        {"RFC 5681: ssthresh stays while one segment times out again",
         ssthresh_stays_while_one_segment_times_out_again},
    };
    return UNIT_MAIN("tcp_recovery", tests);
}
