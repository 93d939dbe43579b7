/* System calls: lookup, time, waiting, results. */
#include "script/calls.h"

#include "script/invocation.h"
#include "script/symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct call_row rows[] = {
    {"socket", 3, 3, socket_start, socket_finish},
    {"bind", 3, 3, bind_start, NULL},
    {"listen", 2, 2, listen_start, NULL},
    {"connect", 3, 3, connect_start, NULL},
    {"accept", 3, 3, accept_start, accept_finish},
    {"close", 1, 1, close_start, close_finish},
    {"shutdown", 2, 2, shutdown_start, NULL},
    {"fcntl", 2, 3, fcntl_start, NULL},
    {"ioctl", 2, 3, ioctl_start, ioctl_finish},
    {"poll", 3, 3, poll_start, poll_finish},
    {"epoll_create", 1, 1, epoll_create_start, epoll_create_finish},
    {"epoll_ctl", 4, 4, epoll_ctl_start, NULL},
    {"epoll_wait", 4, 4, epoll_wait_start, epoll_wait_finish},
    {"open", 2, 3, open_start, open_finish},
    {"pipe", 1, 1, pipe_start, pipe_finish},
    {"sendfile", 4, 4, sendfile_start, sendfile_finish},
    {"splice", 6, 6, splice_start, splice_finish},
    {"setsockopt", 5, 5, setsockopt_start, NULL},
    {"getsockopt", 5, 5, getsockopt_start, NULL},
    {"read", 3, 3, receive_start, receive_finish},
    {"recv", 4, 4, receive_start, receive_finish},
    {"recvfrom", 6, 6, receive_start, receive_finish},
    {"readv", 3, 3, readv_start, receive_finish},
    {"recvmsg", 3, 3, recvmsg_start, recvmsg_finish},
    {"write", 3, 3, send_start, send_finish},
    {"send", 4, 4, send_start, send_finish},
    {"sendto", 6, 6, send_start, send_finish},
    {"writev", 3, 3, writev_start, send_finish},
    {"sendmsg", 3, 3, sendmsg_start, send_finish},
};

const struct call_row *call_find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    return NULL;
}

/* ------------------------------------------------------------------- results */

/* A descriptor's number is chosen by the script: any non-negative result matches. */
static bool result_is_name(const struct invocation *i)
{
    static const char *const calls[] = {"socket", "accept", "epoll_create", "open"};
    for (size_t n = 0; n < sizeof calls / sizeof *calls; n++)
        if (!strcmp(i->line->name, calls[n]))
            return true;
    return false;
}

static void check_error(struct invocation *i)
{
    int64_t wanted = 0;
    if (!i->line->error || i->result >= 0)
        return;
    if (!symbol_find(i->line->error, &wanted))
        run_unsupported(i->run, "symbol %s", i->line->error);
    else if (wanted != i->error)
        run_fail(i->run, "%s() failed with %s, expected %s", i->line->name, errno_name(i->error),
                 i->line->error);
}

static void check_result(struct invocation *i)
{
    int64_t wanted = expression_value(i->run, i->line->result);
    bool equal = i->result == wanted || (result_is_name(i) && i->result >= 0 && wanted >= 0);
    if (!run_good(i->run))
        return;
    if (!equal && i->result < 0)
        run_fail(i->run, "%s() = %" PRId64 " %s, expected %" PRId64 "%s%s", i->line->name,
                 i->result, errno_name(i->error), wanted, i->line->error ? " " : "",
                 i->line->error ? i->line->error : "");
    else if (!equal)
        run_fail(i->run, "%s() = %" PRId64 ", expected %" PRId64 "%s%s", i->line->name, i->result,
                 wanted, i->line->error ? " " : "", i->line->error ? i->line->error : "");
    else
        check_error(i);
}

static void finish(struct invocation *i)
{
    check_result(i);
    if (run_good(i->run) && i->row->finish)
        i->row->finish(i);
    free(i->buffer);
    i->buffer = NULL;
}

/* ------------------------------------------------------------------- waiting */

static void take_outcome(struct invocation *i)
{
    i->result = i->call.result;
    i->error = i->call.error;
}

