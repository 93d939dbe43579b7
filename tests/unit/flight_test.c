/* The records of what is in flight, against a naive list at random, and where memory fails. */
#include "tcp/flight.h"

#include "base/bytes.h"
#include "base/hash.h"

#include "unit.h"

#define MOST 200

/* The naive model: an array, moved and summed each time. */
struct naive {
    struct flight_record record[MOST + 1];
    uint32_t count;
    position una, nxt;
};

static struct memory memory;
static struct flight flight;
static struct naive naive;
static struct random dice;
static rill_time clock_now; /* no two transmissions at the same time */

static uint32_t below(uint32_t n)
{
    return (uint32_t)random_below(&dice, n);
}

static uint32_t naive_sum(bool lost)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < naive.count; i++)
        if (lost ? naive.record[i].lost : naive.record[i].sacked)
            sum += naive.record[i].length;
    return sum;
}

static uint32_t naive_find(position p)
{
    for (uint32_t i = 0; i < naive.count; i++)
        if (p >= naive.record[i].from && p < naive.record[i].from + naive.record[i].length)
            return i;
    return naive.count;
}

static uint32_t naive_first_lost(void)
{
    uint32_t i = 0;
    while (i < naive.count && !naive.record[i].lost)
        i++;
    return i;
}

static uint32_t naive_sent_first(void)
{
    uint32_t first = naive.count;
    for (uint32_t i = 0; i < naive.count; i++) {
        const struct flight_record *r = &naive.record[i];
        bool earlier = first == naive.count || r->sent_at < naive.record[first].sent_at;
        if (!r->sacked && !r->lost && earlier)
            first = i;
    }
    return first;
}

static void compare(void)
{
    CU_ASSERT_EQUAL_FATAL(flight_count(&flight), naive.count);
    for (uint32_t i = 0; i < naive.count; i++) {
        const struct flight_record *a = flight_at(&flight, i), *b = &naive.record[i];
        bool same = a->from == b->from && a->length == b->length && a->sent_at == b->sent_at &&
                    a->sacked == b->sacked && a->lost == b->lost &&
                    a->retransmitted == b->retransmitted;
        CU_ASSERT_TRUE_FATAL(same);
    }
    CU_ASSERT_EQUAL_FATAL(flight_sacked(&flight), naive_sum(false));
    CU_ASSERT_EQUAL_FATAL(flight_lost(&flight), naive_sum(true));
    CU_ASSERT_EQUAL_FATAL(flight_first_lost(&flight), naive_first_lost());
    CU_ASSERT_EQUAL_FATAL(flight_sent_first(&flight), naive_sent_first());
    position p = naive.una - 2 + below((uint32_t)(naive.nxt - naive.una) + 4);
    CU_ASSERT_EQUAL_FATAL(flight_find(&flight, p), naive_find(p));
    flight_check(&flight, naive.una, naive.nxt);
}

static void append(uint32_t length)
{
    struct flight_record r = {.from = naive.nxt, .length = length, .sent_at = ++clock_now};
    if (naive.count == MOST || !flight_append(&flight, &memory, &r))
        return;
    naive.record[naive.count++] = r;
    naive.nxt += length;
}

static void acknowledge(position una)
{
    uint32_t gone = 0, went = 0;
    while (flight_acknowledge(&flight, una))
        went++;
    for (; gone < naive.count; gone++) {
        struct flight_record *r = &naive.record[gone];
        if (r->from + r->length > una) {
            r->length -= r->from < una ? (uint32_t)(una - r->from) : 0;
            r->from = max_of(r->from, una);
            break;
        }
    }
    naive.count -= gone;
    memmove(naive.record, naive.record + gone, naive.count * sizeof *naive.record);
    naive.una = una;
    CU_ASSERT_EQUAL_FATAL(went, gone);
}

static void split(uint32_t i)
{
    struct flight_record *r = &naive.record[i];
    if (r->length < 2 || naive.count == MOST)
        return;
    uint32_t front = 1 + below(r->length - 1);
    if (!flight_split(&flight, &memory, i, r->from + front))
        return;
    memmove(r + 1, r, (naive.count++ - i) * sizeof *r);
    r[0].length = front;
    r[1].from += front;
    r[1].length -= front;
}

static void mark(uint32_t kind, uint32_t i)
{
    struct flight_record *r = &naive.record[i];
    if (kind == 0) {
        flight_set_sacked(&flight, i);
        r->sacked = true;
        r->lost = false;
    } else if (kind == 1) {
        flight_set_lost(&flight, i);
        r->lost = !r->sacked;
    } else if (!r->sacked) {
        flight_set_resent(&flight, i, ++clock_now);
        r->lost = false;
        r->retransmitted = true;
        r->sent_at = clock_now;
    }
}

static void lose_all(void)
{
    flight_set_all_lost(&flight);
    for (uint32_t i = 0; i < naive.count; i++) {
        naive.record[i].lost = true;
        naive.record[i].sacked = false;
    }
}

static void forget_lost(void)
{
    flight_forget_lost(&flight);
    for (uint32_t i = 0; i < naive.count; i++)
        naive.record[i].lost = false;
}

