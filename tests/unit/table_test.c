/* The flow table against a naive one: growth in steps, memory that fails, walking. */
#include "tcp/table.h"

#include "base/bytes.h"
#include "unit.h"

#define FLOWS 5000

static struct memory memory;
static struct pool pools[4];
static struct table table;
static struct random dice;
static head_ref held[FLOWS]; /* the naive one: by the flow's number, 0: not there */
static struct head *object[FLOWS];

static struct flow flow(unsigned n)
{
    struct flow f;
    memset(&f, 0, sizeof f);
    f.local = rill_address_ip4(0x0a000001);
    f.remote = rill_address_ip4(0x0a000000 + n / 7);
    f.local_port = (uint16_t)(n % 7);
    f.remote_port = (uint16_t)(n * 31);
    return f;
}

static void begin(void)
{
    memory = (struct memory){.budget = 64 << 20};
    memset(held, 0, sizeof held);
    random_seed(&dice, 1);
    for (int i = 0; i < 4; i++)
        pool_init(&pools[i], &memory, sizeof(struct head) + 8 * (size_t)i, FLOWS);
    CU_ASSERT_TRUE_FATAL(table_init(&table, &memory, pools, random_key(&dice)));
}

static void end(void)
{
    table_end(&table);
    for (int i = 0; i < 4; i++)
        pool_end(&pools[i]);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static void put_in(unsigned n)
{
    struct head *h = table_get(&table, (enum head_kind)(n % 4));
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    CU_ASSERT_EQUAL(h->kind, n % 4);
    h->flow = flow(n);
    held[n] = h->next; /* its own name, while outside */
    object[n] = h;
    table_insert(&table, h);
    CU_ASSERT(h->in_table);
}

static void take_out(unsigned n)
{
    table_remove(&table, object[n]);
    CU_ASSERT_EQUAL_FATAL(object[n]->next, held[n]);
    CU_ASSERT_FALSE(object[n]->in_table);
    table_put(&table, object[n]);
    held[n] = 0;
}

/* An object of another kind takes its place. */
static void put_heir(unsigned n)
{
    struct head *old = object[n], *heir = table_get(&table, (enum head_kind)((old->kind + 1) % 4));
    CU_ASSERT_PTR_NOT_NULL_FATAL(heir);
    heir->flow = flow(n);
    object[n] = heir;
    head_ref name = held[n];
    held[n] = heir->next;
    table_replace(&table, old, heir);
    CU_ASSERT(heir->in_table);
    CU_ASSERT_FALSE(old->in_table);
    CU_ASSERT_EQUAL(old->next, name);
    table_put(&table, old);
}

static void compare(void)
{
    for (unsigned n = 0; n < FLOWS; n++) {
        struct flow f = flow(n);
        CU_ASSERT_EQUAL_FATAL(table_find(&table, &f), held[n]);
        if (held[n])
            CU_ASSERT_PTR_EQUAL_FATAL(table_at(&table, held[n]), object[n]);
    }
}

/* Each entry is met once. */
static void compare_walk(void)
{
    unsigned seen = 0, there = 0;
    uint64_t cursor = 0;
    for (head_ref r; (r = table_walk(&table, &cursor)) != 0;) {
        CU_ASSERT_EQUAL_FATAL(ref_kind(r), table_at(&table, r)->kind);
        seen++;
    }
    for (unsigned n = 0; n < FLOWS; n++)
        there += held[n] != 0;
    CU_ASSERT_EQUAL(seen, there);
    CU_ASSERT_EQUAL(table.count, there);
}

static void step(void)
{
    unsigned n = (unsigned)random_below(&dice, FLOWS);
    if (!held[n])
        put_in(n);
    else if (random_below(&dice, 3))
        take_out(n);
    else if (random_below(&dice, 2))
        put_heir(n);
    else
        table_expect(&table, held[n]);
}

static void who_is_expected_is_forgotten_when_he_goes(void)
{
    begin();
    put_in(1);
    put_in(2);
    table_expect(&table, held[1]);
    struct flow one = flow(1), two = flow(2), five = flow(5);
    CU_ASSERT_EQUAL(table_find(&table, &one), held[1]);
    CU_ASSERT_EQUAL(table_find(&table, &two), held[2]);
    head_ref name = held[1];
    table_remove(&table, object[1]);
    CU_ASSERT_EQUAL(table_find(&table, &one), 0); /* though he still lies there */
    table_put(&table, object[1]);
    held[1] = 0;
    put_in(5);
    CU_ASSERT_EQUAL(held[5], name); /* where the other lay */
    CU_ASSERT_EQUAL(table_find(&table, &one), 0);
    CU_ASSERT_EQUAL(table_find(&table, &five), held[5]);
    CU_ASSERT_EQUAL(table_find(&table, &two), held[2]);
    table_expect(&table, held[5]);
    put_heir(5); /* and of his heir as much is expected */
    CU_ASSERT_EQUAL(table.last, held[5]);
    CU_ASSERT_EQUAL(table_find(&table, &five), held[5]);
    take_out(5);
    take_out(2);
    end();
}

static void it_is_the_naive_table_at_random(void)
{
    begin();
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < 3000; i++)
            step();
        compare();
        compare_walk();
    }
    end();
}

static void it_grows_without_losing_anybody(void)
{
    begin();
    uint32_t size = table.size;
    for (unsigned n = 0; n < FLOWS; n++) {
        put_in(n);
        struct flow first = flow(0), middle = flow(n / 2), last = flow(n);
        CU_ASSERT_EQUAL_FATAL(table_find(&table, &first), held[0]);
        CU_ASSERT_EQUAL_FATAL(table_find(&table, &middle), held[n / 2]);
        CU_ASSERT_EQUAL_FATAL(table_find(&table, &last), held[n]);
        if (n % 100 == 0)
            compare_walk(); /* also in the middle of moving */
    }
    CU_ASSERT(table.size >= 8 * size);
    compare();
    for (unsigned n = 0; n < FLOWS; n++)
        take_out(n);
    compare();
    compare_walk();
    end();
}

static void without_memory_it_does_not_grow_but_works(void)
{
    begin();
    uint32_t size = table.size;
    for (unsigned n = 0; n < FLOWS; n++) {
        struct head *h = table_get(&table, HEAD_SYN);
        CU_ASSERT_PTR_NOT_NULL_FATAL(h);
        h->flow = flow(n);
        held[n] = h->next;
        object[n] = h;
        memory.budget = memory.used; /* the table finds nothing */
        table_insert(&table, h);
        memory.budget = 64 << 20;
    }
    CU_ASSERT_EQUAL(table.size, size);
    compare();
    compare_walk();
    end();
}

static void an_object_is_not_to_be_had_beyond_the_limit(void)
{
    begin();
    for (unsigned n = 0; n < FLOWS; n++)
        CU_ASSERT_PTR_NOT_NULL_FATAL(table_get(&table, HEAD_CONNECTION));
    CU_ASSERT_PTR_NULL(table_get(&table, HEAD_CONNECTION));
    CU_ASSERT_PTR_NOT_NULL(table_get(&table, HEAD_TIME_WAIT));
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"who is expected is forgotten when he goes", who_is_expected_is_forgotten_when_he_goes},
        {"it is the naive table at random", it_is_the_naive_table_at_random},
        {"it grows without losing anybody", it_grows_without_losing_anybody},
        {"without memory it does not grow but works", without_memory_it_does_not_grow_but_works},
        {"beyond the limit there is no object", an_object_is_not_to_be_had_beyond_the_limit},
    };
    return UNIT_MAIN("table", tests);
}
