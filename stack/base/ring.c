/* Byte rings and the free lists that they come from.
 *
 *     data:  |....head.....high...|   or wrapped:   |...high|.....|head...|
 *
 * Life cycle: made by the first ring_reserve, replaced by a larger one when it must hold more,
 * given back by the owner when its stream has run empty. Invariants: capacity == RING_SMALLEST <<
 * class; origin <= every position that is used; high - head <= capacity. free_bytes is the sum of
 * all rings on the free lists, which the budget counts as used. */
#include "base/ring.h"

/* Free lists hold at most this part of the budget. Memory that goes back to the host returns page
 * by page, each with a page fault: the free lists should hold the rings of a few busy streams
 * between two windows. */
#define RINGS_KEEP 4
#define RINGS_LEAP 4 /* classes: a ring 16 times as large */

static size_t ring_capacity(uint32_t class)
{
    return (size_t)RING_SMALLEST << class;
}

static size_t ring_bytes(uint32_t class)
{
    return sizeof(struct ring) + ring_capacity(class);
}

/* The smallest class that holds so many bytes; RING_CLASSES if there is none. */
static uint32_t ring_class(uint64_t length)
{
    if (length <= RING_SMALLEST)
        return 0;
    uint32_t doublings = 64 - (uint32_t)__builtin_clzll((length - 1) / RING_SMALLEST);
    return min_of(doublings, RING_CLASSES);
}

/* ------------------------------------------------------------- free lists */

static void rings_push(struct rings *rings, struct ring *r)
{
    memcpy(r->data, &rings->free[r->class], sizeof(void *));
    rings->free[r->class] = r;
    rings->free_bytes += ring_bytes(r->class);
}

/* The ring that was freed last, NULL if the list is empty. */
static struct ring *rings_pop(struct rings *rings, uint32_t class)
{
    struct ring *r = rings->free[class];
    if (!r)
        return NULL;
    memcpy(&rings->free[class], r->data, sizeof(void *));
    rings->free_bytes -= ring_bytes(class);
    return r;
}

/* Gives all rings on the free lists back to the budget. */
static void rings_trim(void *of)
{
    struct rings *rings = of;
    for (uint32_t i = 0; i < RING_CLASSES; i++) {
        struct ring *r;
        while ((r = rings_pop(rings, i)))
            memory_put(rings->memory, r, ring_bytes(i));
    }
    assert(rings->free_bytes == 0);
}

/* If the budget is short, the rings on the free lists are given back. */
void rings_init(struct rings *rings, struct memory *m)
{
    *rings = (struct rings){.memory = m};
    m->give_way = rings_trim;
    m->holder = rings;
}

void rings_end(struct rings *rings)
{
    if (!rings->memory) /* rings_init was never called */
        return;
    rings_trim(rings);
    rings->memory->give_way = NULL;
}

/* A newly allocated ring. It may use the reserve: data for existing connections needs a ring only
 * until it is read, so this memory soon comes back. */
static struct ring *ring_new(struct rings *rings, uint32_t class)
{
    struct ring *r = memory_get_reserved(rings->memory, ring_bytes(class));
    if (!r)
        return NULL;
    r->class = class;
    r->capacity = (uint32_t)ring_capacity(class);
    return r;
}

/* A ring of that class for the bytes from `head` on. */
static struct ring *rings_get(struct rings *rings, uint32_t class, position head)
{
    struct ring *r = rings_pop(rings, class);
    if (!r)
        r = ring_new(rings, class);
    if (r)
        r->origin = r->high = head;
    return r;
}

void ring_release(struct rings *rings, struct ring **r)
{
    if (!*r)
        return;
    size_t bytes = ring_bytes((*r)->class);
    if (rings->free_bytes + bytes <= rings->memory->budget / RINGS_KEEP)
        rings_push(rings, *r);
    else
        memory_put(rings->memory, *r, bytes);
    *r = NULL;
}

/* --------------------------------------------------------------- one ring */

/* The place of byte p in `data`. */
static size_t ring_slot(const struct ring *r, position p)
{
    assert(p >= r->origin);
    return (size_t)(p - r->origin) & (r->capacity - 1);
}

static void copy_span(uint8_t *to, struct rill_span s)
{
    if (s.length) /* memcpy must not see the NULL of an empty span */
        memcpy(to, s.at, s.length);
}

void ring_put(struct ring *r, position at, struct rill_span bytes)
{
    assert(bytes.length <= r->capacity);
    size_t slot = ring_slot(r, at);
    struct rill_span first = span_first(bytes, r->capacity - slot);
    copy_span(r->data + slot, first);
    if (first.length < bytes.length)
        copy_span(r->data, span_skip(bytes, first.length));
    r->high = max_of(r->high, at + (position)bytes.length);
}

unsigned ring_peek(const struct ring *r, position from, size_t length, struct rill_span out[2])
{
    assert(length <= r->capacity);
    assert(from + (position)length <= r->high);
    size_t slot = ring_slot(r, from);
    size_t first = min_of(length, r->capacity - slot);
    out[0] = span_of(r->data + slot, first);
    out[1] = span_of(r->data, length - first);
    return (out[0].length > 0) + (out[1].length > 0);
}

void ring_get(const struct ring *r, position from, void *to, size_t length)
{
    struct rill_span part[2];
    unsigned parts = ring_peek(r, from, length, part);
    copy_span(to, part[0]);
    if (parts > 1)
        copy_span((uint8_t *)to + part[0].length, part[1]);
}

/* A stream that outgrows its ring is likely to grow more, and each step copies its bytes. So take
 * the largest free ring, up to RINGS_LEAP classes above: the budget counts it anyway, and it saves
 * several steps. */
static uint32_t class_to_grow(const struct rings *rings, uint32_t class)
{
    for (uint32_t i = min_of(class + RINGS_LEAP, RING_CLASSES - 1u); i > class; i--)
        if (rings->free[i])
            return i;
    return class;
}

/* Replaces the ring by a larger one with its bytes from `head` on. False: it is unchanged. */
static bool ring_enlarge(struct rings *rings, struct ring **r, position head, uint32_t class)
{
    struct ring *larger = rings_get(rings, class_to_grow(rings, class), head), *old = *r;
    struct rill_span part[2];
    if (!larger)
        return false;
    ring_peek(old, head, (size_t)(old->high - head), part);
    ring_put(larger, head, part[0]);
    ring_put(larger, head + (position)part[0].length, part[1]);
    ring_release(rings, r);
    *r = larger;
    return true;
}

void ring_expect(struct rings *rings, struct ring **r, position head, size_t expected)
{
    if (*r || expected <= RING_SMALLEST)
        return;
    uint32_t class = ring_class(expected);
    if (class < RING_CLASSES && rings->free[class])
        *r = rings_get(rings, class, head);
}

bool ring_reserve(struct rings *rings, struct ring **r, position head, position to)
{
    assert(head <= to);
    uint64_t length = (uint64_t)(to - head);
    if (*r && (*r)->high <= head)
        (*r)->origin = (*r)->high = head; /* empty: start again in bytes that the cache holds */
    if (length == 0 || (*r && length <= (*r)->capacity))
        return true;
    uint32_t class = ring_class(length);
    if (class == RING_CLASSES)
        return false;
    if (*r)
        return ring_enlarge(rings, r, head, class);
    *r = rings_get(rings, class, head);
    return *r;
}