/* Completes a blocking call, at its own time. */
void call_notice(struct run *r)
{
    struct invocation *i = r->pending;
    if (!i || !r->machine.pending_done)
        return;
    int64_t end = (r->machine.pending_end - MACHINE_EPOCH) / 1000;
    r->pending = NULL;
    r->machine.pending = NULL;
    r->machine.pending_done = false;
    take_outcome(i);
    finish(i);
    if (run_good(r) &&
        !run_in_time(r, end, i->expected_end, i->expected_end, i->expected_end - i->started))
        run_fail(r, "%s() of line %d returned at %.6f s, expected %.6f s", i->line->name,
                 i->event->line, (double)end / 1e6, (double)i->expected_end / 1e6);
}

bool call_wait(struct run *r, int64_t limit)
{
    rill_time until = r->machine.now + RILL_MICROSECONDS(limit);
    while (r->pending && !r->machine.pending_done && machine_step(&r->machine, until))
        ;
    if (r->pending && !r->machine.pending_done)
        machine_pass(&r->machine, until);
    call_notice(r);
    return !r->pending;
}

void call_abandon(struct run *r)
{
    if (r->pending)
        free(r->pending->buffer);
    r->pending = NULL;
    r->machine.pending = NULL;
}

/* A plain call that waits takes its time, even beside a call in progress (23.5). */
static void complete(struct invocation *i)
{
    if (machine_wait(&i->run->machine, &i->call))
        take_outcome(i);
    else
        run_fail(i->run, "%s() would wait for ever", i->line->name);
}

static void start_blocking(struct invocation *i)
{
    struct run *r = i->run;
    const struct event_time *t = &i->event->time;
    i->started = r->expected;
    i->expected_end = r->expected + t->second - t->at;
    r->pending = i;
    if (i->waits) {
        machine_call(&r->machine, &i->call);
    } else {
        i->call.result = i->result;
        i->call.error = i->error;
        r->machine.pending_done = true;
        r->machine.pending_end = r->machine.now;
        machine_pull(&r->machine);
    }
    call_notice(r);
}

/* ------------------------------------------------------------------ the event */

/* Calls whose first descriptor may be a file or a pipe. */
static bool takes_zeros(const char *name)
{
    return !strcmp(name, "close") || !strcmp(name, "splice");
}

static struct invocation *invocation_new(struct run *r, const struct call_line *line)
{
    struct invocation *i = arena_get(r->arena, sizeof *i);
    int64_t name;
    i->run = r;
    i->event = r->event;
    i->line = line;
    i->row = call_find(line->name);
    i->live_fd = -1;
    const struct expression *first = argument(i, 0);
    name = first && first->kind == EXPRESSION_NUMBER ? first->number : -1;
    if (name >= 0 && name <= INT32_MAX)
        i->descriptor = run_descriptor(r, (int)name);
    if (i->descriptor)
        i->live_fd = i->descriptor->live;
    return i;
}

void call_handle(struct run *r, const struct call_line *line)
{
    struct invocation *i = invocation_new(r, line);
    unsigned given = line->arguments->children;
    if (r->pending && r->event->time.blocking) {
        run_fail(r, "%s() while %s() of line %d is still in progress", line->name,
                 r->pending->line->name, r->pending->event->line);
        return;
    }
    if (!i->row) {
        run_unsupported(r, "system call %s()", line->name);
        return;
    }
    if (given < i->row->least || given > i->row->most) {
        run_fail(r, "%s() with %u arguments, not %u%s", line->name, given, i->row->least,
                 i->row->most > i->row->least ? " or more" : "");
        return;
    }
    if (i->descriptor && i->descriptor->zeros && !takes_zeros(line->name)) {
        run_unsupported(r, "%s() of a file or a pipe", line->name);
        return;
    }
    i->row->start(i);
    if (run_good(r) && r->event->time.blocking) {
        start_blocking(i);
        return;
    }
    if (run_good(r) && i->waits)
        complete(i);
    machine_pull(&r->machine);
    if (run_good(r))
        finish(i);
    free(i->buffer);
    i->buffer = NULL;
}
