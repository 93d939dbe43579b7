/* What TCP once did wrong, and no test of a rule had seen: one test for each. */
#include "../unit/unit.h"
#include "probe.h"
#include "wire_peer.h"

#include "socket/rill.h"
#include "tcp/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define FULL_MSS (PEER_MSS - 12) /* beside timestamps */

static struct peer w;

static void establish(const struct tcp_options *o)
{
    peer_open(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, o);
}

static void window_updates_do_not_postpone_the_retransmission(void) /* RFC 6298 5.3 */
{
    establish(&peer_plain);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    peer_expects_nothing(&w);
    rill_time due = rill_deadline(w.rill);
    for (uint16_t i = 0; w.now < due; i++) {
        peer_sends(&w, TCP_ACK, 1, 1, .window = (uint16_t)(20000 + 10 * i));
        peer_after(&w, RILL_MILLISECONDS(50));
    }
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    CU_ASSERT_EQUAL(w.got.when, due);
    peer_close(&w);
}

/* ---- keep-alive: RFC 9293 3.8.4 ---- */

static void switch_keepalive_on(int idle, int interval, int count)
{
    app_sets(&w, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    app_sets(&w, IPPROTO_TCP, TCP_KEEPINTVL, interval);
    app_sets(&w, IPPROTO_TCP, TCP_KEEPCNT, count);
    app_sets(&w, SOL_SOCKET, SO_KEEPALIVE, 1);
}

static void keepalive_counts_from_when_it_is_switched_on(void) /* MUST-26, MUST-27 */
{
    establish(&peer_plain);
    app_sets(&w, IPPROTO_TCP, TCP_KEEPIDLE, 5); /* its settings are there, it is still off */
    peer_after(&w, RILL_SECONDS(100));
    switch_keepalive_on(10, 2, 3);
    peer_expects_nothing(&w);
    CU_ASSERT_EQUAL(peer_waits(&w, RILL_SECONDS(100)), RILL_SECONDS(10));
    peer_expects(&w, TCP_ACK, 0, 1, 0);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void probes_that_were_never_sent_do_not_count(void) /* MUST-29 */
{
    establish(&peer_plain);
    switch_keepalive_on(1, 1, 3);
    w.now += RILL_SECONDS(10); /* the app computes, and nobody pulls */
    for (int i = 0; i < 3; i++) {
        peer_expects(&w, TCP_ACK, 0, 1, 0);
        peer_expects_nothing(&w);
        state_is(&w, ESTABLISHED);
        CU_ASSERT_EQUAL(peer_waits(&w, RILL_SECONDS(1)), RILL_SECONDS(1));
    }
    CU_ASSERT(app_fails(&w, ETIMEDOUT));
    peer_close(&w);
}

/* ---- opening and closing ---- */

static void text_may_be_queued_before_the_syn_has_left(void) /* RFC 9293 3.10.2 */
{
    peer_open(&w);
    app_connects(&w);
    app_sends_early(&w, 10);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1, .options = peer_plain);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    peer_close(&w);
}

static void a_fin_is_acknowledged_though_the_ack_of_ours_follows_at_once(void) /* 3.10.7.4 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_FIN_WAIT_1);
    peer_sends(&w, TCP_FIN | TCP_ACK, 1, 1); /* CLOSING */
    peer_sends(&w, TCP_ACK, 2, 2);           /* before a pull: TIME-WAIT */
    state_is(&w, TIME_WAIT);
    peer_expects(&w, TCP_ACK, 2, 2, 0);
    peer_expects_nothing(&w);
    peer_close(&w);
}

static unsigned half_open(const struct lone *l)
{
    return l->rill->net.tcp.pool[HEAD_SYN].count;
}

static void a_syn_from_behind_no_next_hop_is_forgotten(void) /* RFC 4987 2: half-open for ever */
{
    struct lone *l = lone_open(NULL);
    struct forge way = forge_honest();
    int listener = lone_listen(PROBE_OPEN);
    way.from = forge_mac(0x63); /* and nobody answers ARP for it */
    for (way.ip.source = 0xc0000263; way.ip.source < 0xc0000268; way.ip.source++)
        probe_syn(l, &way, PROBE_OPEN);
    CU_ASSERT_EQUAL(half_open(l), 5);
    lone_pass(l, RILL_SECONDS(200));
    CU_ASSERT_EQUAL(half_open(l), 0);
    rill_close(listener);
    lone_close(l);
}

/* ---- the path ---- */

