#include "coroutine/scheduler.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static _Thread_local struct rill_scheduler *mine;

struct rill_scheduler *scheduler_mine(void)
{
    return mine;
}

/* ---- Switching ---- */

/* Makes `to` the running coroutine and switches the thread's errno and current stack. */
static void running_change(struct rill_scheduler *s, struct rill_coroutine *to)
{
    s->running->error = errno;
    s->running->current = rill_use(to->current);
    s->running = to;
    s->switches++;
}

/* The stack of a coroutine that has ended can be freed when another one runs. */
static void release_ended(struct rill_scheduler *s)
{
    struct rill_coroutine *ended = s->ended;
    if (!ended)
        return;
    s->ended = NULL;
    context_end(&ended->context);
    stack_put(&s->stacks, &ended->stack);
    if (ended->detached)
        free(ended);
}

void scheduler_arrived(struct rill_scheduler *s)
{
    release_ended(s);
    if (s->running != &s->main)
        s->running->state = COROUTINE_RUNNING;
    errno = s->running->error;
}

/* The next coroutine of the batch; after the last one `main`, which turns the loop. */
static struct rill_coroutine *take_next(struct rill_scheduler *s)
{
    struct rill_coroutine *next = TAILQ_FIRST(&s->batch);
    if (!next)
        return &s->main;
    TAILQ_REMOVE(&s->batch, next, turn);
    return next;
}

static void go_to(struct rill_scheduler *s, struct rill_coroutine *to)
{
    struct rill_coroutine *from = s->running;
    if (to != from) {
        running_change(s, to);
        context_go(&from->context, &to->context);
    }
    scheduler_arrived(s);
}

void scheduler_leave(struct rill_scheduler *s)
{
    struct rill_coroutine *from = s->running, *to = take_next(s);
    s->ended = from;
    running_change(s, to);
    context_leave(&from->context, &to->context);
}

void coroutine_wake(struct rill_coroutine *c)
{
    c->state = COROUTINE_READY;
    if (c != &c->scheduler->main)
        TAILQ_INSERT_TAIL(&c->scheduler->ready, c, turn);
}

/* ---- The main coroutine waits ---- */

static void collect(struct rill_scheduler *s)
{
    struct rill_coroutine *c;
    for (struct hooked *h = s->hooked; h; h = h->next)
        rill_try_parked(h->stack);
    while ((c = rill_take_done(&s->completions)) != NULL)
        coroutine_wake(c);
}

static void run_batch(struct rill_scheduler *s)
{
    TAILQ_CONCAT(&s->batch, &s->ready, turn);
    if (!TAILQ_EMPTY(&s->batch))
        go_to(s, take_next(s));
}

/* While a coroutine is ready the loop must not sleep. */
static int turn_loop(struct rill_scheduler *s)
{
    const struct hooked *h = s->hooked;
    bool idle = TAILQ_EMPTY(&s->ready) && s->main.state != COROUTINE_READY;
    return h->before.wait(h->before.context, idle ? RILL_NEVER : rill_now(h->stack));
}

/* If the loop stopped when the main coroutine had its result already, the next wait reports the
 * error. */
static int main_wait(struct rill_scheduler *s)
{
    while (!s->stopped) {
        collect(s);
        run_batch(s);
        if (turn_loop(s) != 0)
            s->stopped = errno;
        collect(s);
        if (s->main.state == COROUTINE_READY)
            return 0;
    }
    errno = s->stopped;
    s->stopped = 0;
    return -1;
}

int scheduler_wait(struct rill_scheduler *s)
{
    if (s->running != &s->main) {
        go_to(s, take_next(s));
        return 0;
    }
    int error = main_wait(s);
    s->main.state = COROUTINE_RUNNING;
    return error;
}

/* The wait hook: parks the call, and others run. */
static int wait_parked(void *context, rill_time until)
{
    struct hooked *h = context;
    struct rill_coroutine *self = h->scheduler->running;
    if (until <= rill_now(h->stack)) /* one turn, no sleep: let the loop do it */
        return 0;
    errno = ECANCELED;
    if (self->cancelled)
        return -1;
    self->call = rill_park(h->stack, &h->scheduler->completions, self);
    self->called = h->stack;
    if (!self->call)
        return -1;
    self->state = COROUTINE_CALLS;
    int error = scheduler_wait(h->scheduler);
    self->call = NULL;
    return error;
}

