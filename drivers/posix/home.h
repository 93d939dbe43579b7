/* The stack that a ported program's calls are made on, and what is around each of them. */
#ifndef DRIVERS_POSIX_HOME_H
#define DRIVERS_POSIX_HOME_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* The calling thread may make a call of rill's, and is in it until posix_end or posix_again. The
 * first opens a host if nobody has, and says with errno why it cannot; the second opens nothing;
 * the third wants a socket of rill's, or an epoll set, and returns rill's descriptor, -1: it is
 * none. */
bool posix_begin_first(void);
bool posix_begin_any(void);
int posix_begin(int fd);

/* Ends the call, runs the handlers of signals that have come meanwhile, and hands the result on.
 * The second returns true where Linux would make a call on a socket that a signal has interrupted
 * once more; it has begun then. SO_RCVTIMEO or SO_SNDTIMEO is the time-out of such a call: with one
 * it is never made again (signal(7)). */
int posix_end(int result);
bool posix_again(ptrdiff_t result, int rills, int timeout);

/* The mask of signals that a call waits with: the stack sets it where this thread is the one that
 * waits in the loop. Where it has moved this thread's is set around the call, whose result is then
 * EINTR if nothing but a signal came. Returns the mask for the stack, NULL: it has none to set. */
const sigset_t *posix_mask_begin(const sigset_t *, sigset_t *before);
int posix_mask_end(const sigset_t *, const sigset_t *before, int result);

/* This process has sockets of a parent's, and no part in its stack (family.h). */
bool home_is_parents(void);

/* The calling thread turns the stack while it waits in rill's calls: it should wait in no others.
 */
bool home_turns_here(void);

#endif