/* A router on the way says so, quoting rill's segment with that number (RFC 792). */
static void is_too_big(int64_t seq, uint16_t mtu)
{
    uint8_t frame[128], quoted[IP4_HEADER + 8];
    struct forge way = {.ip = {.ttl = 64, .source = w.address, .destination = w.rill_address}};
    struct ip4 sent = {.total_length = 1500,
                       .dont_fragment = true,
                       .ttl = 64,
                       .protocol = IP_PROTOCOL_TCP,
                       .source = w.rill_address,
                       .destination = w.address};
    struct icmp error = {.type = ICMP_UNREACHABLE,
                         .code = ICMP_UNREACHABLE_FRAGMENTATION_NEEDED,
                         .next_hop_mtu = mtu};
    ip4_write(quoted, &sent);
    wire_put16(quoted + IP4_HEADER, w.rill_port);
    wire_put16(quoted + IP4_HEADER + 2, w.peer_port);
    wire_put32(quoted + IP4_HEADER + 4, w.irs + (uint32_t)seq);
    forge_icmp(frame, &way, &error, span_of(quoted, sizeof quoted));
    peer_puts_ip4(&w, span_of(frame + ETH_HEADER, IP4_HEADER + ICMP_HEADER + sizeof quoted));
}

/* 8 bytes less: what is in flight is too long only when the options are counted. */
static void a_path_a_little_narrower_is_used_at_once(void) /* RFC 1191 6.5 */
{
    establish(&peer_full);
    app_sends(&w, 4 * FULL_MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 4);
    uint32_t cwnd = peer_conn(&w)->window.cwnd;
    is_too_big(1, 1492);
    int64_t at = 1;
    for (; peer_takes(&w, &w.got); at += w.got.length) { /* no time passes */
        CU_ASSERT_EQUAL(w.got.seq, at);
        CU_ASSERT(w.got.length <= FULL_MSS - 8);
    }
    CU_ASSERT_EQUAL(at, 1 + 4 * FULL_MSS);
    CU_ASSERT_EQUAL(peer_conn(&w)->window.cwnd, cwnd); /* RFC 1191 6.5: no congestion */
    peer_close(&w);
}

static void the_initial_window_counts_in_segments_of_the_path(void) /* RFC 6928 2 */
{
    static const uint16_t mss[] = {PEER_MSS, 8960, 65495};
    for (int i = 0; i < 3; i++) {
        struct tcp_options o = peer_full;
        o.mss = mss[i];
        establish(&o);
        app_sends(&w, 100 * FULL_MSS);
        CU_ASSERT_EQUAL(peer_takes_all(&w), 10);
        CU_ASSERT_EQUAL(w.got.length, FULL_MSS);
        peer_close(&w);
    }
}

static void after_a_lost_syn_it_is_one_segment_of_the_path(void) /* RFC 5681 3.1 */
{
    struct tcp_options o = peer_plain;
    o.mss = 65495;
    peer_open(&w);
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    for (int i = 0; i < 2; i++) { /* once might just be late: RFC 6928 2 */
        peer_waits(&w, RILL_SECONDS(10));
        peer_expects(&w, TCP_SYN, 0, 0, 0);
    }
    peer_sends(&w, TCP_SYN | TCP_ACK, 0, 1, .options = o);
    peer_expects(&w, TCP_ACK, 1, 1, 0);
    app_sends(&w, 100 * PEER_MSS);
    peer_expects(&w, TCP_ACK, 1, 1, PEER_MSS);
    peer_expects_nothing(&w);
    peer_close(&w);
}

/* ---- loss ---- */

static void slow_start_after_a_time_out_needs_nothing_new_to_send(void) /* RFC 5681 3.1 */
{
    establish(&peer_plain);
    peer_conn(&w)->window.cwnd = 40 * PEER_MSS;
    app_sends(&w, 40 * PEER_MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 40); /* all are lost */
    peer_waits(&w, RILL_SECONDS(10));
    int64_t acked = 1;
    for (unsigned n = 1; n <= 16; n *= 2) {
        CU_ASSERT_EQUAL(peer_takes_all(&w), n);
        for (unsigned i = 0; i < n; i++)
            peer_sends(&w, TCP_ACK, 1, acked += PEER_MSS);
    }
    CU_ASSERT_EQUAL(peer_takes_all(&w), 40 - 31);
    peer_close(&w);
}

static void one_segment_sacked_far_above_judges_nothing_lost(void) /* RFC 6675 4: IsLost */
{
    establish(&peer_full);
    peer_conn(&w)->window.cwnd = 100 * FULL_MSS;
    app_sends(&w, 100 * FULL_MSS);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 100);
    uint32_t last = w.irs + 1 + 99 * FULL_MSS;
    struct tcp_options o = {.sack_count = 1, .sack = {{{last}, {last + FULL_MSS}}}};
    peer_sends(&w, TCP_ACK, 1, 1, .options = o);
    peer_expects_nothing(&w);
    CU_ASSERT_EQUAL(flight_sacked(&peer_conn(&w)->flight), FULL_MSS);
    CU_ASSERT_EQUAL(flight_lost(&peer_conn(&w)->flight), 0);
    peer_close(&w);
}

