/* The workers of the process model: processes that use the host's sockets and HTTP, but no stack.
 * All of them wait at one Unix socket, as those of a pre-forking server wait in accept(2); the
 * kernel passes each connection to one of them. */
#ifndef HTTPD_WORKER_H
#define HTTPD_WORKER_H

#include "http/site.h"
#include <stdbool.h>

/* Sent together with a connection's socket. */
struct work {
    bool refused; /* it gets a 503 */
    char client[24];
};

/* Forks a keeper, which forks the workers and replaces each that crashes. Returns the socket from
 * which they take work; they end when it is closed. Ends the program on failure. */
int workers_fork(unsigned workers, const struct site *);

/* Passes `fd`, which stays open here. False with errno. */
bool work_send(int workers, const struct work *, int fd);

#endif
