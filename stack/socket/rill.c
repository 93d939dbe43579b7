/* A thread's current stack, and how a call that must wait lets time pass. */
#include "socket/rill.h"

#include <errno.h>

/* The thread's current stack, whose sockets its calls mean. This and `forwarder` are the only
 * mutable variables outside of a stack. */
static _Thread_local struct rill *current;

/* How the thread's calls reach a stack of another thread; no forwarder: the stack is its own. */
static _Thread_local struct forwarder forwarder;

struct rill *rill_use(struct rill *r)
{
    struct rill *before = current;
    current = r;
    forwarder = (struct forwarder){0};
    return before;
}

void rill_use_forwarded(struct rill *r, void (*forward)(void *, struct rill_call *), void *context)
{
    current = r;
    forwarder = (struct forwarder){forward, context};
}

struct forwarder rill_forwarder(void)
{
    return forwarder;
}

struct rill *rill_own(void)
{
    return forwarder.forward ? NULL : current;
}

struct rill *rill_current(void)
{
    return current;
}

/* ---------------------------------------------------------------- waiting */

void rill_set_wait(struct rill *r, int (*wait)(void *, rill_time), void *context)
{
    r->wait = wait;
    r->wait_context = context;
}

void rill_set_clock(struct rill *r, rill_time (*clock)(void *), void *context)
{
    r->clock = clock;
    r->clock_context = context;
}

void rill_take_time(struct rill *r)
{
    if (r->clock)
        net_clock(&r->net, r->clock(r->clock_context));
}

struct rill_wait rill_wait_hook(const struct rill *r)
{
    return (struct rill_wait){r->wait, r->wait_context};
}

int rill_wait(struct rill *r, rill_time until)
{
    if (!r->wait)
        return -EDEADLK;
    assert(r->inside == INSIDE_NOTHING);
    r->inside = INSIDE_HOOK;
    int result = r->wait(r->wait_context, until);
    r->inside = INSIDE_NOTHING;
    return result < 0 ? -errno : 0;
}
