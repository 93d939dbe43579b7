/* A call in progress is a value. Trying it returns its result, or that it must wait. The holder of
 * the call lets time pass in its own way (the wait hook, a coroutine's turn, a script's clock) and
 * tries again. A blocking call is just this loop:
 *
 *     call_run (run.h):  try -> CALL_WAITS -> rill_wait -> try -> ... -> CALL_DONE
 *
 * Memory to which the caller's arguments point must stay valid until the call is done. */
#ifndef SOCKET_CALL_H
#define SOCKET_CALL_H

#include "socket/socket.h"

#include <sys/epoll.h>

enum call_operation {
    CALL_ACCEPT, /* of one socket; may wait */
    CALL_CONNECT,
    CALL_SEND,
    CALL_RECEIVE,
    CALL_CLOSE,
    CALL_BIND, /* of one socket; never waits */
    CALL_LISTEN,
    CALL_SHUTDOWN,
    CALL_GET_OPTION,
    CALL_SET_OPTION,
    CALL_LOCAL_NAME,
    CALL_PEER_NAME,
    CALL_IOCTL,
    CALL_SOCKET, /* of no socket; never waits */
    CALL_FCNTL,
    CALL_ADOPT,
    CALL_ADOPTED,
    CALL_EPOLL_CREATE,
    CALL_EPOLL_CONTROL,
    CALL_POLL, /* of several descriptors; may wait */
    CALL_EPOLL
};

enum call_state { CALL_DONE, CALL_WAITS };

struct call {
    enum call_operation operation;
    int fd;
    int flags; /* MSG_ of send and receive, SOCK_ of accept4; or the one number of other calls */
    union {
        struct {
            const struct sockaddr *address;
            socklen_t length;
        } to; /* connect, bind */
        struct {
            struct sockaddr *address;
            socklen_t *length;
        } from; /* accept, the names */
        const struct msghdr *send;
        struct msghdr *receive;
        struct {
            struct pollfd *set;
            nfds_t count;
        } poll;
        struct {
            struct epoll_event *events;
            int max;
            bool counted; /* it is counted in the set's `waiting` */
        } epoll;
        struct {
            int level, name;
            const void *value;
            socklen_t length;
        } set;
        struct {
            int level, name;
            void *value;
            socklen_t *length;
        } get;
        struct {
            unsigned long request;
            int *value;
        } ioctl;
        struct {
            int domain, type, protocol;
        } open;
        struct {
            int operation, fd;
            struct epoll_event *event;
        } control;
    };
    int argument;       /* of fcntl */
    rill_time timeout;  /* of poll and epoll: how long it may wait; RILL_NEVER: for ever */
    rill_time deadline; /* set by the first try */
    rill_time again; /* set by a try that waits for something that causes no event: the next try; 0:
                        none */
    rill_time at;    /* time of the last try */
    const sigset_t *mask; /* the signal mask while the call waits; NULL: unchanged */
    bool tried;
    bool goes_on;    /* MSG_MORE is for the rest of this call's text, which another one moves */
    size_t progress; /* bytes moved so far */
    int too_late;    /* errno value of a call that may not wait any longer; 0: EAGAIN */
    int64_t result;  /* when it is done: -1 on failure */
    int error;       /* errno, if the result is -1 */
};

/* Whether a stream's text is thrown away instead of copied (tcp(7)). */
static inline bool call_discards(const struct call *c)
{
    return (c->flags & (MSG_TRUNC | MSG_OOB)) == MSG_TRUNC;
}

/* Ends a call; called by the function that tries it. A negative value is an errno value. Returns
 * CALL_DONE. */
enum call_state call_end(struct call *, int64_t value);

/* The time of a waiting call's next try if no event happens. */
rill_time call_wake_time(const struct call *);

/* Converts a result to the form that callers get: a negative one becomes -1 and errno. */
ssize_t outcome(int64_t value);

#endif
