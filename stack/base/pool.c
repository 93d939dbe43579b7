/* Invariants: a chunk is in one list, or in none if all its objects are allocated; memory.idle
 * counts the bytes of the idle lists, and memory.idlers lists the pools that have one. */
#include "base/pool.h"

#include "base/bytes.h"

#define POOL_FIRST_CHUNKS 8 /* initial size of the chunk table, which doubles from there */

void pool_init(struct pool *p, struct memory *m, size_t object_bytes, uint32_t limit)
{
    assert(object_bytes >= sizeof p->chunk->free); /* a free object holds the link to the next */
    *p = (struct pool){.memory = m, .size = object_bytes, .limit = limit};
}

/* The bytes of one chunk. */
static size_t chunk_bytes(const struct pool *p)
{
    return POOL_CHUNK * p->size;
}

static struct pool_chunk *chunk_at(const struct pool *p, uint32_t number)
{
    return &p->chunk[number - 1];
}

static uint32_t number_of(uint32_t index)
{
    return (index - 1) / POOL_CHUNK + 1;
}

/* ------------------------------------------------------------------- lists */

static void push(struct pool *p, uint32_t *list, uint32_t number)
{
    struct pool_chunk *c = chunk_at(p, number);
    c->next = *list;
    c->previous = 0;
    if (*list)
        chunk_at(p, *list)->previous = number;
    *list = number;
}

static void leave(struct pool *p, uint32_t *list, uint32_t number)
{
    struct pool_chunk *c = chunk_at(p, number);
    *(c->previous ? &chunk_at(p, c->previous)->next : list) = c->next;
    if (c->next)
        chunk_at(p, c->next)->previous = c->previous;
}

static uint32_t pop(struct pool *p, uint32_t *list)
{
    uint32_t number = *list;
    leave(p, list, number);
    return number;
}

/* ------------------------------------------------------------------ chunks */

/* Makes sure that the table has room for one more chunk. */
static bool widen(struct pool *p)
{
    if (p->numbered < p->room)
        return true;
    uint32_t wider = p->room ? 2 * p->room : POOL_FIRST_CHUNKS;
    size_t each = sizeof *p->chunk;
    void *table = memory_grow(p->memory, p->chunk, p->room * each, wider * each);
    if (!table)
        return false;
    p->chunk = table;
    p->room = wider;
    return true;
}

/* Allocates a chunk, under a number that is free again or new. */
static bool make_chunk(struct pool *p)
{
    if (!p->gone && !widen(p))
        return false;
    uint8_t *object = memory_get(p->memory, chunk_bytes(p));
    if (!object)
        return false;
    uint32_t number = p->gone ? pop(p, &p->gone) : ++p->numbered;
    *chunk_at(p, number) = (struct pool_chunk){.object = object};
    push(p, &p->roomy, number);
    return true;
}

/* The chunk has no allocated objects any more. */
static void put_idle(struct pool *p, uint32_t number)
{
    struct memory *m = p->memory;
    if (!p->idle) {
        p->next_idler = m->idlers;
        m->idlers = p;
    }
    push(p, &p->idle, number);
    m->idle += chunk_bytes(p);
}

static uint32_t take_idle(struct pool *p)
{
    struct memory *m = p->memory;
    uint32_t number = pop(p, &p->idle);
    m->idle -= chunk_bytes(p);
    if (p->idle)
        return number;
    struct pool **at = &m->idlers; /* a short list: one pool for each kind of object */
    while (*at != p)
        at = &(*at)->next_idler;
    *at = p->next_idler;
    return number;
}

static bool find_room(struct pool *p)
{
    if (p->roomy)
        return true;
    if (!p->idle)
        return make_chunk(p);
    push(p, &p->roomy, take_idle(p));
    return true;
}

static void trim(struct pool *p)
{
    while (p->idle) {
        uint32_t number = take_idle(p);
        memory_put(p->memory, chunk_at(p, number)->object, chunk_bytes(p));
        chunk_at(p, number)->object = NULL;
        push(p, &p->gone, number);
    }
}

void pools_trim(struct memory *m)
{
    while (m->idlers)
        trim(m->idlers);
}

void pool_end(struct pool *p)
{
    trim(p);
    for (uint32_t i = 0; i < p->numbered; i++)
        memory_put(p->memory, p->chunk[i].object, chunk_bytes(p));
    memory_put(p->memory, p->chunk, p->room * sizeof *p->chunk);
    pool_init(p, p->memory, p->size, p->limit);
}

/* ----------------------------------------------------------------- objects */

/* An object that was never allocated before. */
static uint32_t carve(struct pool *p, struct pool_chunk *c)
{
    uint32_t index = (p->roomy - 1) * POOL_CHUNK + ++c->made;
    p->made = max_of(p->made, index);
    return index;
}

/* The most recently freed object, zeroed. */
static uint32_t reuse(struct pool *p, struct pool_chunk *c)
{
    uint32_t index = c->free;
    void *object = pool_at(p, index);
    memcpy(&c->free, object, sizeof c->free);
    memset(object, 0, p->size);
    return index;
}

void *pool_get(struct pool *p, uint32_t *index)
{
    *index = 0;
    if (p->count == p->limit || !find_room(p))
        return NULL;
    struct pool_chunk *c = chunk_at(p, p->roomy);
    *index = c->free ? reuse(p, c) : carve(p, c);
    p->count++;
    if (++c->out == POOL_CHUNK)
        pop(p, &p->roomy);
    return pool_at(p, *index);
}

void pool_put(struct pool *p, uint32_t index)
{
    assert(index >= 1);
    assert(index <= p->made);
    assert(p->count > 0);
    uint32_t number = number_of(index);
    struct pool_chunk *c = chunk_at(p, number);
    memcpy(pool_at(p, index), &c->free, sizeof c->free);
    c->free = index;
    p->count--;
    if (c->out-- == POOL_CHUNK)
        push(p, &p->roomy, number);
    if (c->out == 0) {
        leave(p, &p->roomy, number);
        put_idle(p, number);
    }
}
