#include "socket/parked.h"

#include "socket/object.h"
#include "socket/readiness.h"

#include <errno.h>

int parked_fd(const struct call *c, nfds_t i)
{
    return c->operation == CALL_POLL ? c->poll.set[i].fd : c->fd;
}

static bool places_take(struct rill *r, struct rill_call *p)
{
    p->places = p->call->operation == CALL_POLL ? p->call->poll.count : 1;
    p->place = &p->one;
    if (p->places > 1)
        p->place = memory_get(&r->net.memory, p->places * sizeof *p->place);
    if (!p->place)
        return false;
    for (nfds_t i = 0; i < p->places; i++) {
        int fd = parked_fd(p->call, i);
        if (object_exists(r, fd)) /* poll ignores negative ones, and has reported closed ones */
            parking_take(&p->place[i], p, object_parked(r, fd));
    }
    return true;
}

static void places_leave(struct rill *r, struct rill_call *p)
{
    for (nfds_t i = 0; p->place && i < p->places; i++)
        parking_leave(&p->place[i]);
    if (p->place != &p->one)
        memory_put(&r->net.memory, p->place, p->places * sizeof *p->place);
    p->place = NULL;
}

/* Room in the heap for its time-out; there is some while the call is in the heap or was just taken
 * out. */
static bool alarm_reserve(struct rill *r, const struct rill_call *p)
{
    bool is_new = call_alarm(p->call) != RILL_NEVER && !p->due.slot;
    return !is_new || heap_reserve(&r->due, r->due.count + 1);
}

static void alarm_set(struct rill *r, struct rill_call *p)
{
    rill_time when = call_alarm(p->call);
    if (when == RILL_NEVER)
        heap_remove(&r->due, &p->due);
    else if (when != heap_time_of(&r->due, &p->due))
        heap_set(&r->due, &p->due, when);
}

bool parked_goes_on(struct rill *r, struct rill_call *p)
{
    if (!alarm_reserve(r, p))
        return false;
    alarm_set(r, p);
    return true;
}

bool parked_begin(struct rill *r, struct rill_call *p, struct rill_desk *desk, void *whose)
{
    if (!alarm_reserve(r, p) || !places_take(r, p))
        return false;
    alarm_set(r, p);
    p->desk = desk;
    p->whose = whose;
    return true;
}

/* Takes the call out of all lists of waiting calls; a call on a desk stays there. */
static void parked_withdraw(struct rill *r, struct rill_call *p)
{
    places_leave(r, p);
    list_remove(&p->stirred);
    heap_remove(&r->due, &p->due);
}

static void desk_remove(struct rill_desk *desk, const struct rill_call *p)
{
    struct rill_call *before = NULL;
    for (struct rill_call *i = desk->first; i; before = i, i = i->next) {
        if (i != p)
            continue;
        *(before ? &before->next : &desk->first) = p->next;
        if (desk->last == p)
            desk->last = before;
        return;
    }
}

void parked_leave(struct rill *r, struct rill_call *p)
{
    parked_withdraw(r, p);
    if (p->done)
        desk_remove(p->desk, p);
    p->desk = NULL;
}

void parked_end(struct rill *r, struct rill_call *p)
{
    parked_withdraw(r, p);
    p->done = true;
    p->next = NULL;
    *(p->desk->last ? &p->desk->last->next : &p->desk->first) = p;
    p->desk->last = p;
}

/* A connection in the queue is for one accept only; all other calls look themselves. */
void parked_stir(struct rill *r, const struct socket *s)
{
    if (!s->parked)
        return;
    uint32_t accepts = s->phase == SOCKET_LISTENING ? s->listener->queued : UINT32_MAX;
    parkings_stir(r, s->parked, socket_ready(r, s, POLLIN | POLLOUT), accepts);
}

void parked_close(struct rill *r, struct parking **first)
{
    for (struct parking *at; (at = *first) != NULL;) {
        parking_leave(at);
        if (at->call->call->operation == CALL_POLL) {
            parking_stir(r, at->call); /* its try finds POLLNVAL */
        } else if (!at->call->trying) {
            call_end(at->call->call, -EBADF);
            parked_end(r, at->call);
        }
    }
}
