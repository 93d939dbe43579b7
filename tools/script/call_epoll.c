/* epoll_create, epoll_ctl, epoll_wait (language page, sections 13.2, 13.3, 23.6). */
#include "script/invocation.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* ------------------------------------------------------------------- events */

/* The data of a watch. A descriptor has the script's own name, so that both sides can be compared
 * directly; a half is a number like the whole, in any byte order. */
static epoll_data_t event_data(struct run *r, const struct expression *e)
{
    const struct expression *word = member(e, "u64") ? member(e, "u64") : member(e, "ptr");
    const struct expression *half = member(e, "fd") ? member(e, "fd") : member(e, "u32");
    if (half)
        return (epoll_data_t){.u64 = (uint32_t)expression_value(r, half)};
    return (epoll_data_t){.u64 = word ? (uint64_t)expression_value(r, word) : 0};
}

/* False: it is not an event, and the run has failed. */
static bool read_event(struct invocation *i, const struct expression *e, struct epoll_event *out)
{
    const struct expression *events = member(e, "events");
    if (e->kind != EXPRESSION_STRUCT || !events) {
        invocation_wrong(i, "{events=..., fd=...} was expected");
        return false;
    }
    out->events = (uint32_t)expression_value(i->run, events);
    out->data = event_data(i->run, e);
    return run_good(i->run);
}

/* -------------------------------------------------------------------- calls */

void epoll_create_start(struct invocation *i)
{
    invocation_done(i, rill_epoll_create((int)argument_number(i, 0)));
}

void epoll_create_finish(struct invocation *i)
{
    int64_t name = expression_value(i->run, i->line->result);
    if (i->result >= 0)
        invocation_name(i, name, (int)i->result, NULL);
}

/* NULL is a null pointer, which EPOLL_CTL_DEL accepts. */
void epoll_ctl_start(struct invocation *i)
{
    const struct expression *e = argument(i, 3);
    struct epoll_event event = {0};
    int operation = (int)argument_number(i, 1);
    int64_t name = argument_number(i, 2);
    bool null = e->kind != EXPRESSION_STRUCT && expression_value(i->run, e) == 0;
    if (!run_good(i->run) || (!null && !read_event(i, e, &event)))
        return;
    const struct descriptor_name *watched = run_descriptor(i->run, (int)name);
    invocation_done(i, rill_epoll_ctl(i->live_fd, operation, watched ? watched->live : -1,
                                      null ? NULL : &event));
}

void epoll_wait_start(struct invocation *i)
{
    struct epoll_event wanted;
    int64_t most = argument_number(i, 2), timeout = argument_number(i, 3);
    if (!read_event(i, argument(i, 1), &wanted))
        return;
    if (most > EVENTS_MAX) {
        invocation_wrong(i, "more events than one call may take");
        return;
    }
    i->events = arena_get(i->run->arena, sizeof *i->events * (size_t)(most > 0 ? most : 1));
    if (most <= 0) { /* refused already, because the arguments are invalid */
        errno = EINVAL;
        invocation_done(i, -1);
        return;
    }
    i->waits = true;
    i->call = (struct call){
        .operation = CALL_EPOLL,
        .fd = i->live_fd,
        .epoll = {.events = i->events, .max = (int)most},
        .timeout = timeout < 0 ? RILL_NEVER : RILL_MILLISECONDS(timeout),
    };
}

/* The first event is compared whatever the result is: {events=0, ptr=0} means none. */
void epoll_wait_finish(struct invocation *i)
{
    struct epoll_event wanted, got = *i->events;
    if (!read_event(i, argument(i, 1), &wanted))
        return;
    if (got.events != wanted.events)
        run_fail(i->run, "epoll_wait() returned events 0x%x, expected 0x%x", got.events,
                 wanted.events);
    else if (got.data.u64 != wanted.data.u64)
        run_fail(i->run, "epoll_wait() returned of %llu, expected %llu",
                 (unsigned long long)got.data.u64, (unsigned long long)wanted.data.u64);
}
