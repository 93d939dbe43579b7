/* The arithmetic of recovery on a connection made by hand: PRR (RFC 6937 3.1), undo (RFC 3522, RFC
 * 3708, RFC 4015), and what a sample of the delivery rate begins with. */
#include "tcp/delivery.h"
#include "tcp/prr.h"
#include "tcp/undo.h"

#include "unit.h"

#define MSS 1000

static struct rill_tcp_config config = {.initial_window = 10};
static struct rill_counters counters;
static struct memory memory;
static struct tcp machine;
static struct tcp_conn conn;
static struct tcp_busy busy;

/* So many segments are out, sent now. */
static void begin(uint32_t segments)
{
    counters = (struct rill_counters){0};
    memory = (struct memory){.budget = 1 << 20};
    machine = (struct tcp){
        .config = &config, .counters = &counters, .memory = &memory, .now = RILL_SECONDS(1)};
    busy = (struct tcp_busy){.recovery.point = 1};
    conn = (struct tcp_conn){.busy = &busy, .sack = true, .mss = MSS, .cc = 0};
    conn.snd.una = conn.snd.nxt = 1;
    conn.window = (struct cc_window){20 * MSS, 10 * MSS};
    for (uint32_t i = 0; i < segments; i++) {
        struct flight_record r = {.from = conn.snd.nxt, .length = MSS, .sent_at = machine.now};
        CU_ASSERT_TRUE_FATAL(flight_append(&conn.flight, &memory, &r));
        conn.snd.nxt += MSS;
    }
}

static void end(void)
{
    flight_clear(&conn.flight, &memory);
    CU_ASSERT_EQUAL(memory.used, 0);
}

/* One segment more is SACKed; returns how many may leave. */
static uint32_t one_arrives(uint32_t index, uint32_t lost)
{
    flight_set_sacked(&conn.flight, index);
    struct ack_sample ack = {.delivered = MSS, .lost = lost, .flight = 20 * MSS};
    prr_take_ack(&conn, &ack);
    return (conn.window.cwnd - conn_in_flight(&conn)) / MSS;
}

static void prr_sends_in_proportion(void) /* ssthresh / RecoverFS = 1 / 2 */
{
    begin(20);
    prr_start(&conn, &(struct ack_sample){.flight = 20 * MSS});
    busy.recovery.state = RECOVERY_FAST;
    flight_set_lost(&conn.flight, 0);
    uint32_t sent = 0;
    for (uint32_t i = 1; i <= 9; i++) {
        uint32_t now = one_arrives(i, i == 1 ? MSS : 0);
        prr_sent(&conn, now * MSS);
        sent += now;
        CU_ASSERT_EQUAL(sent, i == 1 ? 1 : i / 2); /* the first repair goes in any case */
    }
    end();
}

/* What was SACKed before recovery began is never delivered again: all but two of 40 segments are to
 * be replaced by 28 (RFC 9937 6.1). */
static void prr_leaves_out_what_was_sacked_before(void)
{
    begin(40);
    conn.window = (struct cc_window){40 * MSS, 28 * MSS};
    flight_set_sacked(&conn.flight, 1);
    flight_set_sacked(&conn.flight, 2);
    flight_set_lost(&conn.flight, 0);
    prr_start(&conn, &(struct ack_sample){.flight = 40 * MSS});
    busy.recovery.state = RECOVERY_FAST;
    CU_ASSERT_EQUAL(busy.prr.recover_flight, 38 * MSS);
    uint32_t sent = 0;
    for (uint32_t i = 3; i < 10; i++) {
        uint32_t now = one_arrives(i, i == 3 ? MSS : 0);
        prr_sent(&conn, now * MSS);
        sent += now;
    }
    CU_ASSERT_EQUAL(sent, 5);
    end();
}

