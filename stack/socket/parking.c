#include "socket/parking.h"

/* At the end of the list: the call that has waited longest is tried first. */
void parking_take(struct parking *p, struct rill_call *call, struct parking **at)
{
    struct parking *first = *at ? *at : p;
    *p = (struct parking){.call = call, .next = first, .previous = p, .first = at};
    if (first != p)
        p->previous = first->previous;
    p->previous->next = p;
    first->previous = p;
    *at = first;
}

void parking_leave(struct parking *p)
{
    if (!p->first)
        return;
    if (*p->first == p)
        *p->first = p->next == p ? NULL : p->next;
    p->previous->next = p->next;
    p->next->previous = p->previous;
    p->first = NULL;
}

void parking_stir(struct rill *r, struct rill_call *p)
{
    if (!list_linked(&p->stirred))
        list_append(&r->stirred, &p->stirred);
}

/* The next one at the same object; NULL: none. */
static const struct parking *parking_next(const struct parking *p)
{
    return p->next == *p->first ? NULL : p->next;
}

/* A poll of thousands is tried only for events that it has asked for. */
static bool poll_cares(const struct rill_call *p, const struct parking *at, short ready)
{
    return ready & (p->call->poll.set[at - p->place].events | POLLERR | POLLHUP);
}

void parkings_stir(struct rill *r, const struct parking *first, short ready, uint32_t accepts)
{
    for (const struct parking *at = first; at; at = parking_next(at)) {
        struct rill_call *p = at->call;
        if (p->call->operation == CALL_POLL && !poll_cares(p, at, ready))
            continue;
        if (p->call->operation == CALL_ACCEPT && !accepts)
            break;
        accepts -= p->call->operation == CALL_ACCEPT;
        parking_stir(r, p);
    }
}
