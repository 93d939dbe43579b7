/* The heap of deadlines against a model that is too simple to be wrong. */
#include "base/heap.h"

#include "base/hash.h"
#include "unit.h"

#define NODES 200
#define STEPS 20000

static struct memory memory;
static struct heap heap;
static struct heap_node node[NODES];

static void begin(uint32_t room)
{
    memory = (struct memory){.budget = 1 << 20};
    heap_init(&heap, &memory);
    for (int i = 0; i < NODES; i++)
        node[i].slot = 0;
    CU_ASSERT_FATAL(heap_reserve(&heap, room));
}

static void end(void)
{
    heap_end(&heap);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static void nothing_is_due_in_an_empty_heap(void)
{
    begin(1);
    CU_ASSERT_EQUAL(heap_first_time(&heap), RILL_NEVER);
    CU_ASSERT_PTR_NULL(heap_pop(&heap, RILL_NEVER));
    CU_ASSERT_EQUAL(heap_time_of(&heap, &node[0]), RILL_NEVER);
    end();
}

static void a_node_is_due_at_its_time_and_not_before(void)
{
    begin(1);
    heap_set(&heap, &node[0], 100);
    CU_ASSERT_EQUAL(heap_first_time(&heap), 100);
    CU_ASSERT_PTR_NULL(heap_pop(&heap, 99));
    CU_ASSERT_PTR_EQUAL(heap_pop(&heap, 100), &node[0]);
    CU_ASSERT_EQUAL(node[0].slot, 0);
    CU_ASSERT_PTR_NULL(heap_pop(&heap, 100));
    end();
}

static void equal_times_leave_in_the_order_in_which_they_were_set(void)
{
    begin(NODES);
    for (int i = 0; i < NODES; i++)
        heap_set(&heap, &node[i], 7);
    heap_set(&heap, &node[0], 7); /* set anew: now the last */
    for (int i = 1; i < NODES; i++)
        CU_ASSERT_PTR_EQUAL(heap_pop(&heap, 7), &node[i]);
    CU_ASSERT_PTR_EQUAL(heap_pop(&heap, 7), &node[0]);
    end();
}

static void a_node_moves_both_ways(void)
{
    begin(3);
    heap_set(&heap, &node[0], 10);
    heap_set(&heap, &node[1], 20);
    heap_set(&heap, &node[2], 30);
    heap_set(&heap, &node[2], 5);
    CU_ASSERT_EQUAL(heap_first_time(&heap), 5);
    heap_set(&heap, &node[2], 15);
    CU_ASSERT_EQUAL(heap_time_of(&heap, &node[2]), 15);
    CU_ASSERT_EQUAL(heap.count, 3);
    CU_ASSERT_PTR_EQUAL(heap_pop(&heap, 99), &node[0]);
    CU_ASSERT_PTR_EQUAL(heap_pop(&heap, 99), &node[2]);
    CU_ASSERT_PTR_EQUAL(heap_pop(&heap, 99), &node[1]);
    end();
}

static void removing_what_is_not_inside_is_harmless(void)
{
    begin(2);
    heap_set(&heap, &node[0], 1);
    heap_remove(&heap, &node[1]);
    CU_ASSERT_EQUAL(heap.count, 1);
    heap_remove(&heap, &node[0]);
    heap_remove(&heap, &node[0]);
    CU_ASSERT_EQUAL(heap.count, 0);
    end();
}

/* What the heap should hold: for each node its time and when it was set; `set` 0: not inside. */
struct model {
    rill_time when[NODES];
    uint64_t set[NODES];
    uint64_t sets;
};

static int model_first(const struct model *m)
{
    int first = -1;
    for (int i = 0; i < NODES; i++) {
        if (!m->set[i])
            continue;
        if (first < 0 || m->when[i] < m->when[first] ||
            (m->when[i] == m->when[first] && m->set[i] < m->set[first]))
            first = i;
    }
    return first;
}

static void compare(const struct model *m)
{
    int first = model_first(m);
    heap_check(&heap);
    CU_ASSERT_EQUAL(heap_first_time(&heap), first < 0 ? RILL_NEVER : m->when[first]);
    for (int i = 0; i < NODES; i++)
        CU_ASSERT_EQUAL(heap_time_of(&heap, &node[i]), m->set[i] ? m->when[i] : RILL_NEVER);
}

static void step(struct model *m, struct random *r)
{
    int i = (int)random_below(r, NODES);
    rill_time when = (rill_time)random_below(r, 50); /* few times: many are equal */
    switch (random_below(r, 4)) {
    case 0:
        heap_remove(&heap, &node[i]);
        m->set[i] = 0;
        break;
    case 1: {
        int first = model_first(m);
        bool due = first >= 0 && m->when[first] <= when;
        CU_ASSERT_PTR_EQUAL(heap_pop(&heap, when), due ? &node[first] : NULL);
        if (due)
            m->set[first] = 0;
        break;
    }
    default:
        heap_set(&heap, &node[i], when);
        m->when[i] = when;
        m->set[i] = ++m->sets;
    }
}

static void random_steps_agree_with_the_model(void)
{
    struct model m = {0};
    struct random r;
    random_seed(&r, 1);
    begin(NODES);
    for (int i = 0; i < STEPS; i++) {
        step(&m, &r);
        if (i % 16 == 0)
            compare(&m);
    }
    CU_ASSERT(heap.count > 0);
    end();
}

static void room_is_reserved_once_and_kept(void)
{
    begin(1);
    for (uint32_t n = 1; n <= NODES; n++) {
        CU_ASSERT_FATAL(heap_reserve(&heap, n));
        heap_set(&heap, &node[n - 1], NODES - n);
    }
    heap_check(&heap);
    CU_ASSERT(heap.room >= NODES);
    memory.fails_in = 1;
    CU_ASSERT(heap_reserve(&heap, NODES)); /* asks for no memory */
    CU_ASSERT_EQUAL(memory.fails_in, 1);
    for (int i = NODES; i-- > 0;)
        CU_ASSERT_PTR_EQUAL(heap_pop(&heap, NODES), &node[i]);
    end();
}

static void no_memory_leaves_the_heap_as_it_was(void)
{
    begin(1);
    heap_set(&heap, &node[0], 1);
    uint32_t room = heap.room;
    memory.fails_in = 1;
    CU_ASSERT_FALSE(heap_reserve(&heap, room + 1));
    CU_ASSERT_EQUAL(heap.room, room);
    heap_check(&heap);
    CU_ASSERT_PTR_EQUAL(heap_pop(&heap, 1), &node[0]);
    end();
}

static const struct unit_test tests[] = {
    {"nothing is due in an empty heap", nothing_is_due_in_an_empty_heap},
    {"a node is due at its time and not before", a_node_is_due_at_its_time_and_not_before},
    {"equal times leave in the order in which they were set",
     equal_times_leave_in_the_order_in_which_they_were_set},
    {"a node moves both ways", a_node_moves_both_ways},
    {"removing what is not inside is harmless", removing_what_is_not_inside_is_harmless},
    {"random steps agree with the model", random_steps_agree_with_the_model},
    {"room is reserved once and kept", room_is_reserved_once_and_kept},
    {"no memory leaves the heap as it was", no_memory_leaves_the_heap_as_it_was},
};

int main(void)
{
    return UNIT_MAIN("heap", tests);
}
