/* Trying, waiting, stopping: the operations of the holder of a call. */
#ifndef SOCKET_RUN_H
#define SOCKET_RUN_H

#include "socket/call.h"

enum call_state call_try(struct rill *, struct call *);

/* Ends a call that waits: it keeps the progress it has made, or fails with `error`. */
void call_stop(struct rill *, struct call *, int error);

/* Tries and waits until it is done; returns the result and sets errno. */
ssize_t call_run(struct rill *, struct call *);

#endif
