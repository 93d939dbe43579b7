#include "net/owed.h"

#include <stdalign.h>

bool owed_init(struct owed *o, struct memory *m, size_t long_bytes)
{
    *o = (struct owed){.memory = m, .room = (uint32_t)(long_bytes + OWED_RESERVE)};
    o->bytes = memory_get(m, o->room);
    return o->bytes != NULL;
}

void owed_end(struct owed *o)
{
    if (o->bytes)
        memory_put(o->memory, o->bytes, o->room);
}

static uint32_t entry_size(size_t length)
{
    size_t align = alignof(struct owed_entry);
    return (uint32_t)((sizeof(struct owed_entry) + length + align - 1) / align * align);
}

/* The offset at which an entry of this size fits in one piece; UINT32_MAX: none. */
static uint32_t owed_place(const struct owed *o, uint32_t size)
{
    if (o->used == 0)
        return size <= o->room ? 0 : UINT32_MAX;
    if (o->next <= o->first) /* wrapped: the free part is [next, first) */
        return o->first - o->next >= size ? o->next : UINT32_MAX;
    if (o->room - o->next >= size)
        return o->next;
    return o->first >= size ? 0 : UINT32_MAX;
}

struct owed_entry *owed_add(struct owed *o, size_t length)
{
    uint32_t size = entry_size(length);
    uint32_t limit = size <= OWED_SMALL ? o->room : o->room - OWED_RESERVE;
    uint32_t at = owed_place(o, size);
    if (at == UINT32_MAX)
        return NULL;
    bool wraps = o->used && at == 0;
    uint32_t skip = wraps ? o->room - o->next : 0; /* the tail counts as used until it is passed */
    if (o->used + skip + size > limit)
        return NULL;
    if (wraps)
        o->skipped = skip;
    else if (o->used == 0)
        o->first = at;
    struct owed_entry *e = (struct owed_entry *)(void *)(o->bytes + at);
    *e = (struct owed_entry){.size = size, .length = (uint32_t)length};
    o->next = at + size;
    o->used += skip + size;
    return e;
}

struct owed_entry *owed_first(const struct owed *o)
{
    return o->used ? (struct owed_entry *)(void *)(o->bytes + o->first) : NULL;
}

void owed_drop_first(struct owed *o)
{
    struct owed_entry *e = owed_first(o);
    assert(e);
    o->first += e->size;
    o->used -= e->size;
    o->cutting = false;
    if (o->first == o->room - o->skipped) { /* the end of the ring, or of its used part */
        o->first = 0;
        o->used -= o->skipped;
        o->skipped = 0;
    }
    if (o->used == 0)
        o->first = o->next = o->skipped = 0;
}
