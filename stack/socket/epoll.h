/* An epoll set: made, changed, waited for; see watch.h for what it consists of. */
#ifndef SOCKET_EPOLL_H
#define SOCKET_EPOLL_H

#include "socket/watch.h"

/* The set gives up its watches and its descriptor. Nobody watches it any more. */
void set_free(struct rill *, int fd);

/* Something in it is ready; what is not is let go of. O(what may be ready). */
bool set_ready(struct rill *, struct watch_set *);

#endif
