#include "socket/parked.h"

#include "socket/object.h"
#include "socket/readiness.h"

#include <errno.h>

int parked_fd(const struct call *c, nfds_t i)
{
    return c->operation == CALL_POLL ? c->poll.set[i].fd : c->fd;
}

static bool waiters_add(struct rill *r, struct rill_call *p)
{
    p->waiters = p->call->operation == CALL_POLL ? p->call->poll.count : 1;
    p->waiter = &p->one;
    if (p->waiters > 1)
        p->waiter = memory_get(&r->net.memory, p->waiters * sizeof *p->waiter);
    if (!p->waiter)
        return false;
    for (nfds_t i = 0; i < p->waiters; i++) {
        int fd = parked_fd(p->call, i);
        if (object_exists(r, fd)) /* poll ignores negative ones, and has reported closed ones */
            waiter_add(&p->waiter[i], p, object_waiters(r, fd));
    }
    return true;
}

static void waiters_remove(struct rill *r, struct rill_call *p)
{
    for (nfds_t i = 0; p->waiter && i < p->waiters; i++)
        waiter_remove(&p->waiter[i]);
    if (p->waiter != &p->one)
        memory_put(&r->net.memory, p->waiter, p->waiters * sizeof *p->waiter);
    p->waiter = NULL;
}

/* Room in the heap for its time-out; there is some while the call is in the heap or was just taken
 * out. */
static bool timeout_reserve(struct rill *r, const struct rill_call *p)
{
    bool is_new = call_wake_time(p->call) != RILL_NEVER && !p->due.slot;
    return !is_new || heap_reserve(&r->due, r->due.count + 1);
}

static void timeout_set(struct rill *r, struct rill_call *p)
{
    rill_time when = call_wake_time(p->call);
    if (when == RILL_NEVER)
        heap_remove(&r->due, &p->due);
    else if (when != heap_time_of(&r->due, &p->due))
        heap_set(&r->due, &p->due, when);
}

bool parked_goes_on(struct rill *r, struct rill_call *p)
{
    if (!timeout_reserve(r, p))
        return false;
    timeout_set(r, p);
    return true;
}

bool parked_begin(struct rill *r, struct rill_call *p, struct rill_completion_queue *completions,
                  void *user_data)
{
    if (!timeout_reserve(r, p) || !waiters_add(r, p))
        return false;
    timeout_set(r, p);
    p->completions = completions;
    p->user_data = user_data;
    return true;
}

/* Takes the call out of all lists of waiting calls; a finished call stays in its completion queue.
 */
static void parked_withdraw(struct rill *r, struct rill_call *p)
{
    waiters_remove(r, p);
    list_remove(&p->woken);
    heap_remove(&r->due, &p->due);
}

static void completions_remove(struct rill_completion_queue *completions, const struct rill_call *p)
{
    struct rill_call *before = NULL;
    for (struct rill_call *i = completions->first; i; before = i, i = i->next) {
        if (i != p)
            continue;
        *(before ? &before->next : &completions->first) = p->next;
        if (completions->last == p)
            completions->last = before;
        return;
    }
}

void parked_leave(struct rill *r, struct rill_call *p)
{
    parked_withdraw(r, p);
    if (p->done)
        completions_remove(p->completions, p);
    p->completions = NULL;
}

void parked_end(struct rill *r, struct rill_call *p)
{
    parked_withdraw(r, p);
    p->done = true;
    p->next = NULL;
    *(p->completions->last ? &p->completions->last->next : &p->completions->first) = p;
    p->completions->last = p;
}

/* A connection in the queue is for one accept only; all other calls look themselves. */
void parked_wake(struct rill *r, const struct socket *s)
{
    if (!s->waiters)
        return;
    uint32_t accepts = s->phase == SOCKET_LISTENING ? s->listener->queued : UINT32_MAX;
    waiters_wake(r, s->waiters, socket_ready(r, s, POLLIN | POLLOUT), accepts);
}

void parked_close(struct rill *r, struct waiter **first)
{
    for (struct waiter *at; (at = *first) != NULL;) {
        waiter_remove(at);
        if (at->call->call->operation == CALL_POLL) {
            call_wake(r, at->call); /* its try finds POLLNVAL */
        } else if (!at->call->trying) {
            call_end(at->call->call, -EBADF);
            parked_end(r, at->call);
        }
    }
}
