/* The running, ready and waiting coroutines of one thread.
 *
 *     ready --> batch --> running --> (call parked | joins | ended)
 *       ^------------- woken ------------------'
 *
 * `main` is the thread itself. Only while it waits does the loop run (main_wait): it takes finished
 * calls from the completion queue, lets one batch of coroutines run, each switching directly to the
 * next, and then calls the stack's own wait hook to move frames and sleep. So frames move between
 * any two batches, however many coroutines are always ready, and the loop uses the thread's own,
 * large stack. */
#ifndef COROUTINE_SCHEDULER_H
#define COROUTINE_SCHEDULER_H

#include "coroutine/context.h"
#include "coroutine/stack_pool.h"

#include <rill/coroutine.h>
#include <sys/queue.h>

#define NAME_ROOM 16

enum coroutine_state {
    COROUTINE_READY,
    COROUTINE_RUNNING,
    COROUTINE_CALLS, /* one of its calls is parked */
    COROUTINE_JOINS, /* it waits for the end of another, or of all */
    COROUTINE_ENDED
};

struct rill_coroutine {
    struct context context;
    struct stack stack;
    enum coroutine_state state;
    bool cancelled, detached;
    int error; /* its errno while it does not run */
    char name[NAME_ROOM];
    unsigned number; /* in order of creation, for display */
    struct rill_scheduler *scheduler;
    struct rill *current;          /* its current stack while it does not run */
    struct rill *called;           /* CALLS: the stack of the call */
    struct rill_call *call;        /* CALLS */
    struct rill_coroutine *joined; /* JOINS: the coroutine whose end it waits for; NULL: of all */
    struct rill_coroutine *joiner; /* the coroutine that waits for its end */
    void *(*run)(void *);
    void *argument, *result;
    TAILQ_ENTRY(rill_coroutine) turn; /* in ready or batch */
    TAILQ_ENTRY(rill_coroutine) all;
};

TAILQ_HEAD(coroutines, rill_coroutine);

/* A stack whose calls let others run. */
struct hooked {
    struct rill *stack;
    struct rill_scheduler *scheduler;
    struct rill_wait before; /* the hook behind this one */
    struct hooked *next;
};

struct rill_scheduler {
    struct rill_coroutine main;
    struct rill_coroutine *running;
    struct coroutines ready, batch, all;
    struct hooked *hooked; /* the first of them: its hook turns the loop */
    struct rill_completion_queue completions;
    struct stack_pool stacks;
    struct rill_coroutine *ended; /* has just ended: its stack is free when another one runs */
    int stopped; /* errno of a loop that stopped, not yet reported to `main`; 0: none */
    size_t alive;
    unsigned born;
    uint64_t switches;
};

/* The thread's scheduler; NULL: none. */
struct rill_scheduler *scheduler_mine(void);

/* Makes it ready. If it is `main`, it goes on when the running coroutine waits. */
void coroutine_wake(struct rill_coroutine *);

/* The running coroutine, whose state gives the reason, waits until it is woken. 0, or -1 with errno
 * if the loop stopped; only `main` gets this error. */
int scheduler_wait(struct rill_scheduler *);

/* A coroutine must call this first. */
void scheduler_arrived(struct rill_scheduler *);

/* Ends the running coroutine. */
_Noreturn void scheduler_leave(struct rill_scheduler *);

#endif