/* ---- acknowledging ---- */

static void an_ack_leaves_though_there_is_no_memory_for_text(void) /* RFC 9293 3.8.6.3 */
{
    establish(&peer_plain);
    peer_sends(&w, TCP_ACK, 1, 1, 10); /* from here on there is a receive buffer */
    peer_expects(&w, TCP_ACK, 1, 11, 0);
    app_sets(&w, IPPROTO_TCP, TCP_NODELAY, 1);
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 11, 10);
    struct memory *m = &w.rill->net.memory;
    size_t budget = m->budget;
    pools_trim(m);
    m->budget = m->used; /* none for the record of a second segment in flight */
    app_sends(&w, 10);
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK, 11, 1, 10);
    peer_after(&w, RILL_MILLISECONDS(40)); /* an answer could have carried it */
    peer_expects(&w, TCP_ACK, 11, 21, 0);
    m->budget = budget;
    peer_sends(&w, TCP_ACK, 21, 11);
    peer_expects(&w, TCP_ACK, 11, 21, 10);
    peer_close(&w);
}

static void every_second_segment_is_acknowledged_if_the_peers_are_shorter(void) /* SHLD-19 */
{
    establish(&peer_plain);
    int64_t at = 1;
    for (int i = 0; i < 20; i++, at += 1400)
        peer_sends(&w, TCP_ACK, at, 1, 1400);
    peer_takes_all(&w);
    for (int i = 0; i < 10; i++, at += 2800) {
        peer_sends(&w, TCP_ACK, at, 1, 1400);
        peer_expects_nothing(&w);
        peer_sends(&w, TCP_ACK, at + 1400, 1, 1400);
        peer_expects(&w, TCP_ACK, 1, at + 2800, 0);
    }
    peer_close(&w);
}

static void a_receiver_forgets_a_reordering_that_is_over(void)
{
    establish(&peer_full);
    peer_sends(&w, TCP_ACK, 101, 1, 100);
    peer_sends(&w, TCP_ACK, 1, 1, 100);
    peer_takes_all(&w);
    app_reads(&w, 200);
    CU_ASSERT_PTR_NOT_NULL(peer_conn(&w)->busy);
    peer_after(&w, RILL_SECONDS(10));
    CU_ASSERT_PTR_NULL(peer_conn(&w)->busy);
    CU_ASSERT_EQUAL(rill_deadline(w.rill), RILL_NEVER);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"window updates do not postpone the retransmission (RFC 6298 5.3)",
         window_updates_do_not_postpone_the_retransmission},
        {"keep-alive counts from when it is switched on (MUST-26)",
         keepalive_counts_from_when_it_is_switched_on},
        {"probes that were never sent do not count (MUST-29)",
         probes_that_were_never_sent_do_not_count},
        {"text may be queued before the SYN has left", text_may_be_queued_before_the_syn_has_left},
        {"a FIN is acknowledged though the ACK of ours follows at once",
         a_fin_is_acknowledged_though_the_ack_of_ours_follows_at_once},
        {"a SYN from behind no next hop is forgotten", a_syn_from_behind_no_next_hop_is_forgotten},
        {"a path a little narrower is used at once (RFC 1191 6.5)",
         a_path_a_little_narrower_is_used_at_once},
        {"the initial window counts in segments of the path (RFC 6928 2)",
         the_initial_window_counts_in_segments_of_the_path},
        {"after a lost SYN it is one segment of the path (RFC 5681 3.1)",
         after_a_lost_syn_it_is_one_segment_of_the_path},
        {"slow start after a time-out needs nothing new to send (RFC 5681 3.1)",
         slow_start_after_a_time_out_needs_nothing_new_to_send},
        {"one segment SACKed far above judges nothing lost (RFC 6675 4)",
         one_segment_sacked_far_above_judges_nothing_lost},
        {"an ACK leaves though there is no memory for text",
         an_ack_leaves_though_there_is_no_memory_for_text},
        {"every second segment is acknowledged if the peer's are shorter (SHLD-19)",
         every_second_segment_is_acknowledged_if_the_peers_are_shorter},
        {"a receiver forgets a reordering that is over",
         a_receiver_forgets_a_reordering_that_is_over},
    };
    return UNIT_MAIN("tcp_regression", tests);
}
