#include "socket/wait_queue.h"

/* At the end of the list: the call that has waited longest is tried first. */
void waiter_add(struct waiter *p, struct rill_call *call, struct waiter **at)
{
    struct waiter *first = *at ? *at : p;
    *p = (struct waiter){.call = call, .next = first, .previous = p, .first = at};
    if (first != p)
        p->previous = first->previous;
    p->previous->next = p;
    first->previous = p;
    *at = first;
}

void waiter_remove(struct waiter *p)
{
    if (!p->first)
        return;
    if (*p->first == p)
        *p->first = p->next == p ? NULL : p->next;
    p->previous->next = p->next;
    p->next->previous = p->previous;
    p->first = NULL;
}

void call_wake(struct rill *r, struct rill_call *p)
{
    if (!list_linked(&p->woken))
        list_append(&r->woken, &p->woken);
}

/* The next one at the same object; NULL: none. */
static const struct waiter *waiter_next(const struct waiter *p)
{
    return p->next == *p->first ? NULL : p->next;
}

/* A poll of thousands is tried only for events that it has asked for. */
static bool poll_cares(const struct rill_call *p, const struct waiter *at, short ready)
{
    return ready & (p->call->poll.set[at - p->waiter].events | POLLERR | POLLHUP);
}

void waiters_wake(struct rill *r, const struct waiter *first, short ready, uint32_t accepts)
{
    for (const struct waiter *at = first; at; at = waiter_next(at)) {
        struct rill_call *p = at->call;
        if (p->call->operation == CALL_POLL && !poll_cares(p, at, ready))
            continue;
        if (p->call->operation == CALL_ACCEPT && !accepts)
            break;
        accepts -= p->call->operation == CALL_ACCEPT;
        call_wake(r, p);
    }
}
