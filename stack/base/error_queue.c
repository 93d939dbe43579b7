#include "base/error_queue.h"

static uint32_t report_bytes(size_t payload)
{
    return (uint32_t)(sizeof(struct error_report) + payload);
}

static struct error_report *report_of(struct list_node *n)
{
    return container_of(n, struct error_report, node);
}

void errors_init(struct error_queue *q)
{
    list_init(&q->list);
    q->bytes = 0;
}

struct error_report *errors_new(struct memory *m, size_t payload)
{
    struct error_report *e = memory_get(m, report_bytes(payload));
    if (e)
        e->length = (uint32_t)payload;
    return e;
}

void errors_free(struct error_report *e, struct memory *m)
{
    if (e)
        memory_put(m, e, report_bytes(e->length));
}

void errors_append(struct error_queue *q, struct error_report *e)
{
    list_append(&q->list, &e->node);
    q->bytes += report_bytes(e->length);
}

bool errors_add(struct error_queue *q, struct memory *m, const struct error_report *report,
                struct rill_span payload, size_t limit)
{
    if (q->bytes + report_bytes(payload.length) >= limit)
        return false;
    struct error_report *e = errors_new(m, payload.length);
    if (!e)
        return false;
    *e = *report;
    e->node = (struct list_node){NULL, NULL};
    e->length = (uint32_t)payload.length;
    if (payload.length)
        memcpy(e + 1, payload.at, payload.length);
    errors_append(q, e);
    return true;
}

const struct error_report *errors_first(const struct error_queue *q)
{
    return list_empty(&q->list) ? NULL : report_of(q->list.root.next);
}

struct error_report *errors_last(const struct error_queue *q)
{
    return list_empty(&q->list) ? NULL : report_of(q->list.root.previous);
}

void errors_drop_first(struct error_queue *q, struct memory *m)
{
    assert(!list_empty(&q->list));
    struct error_report *e = report_of(q->list.root.next);
    uint32_t bytes = report_bytes(e->length);
    list_remove(&e->node);
    assert(q->bytes >= bytes);
    q->bytes -= bytes;
    errors_free(e, m);
}

void errors_clear(struct error_queue *q, struct memory *m)
{
    while (!list_empty(&q->list))
        errors_drop_first(q, m);
    assert(q->bytes == 0);
}
