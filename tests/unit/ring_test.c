/* Byte rings: against a flat array of the whole stream, with holes, and with memory running out. */
#include "base/ring.h"

#include "base/hash.h"
#include "unit.h"

#include <stdlib.h>

#define BUDGET ((size_t)4 << 20)

static struct memory memory;
static struct rings rings;

static void begin(size_t budget)
{
    memory = (struct memory){.budget = budget};
    rings_init(&rings, &memory);
}

static void end(struct ring **r)
{
    ring_release(&rings, r);
    CU_ASSERT_PTR_NULL(*r);
    CU_ASSERT_EQUAL(memory.used, rings.free_bytes);
    rings_end(&rings);
    CU_ASSERT_EQUAL(memory.used, 0);
}

/* The byte that every test writes at position p. */
static uint8_t byte_at(position p)
{
    return (uint8_t)(p * 31 + p / 256 * 7);
}

static void put(struct ring *r, position from, position to)
{
    uint8_t *bytes = malloc((size_t)(to - from) + 1);
    for (position p = from; p < to; p++)
        bytes[p - from] = byte_at(p);
    ring_put(r, from, span_of(bytes, (size_t)(to - from)));
    free(bytes);
}

/* Whether both ring_get and ring_peek give back what put wrote. */
static bool reads_back(const struct ring *r, position from, position to)
{
    size_t length = (size_t)(to - from);
    uint8_t *bytes = malloc(length + 1);
    struct rill_span part[2];
    ring_get(r, from, bytes, length);
    unsigned parts = ring_peek(r, from, length, part);
    bool good = part[0].length + part[1].length == length;
    for (unsigned i = 0; i < 2; i++)
        good = good && (i < parts) == (part[i].length > 0);
    for (size_t i = 0; good && i < length; i++) {
        const uint8_t *shown =
            i < part[0].length ? part[0].at + i : part[1].at + (i - part[0].length);
        good = bytes[i] == byte_at(from + (position)i) && *shown == bytes[i];
    }
    free(bytes);
    return good;
}

static void an_empty_stretch_takes_no_ring(void)
{
    struct ring *r = NULL;
    begin(BUDGET);
    CU_ASSERT(ring_reserve(&rings, &r, 5, 5));
    CU_ASSERT_PTR_NULL(r);
    CU_ASSERT_EQUAL(memory.used, 0);
    end(&r);
}

static void a_ring_is_as_large_as_what_lies_in_it(void)
{
    static const struct {
        position length;
        uint32_t capacity;
    } row[] = {{1, 2048}, {2048, 2048}, {2049, 4096}, {4096, 4096}, {100000, 131072}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct ring *r = NULL;
        begin(BUDGET);
        CU_ASSERT_FATAL(ring_reserve(&rings, &r, 1000, 1000 + row[i].length));
        CU_ASSERT_EQUAL(r->capacity, row[i].capacity);
        end(&r);
    }
}

static void bytes_come_back_across_the_wrap(void)
{
    struct ring *r = NULL;
    struct rill_span part[2];
    begin(BUDGET);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 1, 2049));
    put(r, 1, 2049);
    CU_ASSERT_EQUAL(ring_peek(r, 1, 2048, part), 1);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 1001, 3049));
    CU_ASSERT_EQUAL(r->capacity, 2048); /* what lies below head is dead */
    put(r, 2049, 3049);
    CU_ASSERT_EQUAL(r->high, 3049);
    CU_ASSERT(reads_back(r, 1001, 3049));
    CU_ASSERT_EQUAL(ring_peek(r, 1001, 2048, part), 2);
    CU_ASSERT_EQUAL(part[0].length, 1048);
    CU_ASSERT_EQUAL(ring_peek(r, 2049, 10, part), 1);
    CU_ASSERT_EQUAL(ring_peek(r, 2049, 0, part), 0);
    end(&r);
}

