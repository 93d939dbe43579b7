/* Trying, waiting, stopping: operations for the holder of a call. */
#ifndef SOCKET_RUN_H
#define SOCKET_RUN_H

#include "socket/call.h"

enum call_state call_try(struct rill *, struct call *);

/* Ends a waiting call: it keeps the progress made, or fails with `error`. */
void call_stop(struct rill *, struct call *, int error);

/* Tries and waits, in the thread's current stack, until it is done; returns the result and sets
 * errno. */
ssize_t call_run(struct call *);

/* The same for a call that makes a descriptor. ENETDOWN: the thread has no stack. */
ssize_t call_run_open(struct call *);

#endif
