#include "socket/parked.h"

#include "socket/object.h"
#include "socket/readiness.h"
#include "socket/run.h"

#include <errno.h>

/* ------------------------------------------------------------------ places */

/* Behind the others: who has waited longest is tried first. */
static void place_take(struct parking *p, struct rill_call *call, struct parking **at)
{
    struct parking *first = *at ? *at : p;
    *p = (struct parking){.call = call, .next = first, .previous = p, .first = at};
    if (first != p)
        p->previous = first->previous;
    p->previous->next = p;
    first->previous = p;
    *at = first;
}

static void place_leave(struct parking *p)
{
    if (!p->first)
        return;
    if (*p->first == p)
        *p->first = p->next == p ? NULL : p->next;
    p->previous->next = p->next;
    p->next->previous = p->previous;
    p->first = NULL;
}

/* The one behind it at the same object; NULL: none. */
static const struct parking *place_next(const struct parking *p)
{
    return p->next == *p->first ? NULL : p->next;
}

/* The descriptor that the call waits at in its i-th place. */
static int place_fd(const struct call *c, nfds_t i)
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
        int fd = place_fd(p->call, i);
        if (object_exists(r, fd)) /* poll ignores negative ones, and has told of closed ones */
            place_take(&p->place[i], p, object_parked(r, fd));
    }
    return true;
}

static void places_leave(struct rill *r, struct rill_call *p)
{
    for (nfds_t i = 0; p->place && i < p->places; i++)
        place_leave(&p->place[i]);
    if (p->place != &p->one)
        memory_put(&r->net.memory, p->place, p->places * sizeof *p->place);
    p->place = NULL;
}

/* ------------------------------------------------------- parking and leaving */

static bool park(struct rill *r, struct rill_call *p, struct rill_desk *desk, void *whose)
{
    bool timed = p->call->deadline != RILL_NEVER;
    if ((timed && !heap_reserve(&r->due, r->due.count + 1)) || !places_take(r, p))
        return false;
    if (timed)
        heap_set(&r->due, &p->due, p->call->deadline);
    p->desk = desk;
    p->whose = whose;
    return true;
}

struct rill_call *rill_park(struct rill *r, struct rill_desk *desk, void *whose)
{
    struct rill_call *p = r->waiting;
    assert(r->inside == INSIDE_HOOK);
    assert(p);
    errno = ENOMEM;
    if (!park(r, p, desk, whose))
        return NULL;
    r->waiting = NULL;
    r->inside = INSIDE_NOTHING;
    return p;
}

bool rill_begin(struct rill *r, struct rill_call *p, struct rill_desk *desk, void *whose)
{
    if (call_try(r, p->call) == CALL_DONE)
        return true;
    if (park(r, p, desk, whose))
        return false;
    call_stop(r, p->call, ENOMEM);
    return true;
}

void rill_refuse(struct rill_call *p, int error)
{
    call_end(p->call, -error);
}

/* Nobody tries it any more; what lies on the desk stays there. */
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

static void parked_end(struct rill *r, struct rill_call *p)
{
    parked_withdraw(r, p);
    p->done = true;
    p->next = NULL;
    *(p->desk->last ? &p->desk->last->next : &p->desk->first) = p;
    p->desk->last = p;
}

void *rill_take_done(struct rill_desk *desk)
{
    struct rill_call *p = desk->first;
    if (!p)
        return NULL;
    desk->first = p->next;
    if (!desk->first)
        desk->last = NULL;
    p->desk = NULL;
    return p->whose;
}

/* ------------------------------------------------------------------ stirring */

static void stir(struct rill *r, struct rill_call *p)
{
    if (!list_linked(&p->stirred))
        list_append(&r->stirred, &p->stirred);
}

/* A poll of thousands is not looked through for what it has not asked about. */
static bool poll_cares(const struct rill_call *p, const struct parking *at, short ready)
{
    return ready & (p->call->poll.set[at - p->place].events | POLLERR | POLLHUP);
}

/* Each connection in the queue is for one accept; everybody else has to look for himself. */
void parked_stir(struct rill *r, const struct socket *s)
{
    if (!s->parked)
        return;
    uint32_t accepts = s->phase == SOCKET_LISTENING ? s->listener->queued : UINT32_MAX;
    short ready = socket_ready(r, s, POLLIN | POLLOUT);
    for (const struct parking *at = s->parked; at; at = place_next(at)) {
        struct rill_call *p = at->call;
        if (p->call->operation == CALL_POLL && !poll_cares(p, at, ready))
            continue;
        if (p->call->operation == CALL_ACCEPT && !accepts)
            break;
        accepts -= p->call->operation == CALL_ACCEPT;
        stir(r, p);
    }
}

void parked_stir_all(struct rill *r, const struct parking *first, short ready)
{
    for (const struct parking *at = first; at; at = place_next(at))
        if (at->call->call->operation != CALL_POLL || poll_cares(at->call, at, ready))
            stir(r, at->call);
}

void parked_close(struct rill *r, struct parking **first)
{
    for (struct parking *at; (at = *first) != NULL;) {
        place_leave(at);
        if (at->call->call->operation == CALL_POLL) {
            stir(r, at->call); /* it finds POLLNVAL */
        } else if (!at->call->trying) {
            call_end(at->call->call, -EBADF);
            parked_end(r, at->call);
        }
    }
}

/* -------------------------------------------------------------------- trying */

static void parked_try(struct rill *r, struct rill_call *p)
{
    p->trying = true; /* close(2) that has lingered long enough frees the socket it waits at */
    enum call_state state = call_try(r, p->call);
    p->trying = false;
    if (state == CALL_DONE)
        parked_end(r, p);
}

static struct rill_call *next_stirred(struct rill *r)
{
    struct list_node *n = list_first(&r->stirred);
    if (!n)
        return NULL;
    list_remove(n);
    return container_of(n, struct rill_call, stirred);
}

static struct rill_call *next_due(struct rill *r)
{
    struct heap_node *n = heap_pop(&r->due, r->net.now);
    return n ? container_of(n, struct rill_call, due) : NULL;
}

void rill_try_parked(struct rill *r)
{
    struct rill_call *p;
    assert(r->inside != INSIDE_MACHINE);
    rill_settle(r);
    while ((p = next_stirred(r)) != NULL)
        parked_try(r, p);
    while ((p = next_due(r)) != NULL)
        parked_try(r, p);
}

/* What it was stirred for goes to the next in line. */
void rill_stop(struct rill *r, struct rill_call *p, int error)
{
    if (p->done)
        return;
    bool pass_on = list_linked(&p->stirred) && p->call->operation == CALL_ACCEPT;
    p->trying = true;
    call_stop(r, p->call, error);
    p->trying = false;
    parked_end(r, p);
    if (pass_on)
        parked_stir(r, socket_find(r, p->call->fd));
}

/* --------------------------------------------------------------------- facts */

struct rill_call_facts rill_call_facts(const struct rill_call *p)
{
    static const char *const name[] = {
        [CALL_ACCEPT] = "accept",    [CALL_CONNECT] = "connect", [CALL_SEND] = "send",
        [CALL_RECEIVE] = "recv",     [CALL_CLOSE] = "close",     [CALL_POLL] = "poll",
        [CALL_EPOLL] = "epoll_wait",
    };
    const struct call *c = p->call;
    bool several = c->operation == CALL_POLL && c->poll.count != 1;
    return (struct rill_call_facts){name[c->operation], several ? -1 : place_fd(c, 0), c->deadline};
}
