/* One host descriptor for another event loop (rill_host_fd): an epoll set of everything for which
 * our own loop would sleep, and a timer instead of its time-out. */
#ifndef DRIVERS_HOST_FOREIGN_H
#define DRIVERS_HOST_FOREIGN_H

#include <rill/time.h>

struct host_foreign {
    int epoll, timer; /* -1: rill_host_fd was not called yet */
    rill_time armed;  /* the deadline that the timer is set to */
};

void host_foreign_init(struct host_foreign *);
void host_foreign_end(struct host_foreign *);

/* Returns the descriptor, -1 with errno. */
int host_foreign_open(struct host_foreign *);

/* Makes it readable when `fd` is; a negative fd is harmless. Returns 0, -1 with errno. */
int host_foreign_watch(const struct host_foreign *, int fd);
void host_foreign_forget(const struct host_foreign *, int fd);

/* Makes it readable also at `deadline`. */
void host_foreign_arm(struct host_foreign *, rill_time deadline, rill_time now);

#endif
