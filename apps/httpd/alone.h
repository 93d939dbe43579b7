/* One connection served by calls that block, as if there were no other: what a process, a thread
 * and a coroutine each do, from the first byte to the last. */
#ifndef HTTPD_ALONE_H
#define HTTPD_ALONE_H

#include "http/connection.h"
#include <sys/socket.h>

/* A worker process has the host's calls, a thread or a coroutine rill's: they are the same ones. */
struct calls {
    ssize_t (*recv)(int, void *, size_t, int);
    ssize_t (*send)(int, const void *, size_t, int);
    int (*setsockopt)(int, int, int, const void *, socklen_t);
    int (*shutdown)(int, int);
};
extern const struct calls host_calls, rill_calls;

/* Serves until the connection is over or lost; opening and closing it stay the caller's. Patience
 * is a time-out of the socket, looked at again whenever a call returns. */
void serve_alone(struct connection *, int fd, const struct calls *);

/* CLOCK_MONOTONIC: rill_host_now belongs to the stack's owner, and he is elsewhere. */
rill_time alone_now(void);

#endif
