/* Serves one connection with blocking calls, from its first byte to its last: for a process, a
 * thread or a coroutine. */
#ifndef HTTPD_BLOCKING_H
#define HTTPD_BLOCKING_H

#include "http/connection.h"
#include <sys/socket.h>

/* A worker process uses the host's calls, a thread or a coroutine rill's: the types are the
 * same. */
struct calls {
    ssize_t (*recv)(int, void *, size_t, int);
    ssize_t (*send)(int, const void *, size_t, int);
    int (*setsockopt)(int, int, int, const void *, socklen_t);
    int (*shutdown)(int, int);
};
extern const struct calls host_calls, rill_calls;

/* Serves until the connection is over or lost; the caller opens and closes it. The time-out of the
 * socket is set again after each call if necessary. */
void serve_blocking(struct connection *, int fd, const struct calls *);

/* CLOCK_MONOTONIC, because rill_host_now may be called only in the stack's thread. */
rill_time monotonic_now(void);

#endif
