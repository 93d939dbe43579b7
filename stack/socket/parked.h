/* Calls in progress that wait side by side: <rill/call.h> says what for.
 *
 *     socket.parked --> parking --> parking       who waits at this socket, set, adopted
 *     rill.stirred --> rill_call ...              who is to be tried: something has happened there
 *     rill.due                                    when those with a time-out have waited enough
 *
 * Life of a parked call:
 *
 *     parked -- something happens --> stirred -- tried, and waits --> parked
 *                                             -- tried, and is done --> on its desk
 *     parked or stirred -- its time has come, it is stopped, its descriptor closed --> on its desk
 *
 * All of it lies in the frame of call_run, whose caller sleeps meanwhile, except for the parkings
 * of a poll of several descriptors. */
#ifndef SOCKET_PARKED_H
#define SOCKET_PARKED_H

#include "socket/call.h"

#include <rill/call.h>

/* A call waits at what a descriptor names. */
struct parking {
    struct rill_call *call;
    struct parking *next, *previous; /* of the same object, in a circle */
    struct parking **first;          /* of the object; NULL: it stands nowhere */
};

struct rill_call {
    struct call *call;
    struct rill_desk *desk; /* NULL: it is neither parked nor on a desk */
    void *whose;
    struct parking one, *place; /* where it waits: one, or as many as a poll has descriptors */
    nfds_t places;
    struct list_node stirred;
    struct heap_node due;
    struct rill_call *next; /* on the desk */
    bool trying, done;
};

/* Something has happened to the socket that calls on it may care for. */
void parked_stir(struct rill *, const struct socket *);

/* The same of what is no socket: the first that waits at it, and POLL... bits that it has or may
 * have. */
void parked_stir_all(struct rill *, const struct parking *first, short ready);

/* The descriptor is closed: whoever waits for it learns so. `first` is its field `parked`. */
void parked_close(struct rill *, struct parking **first);

/* It waits no more, wherever it stands. */
void parked_leave(struct rill *, struct rill_call *);

#endif
