/* The trace ring, and the tables of names. */
#include "base/trace.h"

#include "unit.h"

#include <rill/counters.h>
#include <string.h>

#define RECORDS 8

static struct memory memory;
static struct trace trace;
static uint64_t place;

static void begin(unsigned records)
{
    memory = (struct memory){.budget = 1 << 16};
    place = 0;
    CU_ASSERT_FATAL(trace_init(&trace, &memory, records));
}

static void end(void)
{
    trace_end(&trace, &memory);
    CU_ASSERT_FALSE(trace_on(&trace));
    CU_ASSERT_EQUAL(memory.used, 0);
}

/* Writes records whose seq counts from `first`. */
static void write(int first, int count)
{
    for (int i = first; i < first + count; i++)
        trace_write(&trace, &(struct rill_trace_record){.seq = i, .port = 3});
}

/* Reads up to max records; true where exactly `count` came, numbered from `first`. */
static bool reads(unsigned max, int first, unsigned count, uint64_t expected_lost)
{
    struct rill_trace_record out[2 * RECORDS];
    uint64_t lost = 99;
    if (trace_read(&trace, &place, out, max, &lost) != count || lost != expected_lost)
        return false;
    for (unsigned i = 0; i < count; i++)
        if (out[i].seq != first + (int)i || out[i].port != 3)
            return false;
    return true;
}

static void no_records_means_off(void)
{
    begin(0);
    CU_ASSERT_FALSE(trace_on(&trace));
    CU_ASSERT_EQUAL(memory.used, 0);
    CU_ASSERT(reads(4, 0, 0, 0));
    end();
}

static void room_is_rounded_up_to_a_power_of_two(void)
{
    begin(RECORDS - 3);
    CU_ASSERT(trace_on(&trace));
    CU_ASSERT_EQUAL(memory.used, RECORDS * sizeof(struct rill_trace_record));
    write(0, RECORDS);
    CU_ASSERT(reads(2 * RECORDS, 0, RECORDS, 0));
    end();
}

static void records_are_read_once_oldest_first(void)
{
    begin(RECORDS);
    write(0, 5);
    CU_ASSERT(reads(3, 0, 3, 0));
    CU_ASSERT(reads(3, 3, 2, 0));
    CU_ASSERT(reads(3, 0, 0, 0));
    write(5, 7); /* wraps */
    CU_ASSERT(reads(2 * RECORDS, 5, 7, 0));
    end();
}

static void what_was_overwritten_unread_is_counted_once(void)
{
    begin(RECORDS);
    write(0, RECORDS + 3);
    CU_ASSERT(reads(4, 3, 4, 3));
    CU_ASSERT(reads(2 * RECORDS, 7, 4, 0));
    write(100, 5 * RECORDS);
    CU_ASSERT(reads(2 * RECORDS, 100 + 4 * RECORDS, RECORDS, 4 * RECORDS));
    end();
}

static void each_reader_has_a_place_of_its_own(void)
{
    begin(RECORDS);
    write(0, 5);
    CU_ASSERT(reads(3, 0, 3, 0));
    uint64_t first = place;
    place = 0;
    CU_ASSERT(reads(2 * RECORDS, 0, 5, 0));
    place = first;
    CU_ASSERT(reads(2 * RECORDS, 3, 2, 0));
    end();
}

static void nobody_need_ask_what_was_lost(void)
{
    struct rill_trace_record out[RECORDS];
    begin(RECORDS);
    write(0, RECORDS + 1);
    CU_ASSERT_EQUAL(trace_read(&trace, &place, out, RECORDS, NULL), RECORDS);
    CU_ASSERT_EQUAL(out[0].seq, 1);
    end();
}

static void no_memory_means_off(void)
{
    memory = (struct memory){.budget = 100};
    CU_ASSERT_FALSE(trace_init(&trace, &memory, 1000));
    CU_ASSERT_FALSE(trace_on(&trace));
    end();
}

static void everything_is_called_what_the_lists_say(void)
{
    CU_ASSERT_STRING_EQUAL(rill_tcp_state_name(RILL_TCP_CLOSED), "CLOSED");
    CU_ASSERT_STRING_EQUAL(rill_tcp_state_name(RILL_TCP_TIME_WAIT), "TIME_WAIT");
    CU_ASSERT_STRING_EQUAL(rill_drop_name(RILL_DROP_TCP_CHECKSUM), "TCP_CHECKSUM");
    CU_ASSERT_STRING_EQUAL(rill_drop_text(RILL_DROP_TCP_CHECKSUM), "TCP checksum wrong");
    CU_ASSERT_STRING_EQUAL(rill_drop_text(RILL_DROP_UNREACHABLE), "next hop unresolved");
    CU_ASSERT_STRING_EQUAL(rill_event_name(RILL_EVENT_LOSS), "LOSS");
    CU_ASSERT_STRING_EQUAL(rill_reason_text(RILL_REASON_NONE), "");
    CU_ASSERT_STRING_EQUAL(rill_reason_text(RILL_REASON_ICMP), "an ICMP error");
    CU_ASSERT_STRING_EQUAL(rill_counter_name(RILL_IpInReceives), "IpInReceives");
    CU_ASSERT_STRING_EQUAL(rill_counter_name(RILL_TcpExtTCPRcvQDrop), "TcpExtTCPRcvQDrop");
}

static void a_number_that_names_nothing_is_a_question_mark(void)
{
    CU_ASSERT_STRING_EQUAL(rill_tcp_state_name(RILL_TCP_STATE_COUNT), "?");
    CU_ASSERT_STRING_EQUAL(rill_drop_name(RILL_DROP_COUNT), "?");
    CU_ASSERT_STRING_EQUAL(rill_drop_text(RILL_DROP_COUNT), "?");
    CU_ASSERT_STRING_EQUAL(rill_event_name((enum rill_event)255), "?");
    CU_ASSERT_STRING_EQUAL(rill_reason_text((enum rill_reason)255), "?");
    CU_ASSERT_STRING_EQUAL(rill_counter_name((enum rill_counter)RILL_COUNTER_COUNT), "?");
}

static const struct unit_test tests[] = {
    {"no records means off", no_records_means_off},
    {"room is rounded up to a power of two", room_is_rounded_up_to_a_power_of_two},
    {"records are read once, oldest first", records_are_read_once_oldest_first},
    {"what was overwritten unread is counted once", what_was_overwritten_unread_is_counted_once},
    {"each reader has a place of its own", each_reader_has_a_place_of_its_own},
    {"nobody need ask what was lost", nobody_need_ask_what_was_lost},
    {"no memory means off", no_memory_means_off},
    {"everything is called what the lists say", everything_is_called_what_the_lists_say},
    {"a number that names nothing is a question mark",
     a_number_that_names_nothing_is_a_question_mark},
};

int main(void)
{
    return UNIT_MAIN("trace", tests);
}
