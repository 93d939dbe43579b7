#include "net/reply_queue.h"

#include <stdalign.h>

bool reply_queue_init(struct reply_queue *q, struct memory *m, size_t long_bytes)
{
    *q = (struct reply_queue){.memory = m, .room = (uint32_t)(long_bytes + REPLY_QUEUE_RESERVE)};
    q->bytes = memory_get(m, q->room);
    return q->bytes != NULL;
}

void reply_queue_end(struct reply_queue *q)
{
    if (q->bytes)
        memory_put(q->memory, q->bytes, q->room);
}

static uint32_t entry_size(size_t length)
{
    size_t align = alignof(struct queued_reply);
    return (uint32_t)((sizeof(struct queued_reply) + length + align - 1) / align * align);
}

/* The offset at which an entry of this size fits in one piece; UINT32_MAX: none. */
static uint32_t reply_queue_place(const struct reply_queue *q, uint32_t size)
{
    if (q->used == 0)
        return size <= q->room ? 0 : UINT32_MAX;
    if (q->next <= q->first) /* wrapped: the free part is [next, first) */
        return q->first - q->next >= size ? q->next : UINT32_MAX;
    if (q->room - q->next >= size)
        return q->next;
    return q->first >= size ? 0 : UINT32_MAX;
}

struct queued_reply *reply_queue_add(struct reply_queue *q, size_t length)
{
    uint32_t size = entry_size(length);
    uint32_t limit = size <= REPLY_QUEUE_SMALL ? q->room : q->room - REPLY_QUEUE_RESERVE;
    uint32_t at = reply_queue_place(q, size);
    if (at == UINT32_MAX)
        return NULL;
    bool wraps = q->used && at == 0;
    uint32_t skip = wraps ? q->room - q->next : 0; /* the tail counts as used until it is passed */
    if (q->used + skip + size > limit)
        return NULL;
    if (wraps)
        q->skipped = skip;
    else if (q->used == 0)
        q->first = at;
    struct queued_reply *e = (struct queued_reply *)(void *)(q->bytes + at);
    *e = (struct queued_reply){.size = size, .length = (uint32_t)length};
    q->next = at + size;
    q->used += skip + size;
    return e;
}

struct queued_reply *reply_queue_first(const struct reply_queue *q)
{
    return q->used ? (struct queued_reply *)(void *)(q->bytes + q->first) : NULL;
}

void reply_queue_drop_first(struct reply_queue *q)
{
    struct queued_reply *e = reply_queue_first(q);
    assert(e);
    q->first += e->size;
    q->used -= e->size;
    q->cutting = false;
    if (q->first == q->room - q->skipped) { /* the end of the ring, or of its used part */
        q->first = 0;
        q->used -= q->skipped;
        q->skipped = 0;
    }
    if (q->used == 0)
        q->first = q->next = q->skipped = 0;
}
