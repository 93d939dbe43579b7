/* <rill/call.h>: parked calls, for bindings that hold many of them. */
#include "socket/events.h"
#include "socket/object.h"
#include "socket/parked.h"
#include "socket/run.h"

#include <errno.h>

struct rill_call *rill_park(struct rill *r, struct rill_completion_queue *completions,
                            void *user_data)
{
    struct rill_call *p = r->waiting;
    errno = EDEADLK;
    if (r->inside != INSIDE_HOOK || !p)
        return NULL;
    errno = ENOMEM;
    if (!parked_begin(r, p, completions, user_data))
        return NULL;
    r->waiting = NULL;
    r->inside = INSIDE_NOTHING;
    return p;
}

bool rill_begin(struct rill *r, struct rill_call *p, struct rill_completion_queue *completions,
                void *user_data)
{
    if (call_try(r, p->call) == CALL_DONE)
        return true;
    if (parked_begin(r, p, completions, user_data))
        return false;
    call_stop(r, p->call, ENOMEM);
    return true;
}

void rill_refuse(struct rill_call *p, int error)
{
    call_end(p->call, -error);
}

void *rill_take_done(struct rill_completion_queue *completions)
{
    struct rill_call *p = completions->first;
    if (!p)
        return NULL;
    completions->first = p->next;
    if (!completions->first)
        completions->last = NULL;
    p->completions = NULL;
    return p->user_data;
}

/* -------------------------------------------------------------------- trying */

static void parked_try(struct rill *r, struct rill_call *p)
{
    p->trying = true; /* a close(2) whose linger time is over frees the socket at which it waits */
    bool done = call_try(r, p->call) == CALL_DONE;
    if (!done && !parked_goes_on(r, p)) {
        call_stop(r, p->call, ENOBUFS);
        done = true;
    }
    p->trying = false;
    if (done)
        parked_end(r, p);
}

static struct rill_call *next_woken(struct rill *r)
{
    struct list_node *n = list_first(&r->woken);
    if (!n)
        return NULL;
    list_remove(n);
    return container_of(n, struct rill_call, woken);
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
    rill_dispatch_events(r);
    while ((p = next_woken(r)) != NULL)
        parked_try(r, p);
    while ((p = next_due(r)) != NULL)
        parked_try(r, p);
}

/* The event for which it was woken goes to the next call in line. */
void rill_stop(struct rill *r, struct rill_call *p, int error)
{
    if (p->done)
        return;
    bool pass_on = list_linked(&p->woken) && p->call->operation == CALL_ACCEPT;
    p->trying = true;
    call_stop(r, p->call, error);
    p->trying = false;
    parked_end(r, p);
    if (pass_on)
        parked_wake(r, socket_find(r, p->call->fd));
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
    return (struct rill_call_facts){name[c->operation], several ? -1 : parked_fd(c, 0),
                                    c->deadline};
}
