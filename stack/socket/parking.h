/* Where calls in progress wait: at sockets, sets and adopted descriptors, whose field `parked`
 * lists them; and the list rill.stirred of the calls that must be tried again. parked.h describes
 * the life of such a call. */
#ifndef SOCKET_PARKING_H
#define SOCKET_PARKING_H

#include "socket/call.h"

#include <rill/call.h>

/* One place where a call waits: the object that a descriptor names. */
struct parking {
    struct rill_call *call;
    struct parking *next, *previous; /* at the same object, in a circle */
    struct parking **first;          /* the object's field; NULL: it is not in a list */
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

/* The call waits at the object with this field `parked`, behind the others. */
void parking_take(struct parking *, struct rill_call *, struct parking **at);
void parking_leave(struct parking *); /* also if it is in no list */

/* Puts the call into the list of calls to be tried. */
void parking_stir(struct rill *, struct rill_call *);

/* An event of the object: calls that it may concern are to be tried. `first` waits at it, `ready`
 * are POLL... bits that it has or may have. Of accept calls, only so many. */
void parkings_stir(struct rill *, const struct parking *first, short ready, uint32_t accepts);

#endif
