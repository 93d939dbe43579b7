/* Coroutines: functions that run side by side in one thread, each on a stack of its own, and in
 * which the ordinary blocking calls of <rill/socket.h> let the others run instead of stopping the
 * program. Library librill-coroutine.
 *
 *     struct rill_scheduler *scheduler = rill_scheduler_new(rill_current(), NULL);
 *     rill_go(listen_for_ever, &server);
 *     rill_scheduler_run(scheduler);
 *     rill_scheduler_free(scheduler);
 *
 * Nobody is interrupted: a coroutine runs until it waits, yields or ends. A call that need not wait
 * does not let others run. What waits costs nothing: it is woken by what it waits for.
 *
 * The thread that has made the scheduler is like one coroutine more: it, too, may block in any
 * call, and while it does the others run. What makes the loop stop (EINTR: a signal; ENODEV: the
 * TAP has gone) fails the call that this thread is in, and no other.
 *
 * One scheduler belongs to one thread, and everything here is to be called in it. */
#ifndef RILL_COROUTINE_H
#define RILL_COROUTINE_H

#include <rill/rill.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_scheduler;
struct rill_coroutine;

struct rill_scheduler_options {
    size_t stack_size; /* bytes, rounded up to pages; 16 KiB or more [64 KiB]. Address space: only
                          what is touched takes memory */
    size_t guard_size; /* bytes below each stack that nobody can touch, so that an overflow ends
                          the process there (SIGSEGV) instead of spoiling something, as long as no
                          function has larger variables, or is compiled with
                          -fstack-clash-protection; address space only; 0: none. With it a stack
                          takes two of vm.max_map_count's mappings [64 KiB] */
    unsigned stacks_kept; /* of coroutines that have ended, for those to come [1024] */
};

void rill_scheduler_options_init(struct rill_scheduler_options *);

/* Puts itself in front of the stack's wait hook, which must be there, and becomes the scheduler of
 * this thread. Options: NULL for the defaults. NULL with errno: ENOMEM; EDEADLK, the stack has no
 * hook; EBUSY, the thread has a scheduler; EINVAL. */
struct rill_scheduler *rill_scheduler_new(struct rill *, const struct rill_scheduler_options *);

/* Calls on this stack let others run, too. It must be moved by the first one's hook, as stacks on
 * one simulated cable are. 0, or -1 with ENOMEM or EDEADLK. */
int rill_scheduler_add(struct rill_scheduler *, struct rill *);

/* Lets the coroutines run until none is left. 0, or -1 with errno where the loop stopped; EDEADLK
 * in a coroutine. */
int rill_scheduler_run(struct rill_scheduler *);

/* Cancels what still runs, waits for its end, and gives the stacks their hooks back: to be called
 * by the thread itself, in no coroutine, and before any of those stacks is freed. NULL is harmless.
 */
void rill_scheduler_free(struct rill_scheduler *);

struct rill_scheduler_facts {
    size_t coroutines;    /* that have not ended */
    size_t stacks;        /* in use or kept */
    size_t stacks_mapped; /* ever: the others were reused */
    uint64_t switches;
};
struct rill_scheduler_facts rill_scheduler_facts(const struct rill_scheduler *);

/* Begins a coroutine, which runs when its turn comes; it uses the stack that is current here. Its
 * stack goes when it ends; what it returned stays until rill_join, or until the scheduler goes.
 * NULL with errno: ENOMEM, also where vm.max_map_count allows no more stacks. */
struct rill_coroutine *rill_go(void *(*run)(void *), void *argument);

/* Nobody will join it: it is freed when it ends. Without effect where somebody joins it already. */
void rill_detach(struct rill_coroutine *);

/* Waits for its end and frees it. The result may be NULL. 0, or -1 with errno: EDEADLK, it is
 * oneself, or waits for one's own end; EINVAL, it is detached or somebody else joins it; ECANCELED;
 * and what makes the loop stop. */
int rill_join(struct rill_coroutine *, void **result);

/* From now on every call in which it would have to wait fails with ECANCELED, the one in which it
 * waits included (one that has moved bytes returns their number, as with a signal). Calls that need
 * not wait go on working, and close(2) does not wait. Harmless where it has ended, and has not been
 * joined or detached. */
void rill_cancel(struct rill_coroutine *);

/* The one that runs; NULL in the thread itself, and where there is no scheduler. */
struct rill_coroutine *rill_coroutine_self(void);

/* For people and debuggers; at most 15 characters are kept. */
void rill_coroutine_name(struct rill_coroutine *, const char *name);

/* Lets the others run. 0, or -1 with ECANCELED or what makes the loop stop. */
int rill_yield(void);

/* Waits for nanoseconds of the stack's time. 0, or -1 with errno as rill_yield. */
int rill_sleep(rill_time);

#ifdef __cplusplus
}
#endif

#endif