/* The repair waits for its time: the next ACK does not take its place away (RFC 9937 6.2). */
static void prr_keeps_the_place_of_the_first_repair(void)
{
    begin(20);
    conn.window.ssthresh = 8 * MSS;
    prr_start(&conn, &(struct ack_sample){.flight = 20 * MSS});
    busy.recovery.state = RECOVERY_FAST;
    flight_set_lost(&conn.flight, 0);
    CU_ASSERT_EQUAL(one_arrives(1, MSS), 1);
    CU_ASSERT_EQUAL(one_arrives(2, 0), 1);
    end();
}

static void prr_is_bound_by_what_arrives(void) /* CRB: pipe is far below ssthresh */
{
    begin(20);
    prr_start(&conn, &(struct ack_sample){.flight = 20 * MSS});
    busy.recovery.state = RECOVERY_FAST;
    for (uint32_t i = 0; i < 15; i++)
        flight_set_lost(&conn.flight, i);
    for (uint32_t i = 15; i < 20; i++) {
        CU_ASSERT_EQUAL(one_arrives(i, i == 15 ? 15 * MSS : 0), 1);
        prr_sent(&conn, MSS);
    }
    end();
}

static void prr_slow_starts_where_nothing_more_is_lost(void) /* SSRB */
{
    begin(20);
    prr_start(&conn, &(struct ack_sample){.flight = 20 * MSS});
    for (uint32_t i = 0; i < 19; i++)
        flight_set_lost(&conn.flight, i);
    prr_take_ack(&conn, &(struct ack_sample){.delivered = MSS, .una_advanced = true});
    CU_ASSERT_EQUAL(conn.window.cwnd - conn_in_flight(&conn), 2 * MSS);
    end();
}

/* Five ACKs without losses have let ten segments leave; then more is found lost (RFC 9937). */
static void prr_sends_what_arrives_after_a_slow_start(void)
{
    begin(20);
    prr_start(&conn, &(struct ack_sample){.flight = 20 * MSS});
    busy.recovery.state = RECOVERY_FAST;
    for (uint32_t i = 0; i < 17; i++)
        flight_set_lost(&conn.flight, i);
    for (uint32_t i = 0; i < 5; i++) {
        prr_take_ack(&conn, &(struct ack_sample){.delivered = MSS, .una_advanced = true});
        prr_sent(&conn, 2 * MSS);
    }
    CU_ASSERT_EQUAL(one_arrives(17, MSS), 1);
    end();
}

static struct ack_sample told_twice(position from, position to)
{
    return (struct ack_sample){.now = machine.now,
                               .duplicates_reported = (uint32_t)(to - from) / MSS,
                               .twice = {from, to}};
}

static void undo_waits_for_every_duplicate_and_no_other(void) /* RFC 3708 */
{
    begin(10);
    undo_start(&conn, &(struct ack_sample){.flight = 10 * MSS});
    undo_sent_again(&machine, &conn, 1 + MSS);
    undo_sent_again(&machine, &conn, 1 + 2 * MSS);
    struct ack_sample first = told_twice(1, 1 + MSS), beyond = told_twice(1 + 4 * MSS, 1 + 6 * MSS);
    undo_take_ack(&machine, &conn, &first);
    CU_ASSERT_FALSE(undo_is_due(&conn, &first));
    undo_take_ack(&machine, &conn, &beyond); /* two, but never sent again */
    CU_ASSERT_FALSE(undo_is_due(&conn, &beyond));
    CU_ASSERT_EQUAL(counters.value[RILL_TcpExtTCPDSACKIgnoredOld], 1);
    struct ack_sample second = told_twice(1 + MSS, 1 + 2 * MSS);
    undo_take_ack(&machine, &conn, &second);
    CU_ASSERT_TRUE(undo_is_due(&conn, &second));
    end();
}

static void nothing_sent_again_is_nothing_lost(void)
{
    begin(4);
    struct ack_sample ack = {.now = machine.now, .una_advanced = true};
    undo_start(&conn, &(struct ack_sample){.flight = 4 * MSS});
    CU_ASSERT_TRUE(undo_was_late(&conn, &ack));
    undo_sent_again(&machine, &conn, 1 + MSS);
    CU_ASSERT_FALSE(undo_was_late(&conn, &ack)); /* no timestamps say more */
    end();
}

