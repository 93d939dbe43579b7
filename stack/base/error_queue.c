#include "base/error_queue.h"

static uint32_t report_bytes(size_t payload)
{
    return (uint32_t)(sizeof(struct error_report) + payload);
}

void errors_init(struct error_queue *q)
{
    list_init(&q->list);
    q->bytes = 0;
}

bool errors_add(struct error_queue *q, struct memory *m, const struct error_report *report,
                struct rill_span payload, size_t limit)
{
    uint32_t bytes = report_bytes(payload.length);
    if (q->bytes + bytes >= limit)
        return false;
    struct error_report *e = memory_get(m, bytes);
    if (!e)
        return false;
    *e = *report;
    e->node = (struct list_node){NULL, NULL};
    e->length = (uint32_t)payload.length;
    if (payload.length)
        memcpy(e->payload, payload.at, payload.length);
    list_append(&q->list, &e->node);
    q->bytes += bytes;
    return true;
}

const struct error_report *errors_first(const struct error_queue *q)
{
    struct list_node *n = list_first(&q->list);
    return n ? container_of(n, struct error_report, node) : NULL;
}

void errors_drop_first(struct error_queue *q, struct memory *m)
{
    struct list_node *n = list_first(&q->list);
    assert(n);
    struct error_report *e = container_of(n, struct error_report, node);
    uint32_t bytes = report_bytes(e->length);
    list_remove(n);
    assert(q->bytes >= bytes);
    q->bytes -= bytes;
    memory_put(m, e, bytes);
}

void errors_clear(struct error_queue *q, struct memory *m)
{
    while (!list_empty(&q->list))
        errors_drop_first(q, m);
    assert(q->bytes == 0);
}
