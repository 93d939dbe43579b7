/* One coroutine: start, join, cancel. */
#include "coroutine/scheduler.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- Life cycle ---- */

static void tell_joiners(struct rill_coroutine *c)
{
    struct rill_scheduler *s = c->scheduler;
    if (c->joiner)
        coroutine_wake(c->joiner);
    if (!s->alive && s->main.state == COROUTINE_JOINS && !s->main.joined)
        coroutine_wake(&s->main);
}

static void begin(void *argument)
{
    struct rill_coroutine *c = argument;
    scheduler_arrived(c->scheduler);
    c->result = c->run(c->argument);
    c->state = COROUTINE_ENDED;
    c->scheduler->alive--;
    if (c->detached)
        TAILQ_REMOVE(&c->scheduler->all, c, all);
    tell_joiners(c);
    scheduler_leave(c->scheduler);
}

struct rill_coroutine *rill_go(void *(*run)(void *), void *argument)
{
    struct rill_scheduler *s = scheduler_mine();
    errno = EINVAL;
    struct rill_coroutine *c = s ? calloc(1, sizeof *c) : NULL;
    if (!c)
        return NULL;
    if (!stack_get(&s->stacks, &c->stack)) {
        free(c);
        return NULL;
    }
    context_make(&c->context, c->stack.bottom, c->stack.size, begin, c);
    c->scheduler = s;
    c->current = rill_current();
    c->run = run;
    c->argument = argument;
    c->number = ++s->born;
    s->alive++;
    TAILQ_INSERT_TAIL(&s->all, c, all);
    coroutine_wake(c);
    return c;
}

static void forget(struct rill_coroutine *c)
{
    TAILQ_REMOVE(&c->scheduler->all, c, all);
    free(c);
}

void rill_detach(struct rill_coroutine *c)
{
    if (c->state == COROUTINE_ENDED && !c->joiner)
        forget(c);
    else if (!c->joiner) /* else rill_join frees it */
        c->detached = true;
}

/* ---- Waiting for each other ---- */

/* Does it wait for the end of `end`, directly or through others? */
static bool waits_for(const struct rill_coroutine *c, const struct rill_coroutine *end)
{
    while (c && c != end && c->state == COROUTINE_JOINS)
        c = c->joined;
    return c == end;
}

static int join_refused(const struct rill_coroutine *self, const struct rill_coroutine *c)
{
    if (waits_for(c, self))
        return EDEADLK;
    if (c->detached || c->joiner)
        return EINVAL;
    return self->cancelled && c->state != COROUTINE_ENDED ? ECANCELED : 0;
}

/* Waits for its end; 0, or errno. If the caller is cancelled while it waits, it must not use `c`
 * any more, which may be freed. */
static int join_wait(struct rill_coroutine *self, struct rill_coroutine *c)
{
    c->joiner = self;
    self->joined = c;
    self->state = COROUTINE_JOINS;
    int stopped = scheduler_wait(c->scheduler) ? errno : 0;
    if (!self->joined)
        return ECANCELED;
    self->joined = c->joiner = NULL;
    return c->state == COROUTINE_ENDED ? 0 : stopped;
}

int rill_join(struct rill_coroutine *c, void **result)
{
    struct rill_coroutine *self = c->scheduler->running;
    int refused = join_refused(self, c);
    if (!refused && c->state != COROUTINE_ENDED)
        refused = join_wait(self, c);
    if (refused) {
        errno = refused;
        return -1;
    }
    if (result)
        *result = c->result;
    forget(c);
    return 0;
}

int rill_yield(void)
{
    struct rill_scheduler *s = scheduler_mine();
    if (!s)
        return 0;
    if (s->running->cancelled) {
        errno = ECANCELED;
        return -1;
    }
    coroutine_wake(s->running);
    return scheduler_wait(s);
}

int rill_sleep(rill_time time)
{
    struct rill_scheduler *s = scheduler_mine();
    struct rill *before = s ? rill_use(s->hooked->stack) : NULL;
    struct timespec t = {time / RILL_SECONDS(1), time % RILL_SECONDS(1)};
    int error = rill_ppoll(NULL, 0, &t, NULL);
    if (s)
        rill_use(before);
    return error;
}

/* ---- Facts ---- */

struct rill_coroutine *rill_coroutine_self(void)
{
    struct rill_scheduler *s = scheduler_mine();
    return s && s->running != &s->main ? s->running : NULL;
}

void rill_coroutine_name(struct rill_coroutine *c, const char *name)
{
    snprintf(c->name, sizeof c->name, "%s", name);
}