static void a_mark_keeps_cwnd_reduced(void) /* RFC 4015 3.4 */
{
    begin(10);
    undo_start(&conn, &(struct ack_sample){.flight = 10 * MSS});
    conn.window = (struct cc_window){8 * MSS, 5 * MSS};
    undo_take_ack(&machine, &conn, &(struct ack_sample){.echoed = true});
    undo(&machine, &conn, &(struct ack_sample){0});
    CU_ASSERT_EQUAL(conn.window.cwnd, 5 * MSS);
    CU_ASSERT_EQUAL(conn.window.ssthresh, 5 * MSS);
    end();
}

static void a_time_out_is_reversed_by_slow_start(void) /* RFC 4015 steps 0 and 9 */
{
    begin(10);
    conn.window.ssthresh = CC_NO_THRESHOLD;
    undo_start(&conn, &(struct ack_sample){.flight = 10 * MSS});
    undo_timed_out(&conn);
    conn.window = (struct cc_window){MSS, 5 * MSS};
    undo(&machine, &conn, &(struct ack_sample){.acked = 2 * MSS});
    CU_ASSERT_EQUAL(conn.window.cwnd, 12 * MSS); /* FlightSize + min(bytes acked, IW) */
    CU_ASSERT_EQUAL(conn.window.ssthresh, CC_NO_THRESHOLD);
    end();
}

static void what_leaves_together_after_a_pause_begins_a_sample(void)
{
    begin(4);
    busy.delivery = (struct delivery){.total = 7, .first_sent_at = 1, .delivered_at = 1};
    delivery_sent(&machine, &conn, 0, 4);
    for (uint32_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(flight_sample_at(&conn.flight, i)->delivered_at, machine.now);
    machine.now += RILL_SECONDS(1);
    busy.delivery.delivered_at = machine.now;
    delivery_sent(&machine, &conn, 3, 1); /* the others are still on their way */
    CU_ASSERT_EQUAL(flight_sample_at(&conn.flight, 3)->first_sent_at, RILL_SECONDS(1));
    end();
}

static void the_first_of_a_flight_keeps_its_sample(void) /* it lay in the connection until now */
{
    begin(1);
    delivery_sent(&machine, &conn, 0, 1);
    struct flight_record r = {.from = conn.snd.nxt, .length = MSS, .sent_at = machine.now};
    CU_ASSERT_TRUE_FATAL(flight_append(&conn.flight, &memory, &r));
    conn.snd.nxt += MSS;
    machine.now += RILL_SECONDS(1);
    delivery_sent(&machine, &conn, 1, 1);
    CU_ASSERT_EQUAL(flight_sample_at(&conn.flight, 0)->delivered_at, RILL_SECONDS(1));
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"PRR sends in proportion", prr_sends_in_proportion},
        {"PRR leaves out what was SACKed before", prr_leaves_out_what_was_sacked_before},
        {"PRR keeps the place of the first repair", prr_keeps_the_place_of_the_first_repair},
        {"PRR is bound by what arrives", prr_is_bound_by_what_arrives},
        {"PRR slow-starts where nothing more is lost", prr_slow_starts_where_nothing_more_is_lost},
        {"PRR sends what arrives after a slow start", prr_sends_what_arrives_after_a_slow_start},
        {"undo waits for every duplicate and no other",
         undo_waits_for_every_duplicate_and_no_other},
        {"nothing sent again is nothing lost", nothing_sent_again_is_nothing_lost},
        {"a mark keeps cwnd reduced", a_mark_keeps_cwnd_reduced},
        {"a time-out is reversed by slow start", a_time_out_is_reversed_by_slow_start},
        {"what leaves together after a pause begins a sample",
         what_leaves_together_after_a_pause_begins_a_sample},
        {"the first of a flight keeps its sample", the_first_of_a_flight_keeps_its_sample},
    };
    return UNIT_MAIN("recovery", tests);
}
