/* A host descriptor in the stack's own number space, to be watched beside sockets. The stack never
 * touches it: the host binding looks at it (rill_set_look) and tells of news
 * (rill_adopted_news). */
#ifndef SOCKET_ADOPT_H
#define SOCKET_ADOPT_H

#include "socket/rill.h"

struct parking;

struct adopted {
    struct list_node fresh; /* in rill.fresh, until the binding has taken it from there */
    uint32_t watches;       /* of sets; 0: nobody */
    int fd, host_fd;
    struct parking *parked; /* who waits at it: parked.h */
    bool close_on_exec;
};

void adopted_free(struct rill *, int fd);

#endif