static void growing_keeps_what_lies_from_head_to_high(void)
{
    struct ring *r = NULL;
    begin(BUDGET);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 1, 2049));
    put(r, 1, 2049);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 2000, 4000));
    put(r, 3000, 4000); /* wrapped, with a hole before it */
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 2000, 9000));
    CU_ASSERT_EQUAL(r->capacity, 8192);
    CU_ASSERT_EQUAL(r->origin, 2000);
    CU_ASSERT_EQUAL(r->high, 4000);
    CU_ASSERT(reads_back(r, 2000, 2049));
    CU_ASSERT(reads_back(r, 3000, 4000));
    put(r, 2049, 3000);
    put(r, 4000, 9000);
    CU_ASSERT(reads_back(r, 2000, 9000));
    end(&r);
}

static void high_never_falls_while_something_lies_in_the_ring(void)
{
    struct ring *r = NULL;
    begin(BUDGET);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 1, 1001));
    put(r, 500, 1001);
    put(r, 1, 100);
    CU_ASSERT_EQUAL(r->high, 1001);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 50, 100));
    CU_ASSERT_EQUAL(r->high, 1001);
    CU_ASSERT(reads_back(r, 500, 1001));
    end(&r);
}

static void an_emptied_ring_begins_again_in_the_warm_bytes(void)
{
    struct ring *r = NULL;
    struct rill_span part[2];
    begin(BUDGET);
    for (position head = 1; head < 100000; head += 700) {
        CU_ASSERT_FATAL(ring_reserve(&rings, &r, head, head + 700));
        put(r, head, head + 700);
        CU_ASSERT_EQUAL(ring_peek(r, head, 700, part), 1);
        CU_ASSERT_PTR_EQUAL(part[0].at, r->data);
        CU_ASSERT(reads_back(r, head, head + 700));
    }
    CU_ASSERT_EQUAL(r->capacity, 2048);
    end(&r);
}

static void head_may_pass_what_was_never_written(void)
{
    struct ring *r = NULL;
    begin(BUDGET);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 1, 101));
    put(r, 1, 101);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 102, 9000)); /* and grows at once */
    CU_ASSERT_EQUAL(r->high, 102);
    put(r, 102, 9000);
    CU_ASSERT(reads_back(r, 102, 9000));
    end(&r);
}

static void no_memory_leaves_the_ring_as_it_was(void)
{
    struct ring *r = NULL;
    begin(BUDGET);
    memory.fails_in = 1;
    CU_ASSERT_FALSE(ring_reserve(&rings, &r, 1, 100));
    CU_ASSERT_PTR_NULL(r);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 1, 2049));
    put(r, 1, 2049);
    struct ring *before = r;
    memory.fails_in = 1;
    CU_ASSERT_FALSE(ring_reserve(&rings, &r, 1, 2050));
    CU_ASSERT_FALSE(ring_reserve(&rings, &r, 1, 1 + (position)BUDGET)); /* never fits */
    CU_ASSERT_FALSE(ring_reserve(&rings, &r, 1, (position)1 << 40));    /* no class for it */
    CU_ASSERT_PTR_EQUAL(r, before);
    CU_ASSERT(reads_back(r, 1, 2049));
    end(&r);
}

static void freed_rings_are_reused(void)
{
    struct ring *r = NULL;
    begin(BUDGET);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 1, 5000));
    struct ring *first = r;
    size_t used = memory.used;
    ring_release(&rings, &r);
    CU_ASSERT_EQUAL(rings.free_bytes, used);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 77, 78)); /* another class */
    CU_ASSERT_PTR_NOT_EQUAL(r, first);
    ring_release(&rings, &r);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 90000, 98000));
    CU_ASSERT_PTR_EQUAL(r, first);
    CU_ASSERT_EQUAL(r->origin, 90000);
    CU_ASSERT_EQUAL(r->high, 90000);
    put(r, 90000, 98000);
    CU_ASSERT(reads_back(r, 90000, 98000));
    end(&r);
}