static void step(void)
{
    uint32_t what = below(20);
    if (what < 8)
        append(1 + below(1460));
    else if (what < 11)
        acknowledge(naive.una + below((uint32_t)(naive.nxt - naive.una) / (1 + below(9)) + 1));
    else if (what == 11)
        flight_settle(&flight, &memory);
    else if (what == 12 && below(8) == 0)
        lose_all();
    else if (what == 12 && below(4) == 0)
        forget_lost();
    else if (what == 13 && naive.count)
        split(below(naive.count));
    else if (what > 13 && naive.count)
        mark(what % 3, below(naive.count));
}

static void begin(uint64_t seed, size_t budget)
{
    memory = (struct memory){.budget = budget};
    flight = (struct flight){0};
    naive = (struct naive){.una = 1, .nxt = 1};
    random_seed(&dice, seed);
}

static void end(void)
{
    flight_clear(&flight, &memory);
    CU_ASSERT_EQUAL(memory.used, 0);
    CU_ASSERT_EQUAL(flight_count(&flight), 0);
}

static void it_is_the_naive_list(void)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin(seed, 1 << 20);
        for (int i = 0; i < 2000; i++) {
            step();
            compare();
        }
        end();
    }
}

static void where_memory_fails_nothing_has_changed(void)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin(seed, 1 << 20);
        for (int i = 0; i < 1000; i++) {
            memory.fails_in = below(3);
            step();
            compare();
        }
        end();
    }
}

static void one_record_needs_no_memory(void)
{
    begin(1, 0); /* no budget at all */
    for (int i = 0; i < 5; i++) {
        append(100);
        CU_ASSERT_EQUAL(naive.count, 1);
        append(1);
        CU_ASSERT_EQUAL(naive.count, 1); /* a second one does */
        mark(1, 0);
        compare();
        mark(2, 0);
        acknowledge(naive.nxt);
        compare();
    }
    end();
}

static void settling_gives_the_ring_back(void)
{
    begin(1, 1 << 20);
    for (int i = 0; i < 10; i++)
        append(100);
    CU_ASSERT(memory.used > 0);
    acknowledge(850);
    flight_settle(&flight, &memory);
    CU_ASSERT(memory.used > 0); /* two are left */
    acknowledge(950);
    mark(1, 0);
    flight_settle(&flight, &memory);
    CU_ASSERT_EQUAL(memory.used, 0);
    compare();
    end();
}

#define APPENDED (FLIGHT_MAX - FLIGHT_SPARE)

/* As many as there may be, of so many bytes each. */
static void append_all(uint32_t length)
{
    struct flight_record r = {.from = 1, .length = length};
    for (uint32_t i = 0; i < APPENDED; i++, r.from += length) {
        r.sent_at = ++clock_now;
        CU_ASSERT_TRUE_FATAL(flight_append(&flight, &memory, &r));
    }
    CU_ASSERT_FALSE(flight_reserve(&flight, &memory, true)); /* the bound */
    CU_ASSERT_FALSE(flight_append(&flight, &memory, &r));
}

static void acknowledge_all(void)
{
    while (flight_acknowledge(&flight, INT64_MAX))
        continue;
    end();
}

/* The front half was sent again after the back half: what a search from either end would need 2^28
 * steps for. */
static void the_order_of_transmission_is_restored_however_long_it_is(void)
{
    begin(1, 16 << 20);
    append_all(1);
    for (uint32_t i = APPENDED / 2; i-- > 0;)
        flight_set_resent(&flight, i, ++clock_now);
    flight_set_all_lost(&flight);
    CU_ASSERT_EQUAL(flight_sent_first(&flight), APPENDED); /* nothing is on its way */
    flight_forget_lost(&flight);
    CU_ASSERT_EQUAL(flight_sent_first(&flight), APPENDED / 2);
    flight_check(&flight, 1, 1 + APPENDED); /* all of it, in order */
    acknowledge_all();
}

/* The path of a full flight has become narrower, and nothing of it will be acknowledged but what is
 * cut: the oldest can be, whatever the others have used up, and however often. */
static void the_oldest_can_always_be_cut(void)
{
    begin(1, 16 << 20);
    append_all(1000);
    flight_set_all_lost(&flight);
    uint32_t cuts = 0;
    while (flight_split(&flight, &memory, 1 + cuts, 1002 + cuts))
        cuts++;
    CU_ASSERT_EQUAL(cuts, FLIGHT_SPARE - FLIGHT_LAST);
    for (position mtu = FLIGHT_LAST; mtu > 0; mtu--)
        CU_ASSERT(flight_split(&flight, &memory, 0, 1 + mtu));
    flight_check(&flight, 1, 1 + 1000 * APPENDED);
    acknowledge_all();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"it is the naive list", it_is_the_naive_list},
        {"where memory fails nothing has changed", where_memory_fails_nothing_has_changed},
        {"one record needs no memory", one_record_needs_no_memory},
        {"settling gives the ring back", settling_gives_the_ring_back},
        {"the order of transmission is restored, however long it is",
         the_order_of_transmission_is_restored_however_long_it_is},
        {"the oldest can always be cut", the_oldest_can_always_be_cut},
    };
    return UNIT_MAIN("flight", tests);
}
