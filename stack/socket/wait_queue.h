/* Wait queues: the calls in progress that wait at a socket, set or adopted descriptor, whose field
 * `waiters` lists them; and the list rill.woken of the calls that must be tried again. parked.h
 * describes the life of such a call. */
#ifndef SOCKET_WAIT_QUEUE_H
#define SOCKET_WAIT_QUEUE_H

#include "socket/call.h"

#include <rill/call.h>

/* A call in the wait queue of one object, the one that a descriptor names. */
struct waiter {
    struct rill_call *call;
    struct waiter *next, *previous; /* at the same object, in a circle */
    struct waiter **first;          /* the object's field; NULL: it is not in a list */
};

struct rill_call {
    struct call *call;
    struct rill_completion_queue *completions; /* NULL: it is neither parked nor finished */
    void *user_data;
    struct waiter one, *waiter; /* where it waits: one, or as many as a poll has descriptors */
    nfds_t waiters;
    struct list_node woken;
    struct heap_node due;
    struct rill_call *next; /* in the completion queue */
    bool trying, done;
};

/* The call waits at the object with this field `waiters`, behind the others. */
void waiter_add(struct waiter *, struct rill_call *, struct waiter **queue);
void waiter_remove(struct waiter *); /* also if it is in no list */

/* Puts the call into the list of calls to be tried. */
void call_wake(struct rill *, struct rill_call *);

/* An event of the object: calls that it may concern are to be tried. `first` waits at it, `ready`
 * are POLL... bits that it has or may have. Of accept calls, only so many. */
void waiters_wake(struct rill *, const struct waiter *first, short ready, uint32_t accepts);

#endif
