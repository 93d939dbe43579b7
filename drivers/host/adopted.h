/* The host's side of rill_adopt: one edge-triggered epoll descriptor over all adopted descriptors.
 * Each edge is reported to the stack as an event; poll(2) gives the current readiness. */
#ifndef DRIVERS_HOST_ADOPTED_H
#define DRIVERS_HOST_ADOPTED_H

#include <rill/rill.h>

struct host_adopted {
    int epoll;      /* -1: nothing has been adopted yet */
    int *name;      /* of a host descriptor, on the stack; -1: it is not in the epoll set */
    int names;      /* that there is room for */
    unsigned count; /* in the epoll set */
};

void host_adopted_init(struct host_adopted *);
void host_adopted_end(struct host_adopted *);

/* What the stack adopts is taken up here from now on. */
void host_adopted_bind(struct host_adopted *, struct rill *);

/* Makes the epoll descriptor, where there is none. Returns it, -1 with errno. */
int host_adopted_open(struct host_adopted *);

/* Tells the stack of news. Returns how much there was, -1 with errno. */
int host_adopted_serve(const struct host_adopted *, struct rill *);

#endif
