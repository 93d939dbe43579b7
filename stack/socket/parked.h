/* Calls in progress that wait concurrently; <rill/call.h> gives the reasons.
 *
 *     socket.waiters --> waiter --> waiter    calls that wait at this socket, set, adopted
 *     rill.woken --> rill_call ...            calls to be tried, because of an event there
 *     rill.due                                time-outs of parked calls
 *
 * Life of a parked call:
 *
 *     parked -- an event --> woken -- tried, must wait --> parked
 *                                  -- tried, is done ----> in its completion queue
 *     parked or woken -- timed out, stopped, its descriptor closed --> in its completion queue
 *
 * All of it lies in the stack frame of call_run, whose caller sleeps meanwhile, except for the
 * waiters of a poll of several descriptors. */
#ifndef SOCKET_PARKED_H
#define SOCKET_PARKED_H

#include "socket/wait_queue.h"

/* Parks the call, whose deadline is set, at the descriptors that it names; when done it goes to the
 * completion queue. False: no memory. */
bool parked_begin(struct rill *, struct rill_call *, struct rill_completion_queue *,
                  void *user_data);

/* After a try it still waits. False: no memory for its time-out. */
bool parked_goes_on(struct rill *, struct rill_call *);

/* The call is done: it leaves the wait queues and goes to its completion queue. */
void parked_end(struct rill *, struct rill_call *);

/* The descriptor at which the call's i-th waiter waits. */
int parked_fd(const struct call *, nfds_t i);

/* An event of the socket: calls that wait at it may have to be tried. */
void parked_wake(struct rill *, const struct socket *);

/* The descriptor is closed: the calls that wait at it are tried. `first` is the object's field
 * `waiters`. */
void parked_close(struct rill *, struct waiter **first);

/* Takes the call out of every list, including its completion queue. */
void parked_leave(struct rill *, struct rill_call *);

#endif