static void what_outgrows_its_ring_takes_a_free_one_with_room_to_spare(void)
{
    begin(BUDGET);
    struct ring *large = NULL, *huge = NULL, *r = NULL;
    CU_ASSERT(ring_reserve(&rings, &large, 0, 32 << 10));
    CU_ASSERT(ring_reserve(&rings, &huge, 0, 128 << 10));
    ring_release(&rings, &large);
    ring_release(&rings, &huge);
    size_t used = memory.used;
    CU_ASSERT(ring_reserve(&rings, &r, 0, 100));
    CU_ASSERT_EQUAL(r->capacity, RING_SMALLEST); /* it may stay small */
    put(r, 0, 100);
    CU_ASSERT(ring_reserve(&rings, &r, 0, 3000));
    CU_ASSERT_EQUAL(r->capacity, 32 << 10); /* 128 KB would be more than 16 times 4 KB */
    CU_ASSERT(reads_back(r, 0, 100));
    CU_ASSERT_EQUAL(memory.used, used + sizeof *r + RING_SMALLEST);
    end(&r);
}

static void what_is_expected_takes_a_free_ring_that_holds_it(void)
{
    struct ring *r = NULL, *large = NULL;
    begin(BUDGET);
    ring_expect(&rings, &r, 5, 60000);
    CU_ASSERT_PTR_NULL(r); /* none is free, and none is made for a hope */
    CU_ASSERT_TRUE_FATAL(ring_reserve(&rings, &large, 0, 60000));
    put(large, 0, 60000);
    CU_ASSERT_EQUAL(ring_held_max(large), 60000);
    struct ring *was = large;
    ring_release(&rings, &large);
    ring_expect(&rings, &r, 5, RING_SMALLEST);
    CU_ASSERT_PTR_NULL(r); /* it is no matter */
    ring_expect(&rings, &r, 5, 60000);
    CU_ASSERT_PTR_EQUAL_FATAL(r, was);
    CU_ASSERT_TRUE(ring_reserve(&rings, &r, 5, 60005));
    CU_ASSERT_PTR_EQUAL(r, was);
    CU_ASSERT_EQUAL(ring_held_max(r), 0);
    put(r, 5, 60005);
    CU_ASSERT(reads_back(r, 5, 60005));
    CU_ASSERT_TRUE(ring_reserve(&rings, &large, 0, 10000));
    ring_release(&rings, &large);
    ring_expect(&rings, &r, 5, 10000);
    CU_ASSERT_PTR_EQUAL(r, was); /* who has one keeps it */
    end(&r);
}

static void free_lists_keep_a_quarter_of_the_budget(void)
{
    enum { COUNT = 200 };
    struct ring *r[COUNT] = {0};
    begin(1 << 20);
    for (int i = 0; i < COUNT; i++)
        CU_ASSERT_FATAL(ring_reserve(&rings, &r[i], 0, 2048));
    for (int i = 0; i < COUNT; i++)
        ring_release(&rings, &r[i]);
    CU_ASSERT(rings.free_bytes > (1 << 18) - 3000);
    CU_ASSERT(rings.free_bytes <= 1 << 18);
    end(&r[0]);
}

static void free_rings_give_way_to_whatever_needs_room(void)
{
    struct ring *r = NULL;
    begin(10000);
    CU_ASSERT_FATAL(ring_reserve(&rings, &r, 0, 2048));
    ring_release(&rings, &r);
    CU_ASSERT(rings.free_bytes > 2048);
    void *block = memory_get(&memory, 9000);
    CU_ASSERT_PTR_NOT_NULL(block);
    CU_ASSERT_EQUAL(rings.free_bytes, 0);
    memory_put(&memory, block, 9000);
    end(&r);
}

static void free_rings_give_way_when_the_budget_is_short(void)
{
    size_t large = sizeof(struct ring) + 65536;
    struct ring *small = NULL, *r = NULL;
    begin(large + 1000); /* the small one fits beside nothing */
    CU_ASSERT_FATAL(ring_reserve(&rings, &small, 0, 2048));
    ring_release(&rings, &small);
    CU_ASSERT(rings.free_bytes > 0);
    CU_ASSERT(ring_reserve(&rings, &r, 0, 65536));
    CU_ASSERT_EQUAL(rings.free_bytes, 0);
    CU_ASSERT_EQUAL(memory.refused, 0);
    end(&r);
}

