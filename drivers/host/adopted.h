/* The host's side of rill_adopt: one edge-triggered epoll descriptor over all adopted descriptors.
 * Each edge is reported to the stack as an event; poll(2) gives the current readiness. */
#ifndef DRIVERS_HOST_ADOPTED_H
#define DRIVERS_HOST_ADOPTED_H

#include <rill/rill.h>

struct host_adopted {
    int epoll;      /* -1: nothing has been adopted yet */
    int *name;      /* by host descriptor: the stack's number; -1: not in the epoll set */
    int names;      /* length of `name` */
    unsigned count; /* in the epoll set */
};

void host_adopted_init(struct host_adopted *);
void host_adopted_end(struct host_adopted *);

/* From now on handles the descriptors that the stack adopts. */
void host_adopted_bind(struct host_adopted *, struct rill *);

/* Creates the epoll descriptor if there is none. Returns it, -1 with errno. */
int host_adopted_open(struct host_adopted *);

/* Reports events to the stack. Returns how many there were, -1 with errno. */
int host_adopted_serve(const struct host_adopted *, struct rill *);

#endif
