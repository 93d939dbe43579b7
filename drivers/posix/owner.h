/* The stack for a ported program's calls, and the thread that owns it: the program's only thread;
 * or, if there are several, a thread to which the stack has moved; or, in a child of fork(2), a
 * thread of its parent. */
#ifndef DRIVERS_POSIX_OWNER_H
#define DRIVERS_POSIX_OWNER_H

#include "shared_memory.h"

#include <net/if.h>
#include <rill/stack.h>
#include <stdbool.h>
#include <sys/types.h>

struct rill_host;
struct rill_mailbox;

/* For entry.c: lets the calling thread make one of rill's calls, as the owner or through the
 * owner's mailbox. False: there is no stack, or no way to it. The second is called after each call
 * of an owner or another thread. */
bool owner_enter(void);
void owner_leave(void);

/* Runs the stack, if this thread owns it and has not for a millisecond: else the stack would stand
 * still while the program never waits in a call. */
void owner_turn_at_times(void);

/* Do this thread's calls go through the mailbox? */
bool owner_is_attached(void);

/* Descriptors of the host that the program does not know of: they stay when it closes all numbers.
 * The first adds one that the host binding has; parents and children also keep their ways to each
 * other. The second returns the least one from `from` on; INT_MAX: none. */
void owner_keep(int fd);
int owner_kept(int from);

/* The monitor's thread begins, or has ended. */
void owner_monitored(bool);

/* Has this process sockets of its parent, but no part in the parent's stack (sharing.h)? */
bool owner_is_unreachable(void);

/* For opening.c: the host that calls use from now on, NULL: none; and its end at exit(3), before it
 * is closed. It changes only under the lock, whose holder cannot be cancelled. */
void owner_lock(void);
void owner_unlock(void);
void owner_use(struct rill_host *);
void owner_end(void);

/* Is there a stack, in this process or in another? And its interface; NULL: there is none. */
struct owner_interface {
    char tap[IF_NAMESIZE];
    struct rill_address address;
    unsigned prefix;
};
bool owner_has_stack(void);
const struct owner_interface *owner_interface(void);

/* For the monitor, whose thread from now on makes calls without entry.h: a child calls, so
 * the stack has to run all the time. It moves to its own thread, at once or when the owner's
 * call ends, which runs it meanwhile. False: there is no stack any more. */
bool owner_serve_children(void);

/* Has the program one thread? */
bool owner_is_alone(void);

/* Around fork(2). The first takes the lock, and returns whether a child can make calls. */
bool owner_before_fork(void);
void owner_in_child(void);

/* A child is about to forbid itself system calls (seccomp(2)), so it attaches itself to the stack
 * now. After that its calls need no others than futex, write and poll. */
void owner_before_sandbox(void);

/* ---- exec(2) ---- */

/* Has another process the stack? This one may take it over at this moment. */
bool owner_is_child(void);

/* What a program that is executed needs of it, with the descriptors at the same numbers. False with
 * errno: the mailbox's place is not free, and its calls fail. */
struct owner_part {
    struct rill_mailbox *mailbox;
    struct shared_memory memory; /* the mailbox's */
    int bell;
    pid_t process; /* that has the stack */
    struct owner_interface interface;
};
void owner_note(struct owner_part *);
bool owner_resume(const struct owner_part *);

/* With the lock held, in the process that has the stack: nothing happens in it until the second, so
 * that a child may take it over. False: it cannot be had so. */
bool owner_pause(void);
void owner_continue(void);

/* In that child, once the parent has executed another program: this process has the stack now, for
 * others only. The second runs it until it has been closed, which the third causes, and only here.
 */
void owner_keep_for_others(void);
void owner_run_for_others(void);
void owner_end_for_others(void);

/* Does the calling thread run the stack while it waits in rill's calls? Then it should not wait in
 * other calls. */
bool owner_turns_here(void);

#endif