/* ---- Schedulers ---- */

void rill_scheduler_options_init(struct rill_scheduler_options *o)
{
    *o = (struct rill_scheduler_options){
        .stack_size = 64 << 10,
        .guard_size = 64 << 10,
        .stacks_kept = 1024,
    };
}

int rill_scheduler_add(struct rill_scheduler *s, struct rill *stack)
{
    struct hooked **at = &s->hooked, *h = malloc(sizeof *h);
    struct rill_wait before = rill_wait_hook(stack);
    errno = before.wait ? ENOMEM : EDEADLK;
    if (!h || !before.wait) {
        free(h);
        return -1;
    }
    while (*at)
        at = &(*at)->next;
    *h = (struct hooked){.stack = stack, .scheduler = s, .before = before};
    *at = h;
    rill_set_wait(stack, wait_parked, h);
    return 0;
}

static struct rill_scheduler *scheduler_make(const struct rill_scheduler_options *o)
{
    struct rill_scheduler *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    errno = EINVAL;
    if (!stack_pool_init(&s->stacks, o->stack_size, o->guard_size, o->stacks_kept)) {
        free(s);
        return NULL;
    }
    TAILQ_INIT(&s->ready);
    TAILQ_INIT(&s->batch);
    TAILQ_INIT(&s->all);
    context_thread(&s->main.context);
    s->main.scheduler = s;
    s->main.state = COROUTINE_RUNNING;
    s->running = &s->main;
    return s;
}

struct rill_scheduler *rill_scheduler_new(struct rill *stack,
                                          const struct rill_scheduler_options *options)
{
    struct rill_scheduler_options defaults;
    rill_scheduler_options_init(&defaults);
    errno = EBUSY;
    struct rill_scheduler *s = mine ? NULL : scheduler_make(options ? options : &defaults);
    if (!s)
        return NULL;
    if (rill_scheduler_add(s, stack) != 0) {
        free(s);
        return NULL;
    }
    mine = s;
    return s;
}

int rill_scheduler_run(struct rill_scheduler *s)
{
    if (!s->alive)
        return 0;
    if (s->running != &s->main) {
        errno = EDEADLK; /* the coroutine would wait for its own end */
        return -1;
    }
    s->main.state = COROUTINE_JOINS;
    s->main.joined = NULL;
    return scheduler_wait(s);
}

void rill_cancel(struct rill_coroutine *c)
{
    c->cancelled = true;
    if (c->state == COROUTINE_CALLS)
        rill_stop(c->called, c->call, ECANCELED);
    else if (c->state == COROUTINE_JOINS) {
        c->joined = c->joined->joiner = NULL; /* it will not see that coroutine's end any more */
        coroutine_wake(c);
    }
}

/* Cancelled coroutines end, unless one of them runs forever. Errors of the loop cannot be reported
 * any more. */
static void end_all(struct rill_scheduler *s)
{
    struct rill_coroutine *c;
    while (s->alive) {
        TAILQ_FOREACH(c, &s->all, all)
            rill_cancel(c);
        rill_scheduler_run(s);
    }
    while ((c = TAILQ_FIRST(&s->all)) != NULL) {
        TAILQ_REMOVE(&s->all, c, all);
        free(c);
    }
}

void rill_scheduler_free(struct rill_scheduler *s)
{
    if (!s)
        return;
    assert(s->running == &s->main);
    end_all(s);
    for (struct hooked *h; (h = s->hooked) != NULL;) {
        rill_set_wait(h->stack, h->before.wait, h->before.context);
        s->hooked = h->next;
        free(h);
    }
    stack_pool_end(&s->stacks);
    if (mine == s)
        mine = NULL;
    free(s);
}

struct rill_scheduler_facts rill_scheduler_facts(const struct rill_scheduler *s)
{
    return (struct rill_scheduler_facts){s->alive, s->stacks.mapped - s->stacks.unmapped,
                                         s->stacks.mapped, s->switches};
}
