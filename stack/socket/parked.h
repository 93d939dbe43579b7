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

/* Parks the call, whose deadline is set, at the descriptors that it names; when done it goes to the
 * desk. False: no memory. */
bool parked_begin(struct rill *, struct rill_call *, struct rill_desk *, void *whose);

/* After a try it still waits. False: no memory for its time-out. */
bool parked_goes_on(struct rill *, struct rill_call *);

/* The call is done: it leaves the places where it waits and goes to its desk. */
void parked_end(struct rill *, struct rill_call *);

/* The descriptor of the call's i-th place. */
int parked_fd(const struct call *, nfds_t i);

/* An event of the socket: calls that wait at it may have to be tried. */
void parked_stir(struct rill *, const struct socket *);

/* The descriptor is closed: the calls that wait at it are tried. `first` is the object's field
 * `parked`. */
void parked_close(struct rill *, struct parking **first);

/* Takes the call out of every list, including the desk's. */
void parked_leave(struct rill *, struct rill_call *);

#endif
