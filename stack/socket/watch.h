/* epoll(7): which sets watch which descriptors. A watch is one descriptor in one set; the set owns
 * it.
 *
 *     socket, set or adopted .watches --> watch --> watch      all that watch it
 *     set.members, set.nested --> watch ...                    all that it watches
 *     set.ready --> watch ...                                  of these, what may be ready
 *
 * An event goes from the watched object to the sets (watches_notify), at the cost of one step per
 * watcher. A wait examines only `ready`, so idle descriptors cost nothing. Being on `ready` is a
 * hint: the wait checks the readiness (readiness.h), and removes entries that are not ready. With
 * EPOLLET only an event puts a watch on the list; without it, a reported watch goes back to the
 * end.
 *
 * Invariants: a watch is on `ready` of its own set or on none; a watch that has reported its one
 * shot (EPOLLONESHOT) requests no event and gets none; sets watch each other without a cycle, at
 * most WATCH_NESTS_MAX deep. */
#ifndef SOCKET_WATCH_H
#define SOCKET_WATCH_H

#include "socket/rill.h"

#include <sys/epoll.h>

struct waiter;

#define WATCH_NESTS_MAX 4 /* epoll_ctl(2): a chain of five sets, as in Linux */

struct watch_set {
    struct list ready;
    struct list members, nested; /* its watches; nested: the watches of sets */
    struct list_node notified;   /* linked: its own watchers must be informed (watches_notify) */
    uint32_t watches;            /* of this set by other sets */
    struct waiter *waiters;      /* calls that wait at it: wait_queue.h */
    uint32_t waiting;            /* calls in progress */
    uint64_t looks;              /* checks of single watches in all waits: what they cost */
    bool close_on_exec;
};

struct watch {
    struct list_node ready;
    struct list_node member; /* in its set's `members` or `nested` */
    struct watch_set *set;
    uint64_t data;   /* the application's data */
    uint32_t events; /* requested events, always with EPOLLERR and EPOLLHUP; 0: disabled */
    int fd;          /* the watched descriptor */
    uint32_t index;  /* in rill.watches */
    uint32_t next;   /* next watch of the same descriptor; EPOLLEXCLUSIVE ones last; 0: none */
};

_Static_assert(sizeof(struct watch) <= 64, "a watch is one cache line");

/* NULL: nothing in the set may be ready. */
static inline struct watch *watch_first_ready(const struct watch_set *set)
{
    struct list_node *n = list_first(&set->ready);
    return n ? container_of(n, struct watch, ready) : NULL;
}

static inline struct watch *watch_at(const struct rill *r, uint32_t index)
{
    return index ? pool_at(&r->watches, index) : NULL;
}

/* `watches` is the watched object's field of that name (object_watches). */

/* The set's watch of the object; NULL: none. O(watchers of the descriptor). */
struct watch *watch_find(const struct rill *, uint32_t watches, const struct watch_set *);

/* A new watch of the object that `fd` names: not ready, and a member of the set after the caller
 * has put it into `members` or `nested`. NULL: no memory. */
struct watch *watch_add(struct rill *, struct watch_set *, uint32_t *watches, int fd,
                        const struct epoll_event *);
void watch_remove(struct rill *, uint32_t *watches, struct watch *);

/* Puts the watch on `ready`; waiting calls look at it now. */
void watch_arm(struct rill *, struct watch *);

/* The watched object is closed: removes all its watches. */
void watches_drop(struct rill *, uint32_t *watches);

/* Informs the sets that watch, and the sets that watch these. `events` are bits of <sys/epoll.h>; a
 * watch must have requested one of them. */
void watches_notify(struct rill *, uint32_t watches, uint32_t events);

#endif
