/* What the trace tells of a conversation: every segment, with its numbers, its state before and
 * after, why it was sent or dropped, and the frame that it came in. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <sys/socket.h>

static struct peer w;
static uint64_t place;

static void begin(void)
{
    peer_configure(&w);
    w.config.trace_records = 256;
    peer_start(&w);
    place = 0;
}

/* The next record of this kind; the test fails where there is none. */
static struct rill_trace_record next(enum rill_event event)
{
    struct rill_trace_record r = {0};
    while (rill_trace_read(w.rill, &place, &r, 1, NULL) == 1)
        if (r.event == event)
            return r;
    CU_FAIL_FATAL("no such record");
    return r;
}

static void told(const struct rill_trace_record *r, int64_t seq, int64_t ack, uint32_t length)
{
    CU_ASSERT_EQUAL(r->seq, seq);
    CU_ASSERT_EQUAL(r->ack, ack);
    CU_ASSERT_EQUAL(r->length, length);
    CU_ASSERT_EQUAL(r->local_ip4, w.rill_address);
    CU_ASSERT_EQUAL(r->remote_ip4, w.address);
    CU_ASSERT_EQUAL(r->local_port, w.rill_port);
    CU_ASSERT_EQUAL(r->remote_port, w.peer_port);
}

static void moved(const struct rill_trace_record *r, enum rill_tcp_state before,
                  enum rill_tcp_state after)
{
    CU_ASSERT_EQUAL(r->before, before);
    CU_ASSERT_EQUAL(r->after, after);
}

static void a_handshake_has_relative_numbers_and_states(void)
{
    begin();
    app_listens(&w);
    peer_sends(&w, TCP_SYN, 0, 0, 0, .options = peer_plain);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_sends(&w, TCP_ACK, 1, 1);
    struct rill_trace_record r = next(RILL_EVENT_SEGMENT_IN);
    told(&r, 0, 0, 0);
    moved(&r, RILL_TCP_LISTEN, RILL_TCP_SYN_RECEIVED);
    r = next(RILL_EVENT_SEGMENT_OUT);
    told(&r, 0, 1, 0);
    moved(&r, RILL_TCP_SYN_RECEIVED, RILL_TCP_SYN_RECEIVED);
    CU_ASSERT_EQUAL(r.reason, RILL_REASON_SYN);
    r = next(RILL_EVENT_SEGMENT_IN);
    told(&r, 1, 1, 0);
    moved(&r, RILL_TCP_SYN_RECEIVED, RILL_TCP_ESTABLISHED);
    CU_ASSERT_EQUAL(r.cwnd, 10 * PEER_MSS);
    CU_ASSERT_EQUAL(r.ssthresh, INT32_MAX);
    CU_ASSERT_EQUAL(r.pacing_rate, 0);
    CU_ASSERT(r.rto >= RILL_MILLISECONDS(200));
    CU_ASSERT(r.srtt > 0);
    peer_close(&w);
}

static void a_syn_has_no_window_and_no_threshold_yet(void)
{
    begin();
    app_connects(&w);
    peer_expects(&w, TCP_SYN, 0, 0, 0);
    struct rill_trace_record r = next(RILL_EVENT_SEGMENT_OUT);
    CU_ASSERT_EQUAL(r.cwnd, 0);
    CU_ASSERT_EQUAL(r.ssthresh, INT32_MAX);
    peer_close(&w);
}

static void what_is_paced_tells_its_rate(void)
{
    uint64_t rate = 100 * PEER_MSS;
    begin();
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    rill_use(w.rill);
    CU_ASSERT_EQUAL(rill_setsockopt(w.fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate), 0);
    while (rill_trace_read(w.rill, &place, &(struct rill_trace_record){0}, 1, NULL)) {
    }
    app_sends(&w, 10);
    peer_expects(&w, TCP_PSH | TCP_ACK, 1, 1, 10);
    CU_ASSERT_EQUAL(next(RILL_EVENT_SEGMENT_OUT).pacing_rate, rate);
    peer_close(&w);
}

static void a_segment_that_is_not_used_says_why(void)
{
    begin();
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    while (rill_trace_read(w.rill, &place, &(struct rill_trace_record){0}, 1, NULL)) {
    }
    peer_sends(&w, TCP_ACK, 1 + (1 << 21), 1, 10);
    struct rill_trace_record r = next(RILL_EVENT_SEGMENT_IN);
    told(&r, 1 + (1 << 21), 1, 10);
    moved(&r, RILL_TCP_ESTABLISHED, RILL_TCP_ESTABLISHED);
    CU_ASSERT_EQUAL(r.drop, RILL_DROP_TCP_SEQUENCE);
    r = next(RILL_EVENT_DROP);
    CU_ASSERT_EQUAL(r.drop, RILL_DROP_TCP_SEQUENCE);
    peer_close(&w);
}

static void a_closed_port_resets(void)
{
    begin();
    peer_sends(&w, TCP_SYN, 0, 0, 0, .options = peer_plain);
    CU_ASSERT_EQUAL(peer_takes_all(&w), 1);
    struct rill_trace_record r = next(RILL_EVENT_SEGMENT_IN);
    moved(&r, RILL_TCP_CLOSED, RILL_TCP_CLOSED);
    r = next(RILL_EVENT_SEGMENT_OUT);
    moved(&r, RILL_TCP_CLOSED, RILL_TCP_CLOSED);
    CU_ASSERT_EQUAL(r.flags, TCP_RST | TCP_ACK);
    CU_ASSERT_EQUAL(r.reason, RILL_REASON_NO_CONNECTION);
    CU_ASSERT_EQUAL(r.local_port, w.rill_port);
    peer_close(&w);
}

