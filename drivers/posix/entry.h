/* What each call of rill's needs before and after it. */
#ifndef DRIVERS_POSIX_ENTRY_H
#define DRIVERS_POSIX_ENTRY_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* Lets the calling thread make one of rill's calls, which lasts until posix_end or posix_again. The
 * first wants a host (opening.h opens one); the second wants a socket of rill's, or an epoll set,
 * and returns rill's descriptor, -1: it is none. */
bool posix_begin_any(void);
int posix_begin(int fd);

/* The same for a call in which a thread may wait: pthread_cancel(3) ends it there. What the call
 * owns meanwhile needs a pthread_cleanup_push. */
int posix_begin_wait(int fd);

/* Ends the call, runs the handlers of signals that have come meanwhile, and returns the result. The
 * second returns true if Linux would restart a call on a socket after this signal; then it has
 * begun again. SO_RCVTIMEO or SO_SNDTIMEO is the time-out of such a call: with one it is never
 * restarted (signal(7)). */
int posix_end(int result);
bool posix_again(ptrdiff_t result, int rills, int timeout);

/* Around the waiting part of a call with a signal mask, which pthread_cancel(3) may end, too. The
 * stack sets the mask if this thread is the one that waits in the loop. If the stack has moved,
 * this thread's mask is set around the call, whose result is then EINTR if only a signal came.
 * Returns the mask for the stack, NULL: it has none to set. */
const sigset_t *posix_mask_begin(const sigset_t *, sigset_t *before);
int posix_mask_end(const sigset_t *, const sigset_t *before, int result);

#endif
