/* The stack for a ported program's calls, and what each call needs before and after it. */
#ifndef DRIVERS_POSIX_HOME_H
#define DRIVERS_POSIX_HOME_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct rill_host;

/* Lets the calling thread make one of rill's calls, which lasts until posix_end or posix_again. The
 * first wants a host (opening.h opens one); the second wants a socket of rill's, or an epoll set,
 * and returns rill's descriptor, -1: it is none. */
bool posix_begin_any(void);
int posix_begin(int fd);

/* Ends the call, runs the handlers of signals that have come meanwhile, and returns the result. The
 * second returns true if Linux would restart a call on a socket after this signal; then it has
 * begun again. SO_RCVTIMEO or SO_SNDTIMEO is the time-out of such a call: with one it is never
 * restarted (signal(7)). */
int posix_end(int result);
bool posix_again(ptrdiff_t result, int rills, int timeout);

/* The signal mask of a waiting call: the stack sets it if this thread is the one that waits in the
 * loop. If the stack has moved, this thread's mask is set around the call, whose result is then
 * EINTR if only a signal came. Returns the mask for the stack, NULL: it has none to set. */
const sigset_t *posix_mask_begin(const sigset_t *, sigset_t *before);
int posix_mask_end(const sigset_t *, const sigset_t *before, int result);

/* Descriptors of the host that the program does not know of: they stay when it closes all numbers.
 * The first adds one that the host binding has; parents and children also keep their ways to each
 * other. The second returns the least one from `from` on; INT_MAX: none. */
void home_keep(int fd);
int home_kept(int from);

/* The monitor's thread begins, or has ended. */
void home_monitored(bool);

/* Has this process sockets of its parent, but no part in the parent's stack (sharing.h)? */
bool home_is_parents(void);

/* The host that calls use, NULL: none. For opening.c: the one from now on, and its end at exit(3),
 * before it is closed. It changes only under the lock. */
void home_lock(void);
void home_unlock(void);
struct rill_host *home_host(void);
void home_use(struct rill_host *);
void home_end(void);

/* For the monitor, whose thread from now on makes calls without posix_begin_any: a child calls,
 * so the stack has to run all the time. It moves to its own thread, at once or when the owner's
 * call ends, which runs it meanwhile. False: there is no stack any more. */
bool home_serve_children(void);

/* Has the program one thread? */
bool home_is_alone(void);

/* Around fork(2). The first takes the lock, and returns whether a child can make calls. */
bool home_before_fork(void);
void home_in_child(void);

/* Does the calling thread run the stack while it waits in rill's calls? Then it should not wait in
 * other calls. */
bool home_turns_here(void);

#endif