/* The number of the frame that carries each record: what is received is the caller's to number,
 * what is sent is counted. */
static void records_name_their_frame(void)
{
    begin();
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    uint32_t last = 0, segments = 0;
    for (struct rill_trace_record r; rill_trace_read(w.rill, &place, &r, 1, NULL) == 1;) {
        if (r.event == RILL_EVENT_SEGMENT_IN && !w.recorder.capture) /* --pcap numbers them */
            CU_ASSERT_EQUAL(r.frame, 0);
        if (r.event != RILL_EVENT_SEGMENT_OUT)
            continue;
        CU_ASSERT(r.frame > last);
        last = r.frame;
        segments++;
    }
    CU_ASSERT_EQUAL(segments, 1);
    uint8_t bytes[64] = {0}; /* of no protocol */
    struct rill_frame frame = {.buffer = bytes, .room = 64, .length = 60, .number = 77};
    rill_receive(w.rill, w.port, &frame, 1, w.now);
    struct rill_trace_record r = next(RILL_EVENT_DROP);
    CU_ASSERT_EQUAL(r.frame, 77);
    peer_close(&w);
}

static void what_ends_is_closed_beside_its_listener(void)
{
    begin();
    peer_reaches(&w, RILL_TCP_LAST_ACK);
    while (rill_trace_read(w.rill, &place, &(struct rill_trace_record){0}, 1, NULL)) {
    }
    peer_sends(&w, TCP_ACK, 2, 2);
    struct rill_trace_record r = next(RILL_EVENT_SEGMENT_IN);
    moved(&r, RILL_TCP_LAST_ACK, RILL_TCP_CLOSED);
    peer_close(&w);
}

/* RFC 9293 3.10.7.3: nothing was lost, both have called at once. */
static void the_answer_to_a_crossed_syn_is_no_retransmission(void)
{
    begin();
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    peer_sends(&w, TCP_SYN, 0, 0, 0, .options = peer_plain);
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(next(RILL_EVENT_SEGMENT_OUT).flags, TCP_SYN);
    struct rill_trace_record r = next(RILL_EVENT_SEGMENT_OUT);
    CU_ASSERT_EQUAL(r.flags, TCP_SYN | TCP_ACK);
    CU_ASSERT_EQUAL(r.reason, RILL_REASON_SYN);
    peer_after(&w, RILL_SECONDS(3));
    peer_takes_all(&w);
    r = next(RILL_EVENT_SEGMENT_OUT);
    CU_ASSERT_EQUAL(r.flags, TCP_SYN | TCP_ACK);
    CU_ASSERT_EQUAL(r.reason, RILL_REASON_RETRANSMIT_TIMEOUT);
    peer_close(&w);
}

static void time_wait_acknowledges_a_fin_and_challenges_what_is_old(void)
{
    begin();
    peer_reaches(&w, RILL_TCP_TIME_WAIT);
    struct rill_trace_record r;
    do
        r = next(RILL_EVENT_SEGMENT_OUT);
    while (r.before != RILL_TCP_TIME_WAIT);
    CU_ASSERT_EQUAL(r.reason, RILL_REASON_ACK_NOW);
    peer_sends(&w, TCP_ACK, 0, 2, 1);
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(next(RILL_EVENT_SEGMENT_OUT).reason, RILL_REASON_CHALLENGE);
    peer_close(&w);
}

static void a_reset_in_time_wait_is_seen_there(void)
{
    begin();
    peer_reaches(&w, RILL_TCP_TIME_WAIT);
    while (rill_trace_read(w.rill, &place, &(struct rill_trace_record){0}, 1, NULL)) {
    }
    peer_sends(&w, TCP_RST, 2);
    struct rill_trace_record r = next(RILL_EVENT_SEGMENT_IN);
    moved(&r, RILL_TCP_TIME_WAIT, RILL_TCP_TIME_WAIT);
    CU_ASSERT_EQUAL(r.drop, RILL_DROP_TCP_TIME_WAIT);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a handshake has relative numbers and states",
         a_handshake_has_relative_numbers_and_states},
        {"a SYN has no window and no threshold yet", a_syn_has_no_window_and_no_threshold_yet},
        {"what is paced tells its rate", what_is_paced_tells_its_rate},
        {"a segment that is not used says why", a_segment_that_is_not_used_says_why},
        {"a closed port resets", a_closed_port_resets},
        {"records name their frame", records_name_their_frame},
        {"what ends is CLOSED beside its listener", what_ends_is_closed_beside_its_listener},
        {"the answer to a crossed SYN is no retransmission",
         the_answer_to_a_crossed_syn_is_no_retransmission},
        {"TIME_WAIT acknowledges a FIN and challenges what is old",
         time_wait_acknowledges_a_fin_and_challenges_what_is_old},
        {"a reset in TIME_WAIT is seen there", a_reset_in_time_wait_is_seen_there},
    };
    return UNIT_MAIN("tcp_trace", tests);
}