/* ------------------------------------------------------------- the model */

#define STREAM 400000
#define WINDOW 60000

/* One receiver: head, and which bytes beyond it have been written. */
struct model {
    position head;
    bool real[STREAM];
};

/* Everything real beyond head lies in the ring; runs are compared whole, so that the wrap is met.
 */
static bool agrees(const struct model *m, const struct ring *r)
{
    position p = m->head;
    while (p < STREAM && p < m->head + WINDOW) {
        position to = p;
        while (to < STREAM && m->real[to])
            to++;
        if (to > p && (!r || !reads_back(r, p, to)))
            return false;
        p = to + 1;
    }
    return true;
}

static void arrive(struct model *m, struct ring **r, struct random *random)
{
    position ahead = random_below(random, 2) ? 0 : (position)random_below(random, WINDOW / 2);
    position from = m->head + ahead;
    position to = from + 1 + (position)random_below(random, random_below(random, 8) ? 1500 : 20000);
    if (to > STREAM)
        return;
    memory.fails_in = random_below(random, 4) == 0; /* only where the ring must grow */
    if (ring_reserve(&rings, r, m->head, to)) {
        put(*r, from, to);
        memset(m->real + from, true, (size_t)(to - from));
    }
    memory.fails_in = 0;
}

static void consume(struct model *m, struct ring **r, struct random *random)
{
    position most = (position)random_below(random, WINDOW / 4);
    for (position i = 0; i < most && m->head < STREAM && m->real[m->head]; i++)
        m->head++;
    if (*r && (*r)->high <= m->head && random_below(random, 2))
        ring_release(&rings, r);
}

static void random_arrivals_agree_with_the_flat_array(void)
{
    static struct model m;
    struct random random;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct ring *r = NULL;
        memset(&m, 0, sizeof m);
        random_seed(&random, seed);
        begin(BUDGET);
        for (int i = 0; i < 2000; i++) {
            arrive(&m, &r, &random);
            consume(&m, &r, &random);
            if (i % 8 == 0)
                CU_ASSERT_FATAL(agrees(&m, r));
        }
        CU_ASSERT(m.head > STREAM / 2); /* the ring wrapped many times */
        end(&r);
    }
}

static const struct unit_test tests[] = {
    {"an empty stretch takes no ring", an_empty_stretch_takes_no_ring},
    {"a ring is as large as what lies in it", a_ring_is_as_large_as_what_lies_in_it},
    {"bytes come back across the wrap", bytes_come_back_across_the_wrap},
    {"growing keeps what lies from head to high", growing_keeps_what_lies_from_head_to_high},
    {"high never falls while something lies in the ring",
     high_never_falls_while_something_lies_in_the_ring},
    {"an emptied ring begins again in the warm bytes",
     an_emptied_ring_begins_again_in_the_warm_bytes},
    {"head may pass what was never written", head_may_pass_what_was_never_written},
    {"no memory leaves the ring as it was", no_memory_leaves_the_ring_as_it_was},
    {"freed rings are reused", freed_rings_are_reused},
    {"what outgrows its ring takes a free one with room to spare",
     what_outgrows_its_ring_takes_a_free_one_with_room_to_spare},
    {"what is expected takes a free ring that holds it",
     what_is_expected_takes_a_free_ring_that_holds_it},
    {"free lists keep a quarter of the budget", free_lists_keep_a_quarter_of_the_budget},
    {"free rings give way to whatever needs room", free_rings_give_way_to_whatever_needs_room},
    {"free rings give way when the budget is short", free_rings_give_way_when_the_budget_is_short},
    {"random arrivals agree with the flat array", random_arrivals_agree_with_the_flat_array},
};

int main(void)
{
    return UNIT_MAIN("ring", tests);
}
