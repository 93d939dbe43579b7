/* One host descriptor for an external event loop, the program's own (rill_host_fd): an epoll set of
 * everything for which our own loop would sleep, and a timer instead of its time-out. */
#ifndef DRIVERS_HOST_EXTERNAL_LOOP_H
#define DRIVERS_HOST_EXTERNAL_LOOP_H

#include <rill/time.h>

struct host_external_loop {
    int epoll, timer; /* -1: rill_host_fd was not called yet */
    rill_time armed;  /* the deadline that the timer is set to */
};

void host_external_loop_init(struct host_external_loop *);
void host_external_loop_end(struct host_external_loop *);

/* Returns the descriptor, -1 with errno. */
int host_external_loop_open(struct host_external_loop *);

/* Makes it readable when `fd` is; a negative fd is harmless. Returns 0, -1 with errno. */
int host_external_loop_watch(const struct host_external_loop *, int fd);
void host_external_loop_forget(const struct host_external_loop *, int fd);

/* Makes it readable also at `deadline`. */
void host_external_loop_arm(struct host_external_loop *, rill_time deadline, rill_time now);

#endif
