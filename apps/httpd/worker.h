/* The workers of the process model: processes that know the host's sockets and HTTP, and no stack.
 * All of them wait at one Unix socket, as a pre-forking server's wait in accept(2); the kernel
 * hands each connection to one of them. */
#ifndef HTTPD_WORKER_H
#define HTTPD_WORKER_H

#include "http/site.h"
#include <stdbool.h>

/* What is sent with a connection's socket. */
struct work {
    bool refused; /* to be told 503 */
    char client[24];
};

/* Forks a keeper, who forks so many workers and another one for each that crashes. Returns the
 * socket from which they take their work; they end when it is closed. Ends the program where that
 * cannot be done. */
int workers_fork(unsigned workers, const struct site *);

/* Hands `fd` over, which stays open here. False with errno. */
bool work_send(int workers, const struct work *, int fd);

#endif
