/* A call in progress is a value. Trying it returns its outcome, or says that it must wait; whoever
 * holds it lets time pass in his own way (the wait hook, a coroutine's turn, a script's clock) and
 * tries again. Blocking is no more than that:
 *
 *     call_run (run.h):  try -> CALL_WAITS -> rill_wait -> try -> ... -> CALL_DONE
 *
 * All that the caller handed in by pointer must stay until the call is done. */
#ifndef SOCKET_CALL_H
#define SOCKET_CALL_H

#include "socket/socket.h"

#include <sys/epoll.h>

enum call_operation {
    CALL_ACCEPT,
    CALL_CONNECT,
    CALL_SEND,
    CALL_RECEIVE,
    CALL_CLOSE,
    CALL_POLL,
    CALL_EPOLL
};

enum call_state { CALL_DONE, CALL_WAITS };

struct call {
    enum call_operation operation;
    int fd;
    int flags; /* MSG_ of send and receive, SOCK_ of accept4 */
    union {
        struct {
            const struct sockaddr *address;
            socklen_t length;
        } to; /* connect */
        struct {
            struct sockaddr *address;
            socklen_t *length;
        } from; /* accept */
        const struct msghdr *send;
        struct msghdr *receive;
        struct {
            struct pollfd *set;
            nfds_t count;
        } poll;
        struct {
            struct epoll_event *events;
            int max;
        } epoll;
    };
    rill_time deadline;   /* of poll and epoll: the caller's; of the others: set by the first try */
    const sigset_t *mask; /* that is to be in place while the call waits; NULL: as it is */
    bool tried;
    size_t progress; /* bytes that have been moved */
    int too_late;    /* errno value of a call that may wait no longer; 0: EAGAIN */
    int64_t result;  /* once it is done: -1 on failure */
    int error;       /* and this is errno then */
};

/* For those who try: the end of a call; a negative value is an errno value. Returns CALL_DONE. */
enum call_state call_end(struct call *, int64_t value);

#endif
