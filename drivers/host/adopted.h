/* The host's side of rill_adopt: one epoll descriptor over all that is adopted, edge-triggered. An
 * edge is told to the stack as news; what is ready at the moment of asking says poll(2). */
#ifndef DRIVERS_HOST_ADOPTED_H
#define DRIVERS_HOST_ADOPTED_H

#include <rill/rill.h>

struct host_adopted {
    int epoll; /* -1: nothing has been adopted yet */
};

void host_adopted_init(struct host_adopted *);
void host_adopted_end(struct host_adopted *);

/* Takes up what the stack has adopted since, and tells it of news. Returns how much there was, -1
 * with errno. */
int host_adopted_serve(struct host_adopted *, struct rill *);

/* For rill_set_look: POLL... bits of a host descriptor, now. */
short host_adopted_look(void *unused, int host_fd);

#endif
