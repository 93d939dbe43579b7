/* Calls in progress that wait concurrently; <rill/call.h> gives the reasons.
 *
 *     socket.parked --> parking --> parking       calls that wait at this socket, set, adopted
 *     rill.stirred --> rill_call ...              calls to be tried, because of an event there
 *     rill.due                                    time-outs of parked calls
 *
 * Life of a parked call:
 *
 *     parked -- an event --> stirred -- tried, must wait --> parked
 *                                    -- tried, is done ----> on its desk
 *     parked or stirred -- timed out, stopped, its descriptor closed --> on its desk
 *
 * All of it lies in the stack frame of call_run, whose caller sleeps meanwhile, except for the
 * parkings of a poll of several descriptors. */
#ifndef SOCKET_PARKED_H
#define SOCKET_PARKED_H

#include "socket/parking.h"

/* Begins it: the call, whose deadline is set, waits at what it names, and comes to the desk. False:
 * no memory. */
bool parked_begin(struct rill *, struct rill_call *, struct rill_desk *, void *whose);

/* Tried, it still waits. False: no memory for its time-out. */
bool parked_goes_on(struct rill *, struct rill_call *);

/* The call is done: from where it waits it goes to its desk. */
void parked_end(struct rill *, struct rill_call *);

/* The descriptor that the call waits at in its i-th place. */
int parked_fd(const struct call *, nfds_t i);

/* Something has happened to the socket that calls on it may care for. */
void parked_stir(struct rill *, const struct socket *);

/* The descriptor is closed: whoever waits for it learns so. `first` is its field `parked`. */
void parked_close(struct rill *, struct parking **first);

/* It waits no more, wherever it stands. */
void parked_leave(struct rill *, struct rill_call *);

#endif
