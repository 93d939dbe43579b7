/* The binary heap of deadlines: entry[0] is the earliest, the children of i are 2i + 1 and 2i + 2.
 *
 * Invariants: no entry is earlier than its parent; entry[i].node->slot == i + 1; count <= room. The
 * times lie in the array beside the node pointers, so that a comparison touches no waiting object.
 */
#include "base/heap.h"

#include "base/bytes.h"

#define HEAP_FIRST_ROOM 64

void heap_init(struct heap *h, struct memory *m)
{
    *h = (struct heap){.memory = m};
}

void heap_end(struct heap *h)
{
    memory_put(h->memory, h->entry, h->room * sizeof *h->entry);
    heap_init(h, h->memory);
}

bool heap_reserve(struct heap *h, uint32_t n)
{
    if (n <= h->room)
        return true;
    assert(n <= UINT32_MAX / 2);
    uint32_t room = max_of(h->room, HEAP_FIRST_ROOM);
    while (room < n)
        room *= 2;
    size_t each = sizeof *h->entry;
    void *wider = memory_grow(h->memory, h->entry, h->room * each, room * each);
    if (!wider)
        return false;
    h->entry = wider;
    h->room = room;
    return true;
}

static bool heap_earlier(const struct heap_entry *a, const struct heap_entry *b)
{
    return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void heap_place(struct heap *h, uint32_t at, struct heap_entry e)
{
    h->entry[at] = e;
    e.node->slot = at + 1;
}

/* Moves the hole at `at` up until e may fill it. */
static uint32_t heap_rise(struct heap *h, uint32_t at, const struct heap_entry *e)
{
    while (at > 0) {
        uint32_t parent = (at - 1) / 2;
        if (!heap_earlier(e, &h->entry[parent]))
            break;
        heap_place(h, at, h->entry[parent]);
        at = parent;
    }
    return at;
}

/* Moves the hole at `at` down until e may fill it. */
static uint32_t heap_sink(struct heap *h, uint32_t at, const struct heap_entry *e)
{
    while (at < h->count / 2) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < h->count && heap_earlier(&h->entry[child + 1], &h->entry[child]))
            child++;
        if (!heap_earlier(&h->entry[child], e))
            break;
        heap_place(h, at, h->entry[child]);
        at = child;
    }
    return at;
}

/* Puts e into the hole at `at`, or moves the hole to where e belongs: a hole that has risen does
 * not sink again. */
static void heap_settle(struct heap *h, uint32_t at, struct heap_entry e)
{
    at = heap_rise(h, at, &e);
    at = heap_sink(h, at, &e);
    heap_place(h, at, e);
}

void heap_set(struct heap *h, struct heap_node *node, rill_time when)
{
    if (!node->slot) {
        assert(h->count < h->room);
        node->slot = ++h->count;
    }
    assert(node->slot <= h->count);
    heap_settle(h, node->slot - 1, (struct heap_entry){when, h->order++, node});
}

void heap_remove(struct heap *h, struct heap_node *node)
{
    if (!node->slot)
        return;
    assert(node->slot <= h->count);
    uint32_t hole = node->slot - 1;
    assert(h->entry[hole].node == node);
    node->slot = 0;
    struct heap_entry last = h->entry[--h->count];
    if (last.node != node)
        heap_settle(h, hole, last);
}

struct heap_node *heap_pop(struct heap *h, rill_time now)
{
    if (!h->count || h->entry[0].when > now)
        return NULL;
    struct heap_node *first = h->entry[0].node;
    heap_remove(h, first);
    return first;
}

void heap_check(const struct heap *h)
{
    assert(h->count <= h->room);
    assert((h->room == 0) == (h->entry == NULL));
    for (uint32_t i = 0; i < h->count; i++) {
        const struct heap_entry *e = &h->entry[i];
        assert(e->node->slot == i + 1);
        assert(e->order < h->order);
        assert(i == 0 || !heap_earlier(e, &h->entry[(i - 1) / 2]));
    }
}
