/* Coroutines: functions that run concurrently in one thread, each on its own stack. While a
 * blocking call of <rill/socket.h> waits in one coroutine, the others run. Library
 * librill-coroutine.
 *
 *     struct rill_scheduler *scheduler = rill_scheduler_new(rill_current(), NULL);
 *     rill_go(listen_for_ever, &server);
 *     rill_scheduler_run(scheduler);
 *     rill_scheduler_free(scheduler);
 *
 * There is no preemption: a coroutine runs until it waits, yields or ends. A call that need not
 * wait does not let others run. A waiting coroutine costs no CPU time: the event that it waits for
 * wakes it.
 *
 * The thread that created the scheduler behaves like one more coroutine: it may block in any call,
 * and the others run meanwhile. An error that stops the loop (EINTR: a signal; ENODEV: the TAP is
 * gone) fails only the call in which this thread waits.
 *
 * One scheduler belongs to one thread; call all functions of this header in that thread. */
#ifndef RILL_COROUTINE_H
#define RILL_COROUTINE_H

#include <rill/rill.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_scheduler;
struct rill_coroutine;

struct rill_scheduler_options {
    size_t stack_size;    /* bytes, rounded up to pages; 16 KiB or more [64 KiB]. This is address
                             space: only touched pages take memory */
    size_t guard_size;    /* bytes without access below each stack [64 KiB]: an overflow ends the
                             process (SIGSEGV) instead of corrupting memory, unless a function has
                             variables larger than the guard and is compiled without
                             -fstack-clash-protection. Address space only; 0: no guard. With a guard
                             each stack takes two of vm.max_map_count's mappings */
    unsigned stacks_kept; /* stacks of ended coroutines that are kept for new ones [1024] */
};

void rill_scheduler_options_init(struct rill_scheduler_options *);

/* Creates this thread's scheduler. It installs itself in front of the stack's wait hook, which must
 * exist. Options: NULL for the defaults. NULL with errno: ENOMEM; EDEADLK: the stack has no hook;
 * EBUSY: the thread has a scheduler; EINVAL. */
struct rill_scheduler *rill_scheduler_new(struct rill *, const struct rill_scheduler_options *);

/* Adds a stack, so that its calls let other coroutines run, too. The first stack's hook must also
 * drive this stack, as with stacks on one simulated cable. 0, or -1 with ENOMEM or EDEADLK. */
int rill_scheduler_add(struct rill_scheduler *, struct rill *);

/* Runs the coroutines until none is left. 0, or -1 with errno if the loop stopped; EDEADLK in a
 * coroutine. */
int rill_scheduler_run(struct rill_scheduler *);

/* Cancels the remaining coroutines, waits for their end, and restores the stacks' hooks. Call it in
 * the thread itself, not in a coroutine, and before any of these stacks is freed. NULL is
 * harmless. */
void rill_scheduler_free(struct rill_scheduler *);

struct rill_scheduler_facts {
    size_t coroutines;    /* that have not ended */
    size_t stacks;        /* in use or kept */
    size_t stacks_mapped; /* ever mapped: the others were reused */
    uint64_t switches;
};
struct rill_scheduler_facts rill_scheduler_facts(const struct rill_scheduler *);

/* Starts a coroutine, which runs when its turn comes. It uses the caller's current rill stack. Its
 * own call stack is released when it ends; its result is kept until rill_join or until the
 * scheduler is freed. NULL with errno: ENOMEM, also if vm.max_map_count allows no more stacks. */
struct rill_coroutine *rill_go(void *(*run)(void *), void *argument);

/* Declares that nobody will join it: it is freed when it ends. No effect if it is being joined. */
void rill_detach(struct rill_coroutine *);

/* Waits for its end and frees it. `result` may be NULL. 0, or -1 with errno: EDEADLK: it is the
 * caller, or waits for the caller's end; EINVAL: it is detached, or another caller joins it;
 * ECANCELED; or the error that stopped the loop. */
int rill_join(struct rill_coroutine *, void **result);

/* From now on every call in which the coroutine would have to wait fails with ECANCELED, including
 * the one in which it waits now (if that has transferred bytes, it returns their number, as after a
 * signal). Calls that need not wait still work, and rill_close does not wait. No effect on a
 * coroutine that has ended and was not joined or detached. */
void rill_cancel(struct rill_coroutine *);

/* The running coroutine; NULL in the thread itself, and without a scheduler. */
struct rill_coroutine *rill_coroutine_self(void);

/* A name for display and debuggers; at most 15 characters are kept. */
void rill_coroutine_name(struct rill_coroutine *, const char *name);

/* Lets the others run. 0, or -1 with ECANCELED or the error that stopped the loop. */
int rill_yield(void);

/* Waits for this long in the stack's time. 0, or -1 with errno as rill_yield. */
int rill_sleep(rill_time);

#ifdef __cplusplus
}
#endif

#endif
