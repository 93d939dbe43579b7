/* Closing an epoll set; see watch.h for its parts, try.h for its operations. */
#ifndef SOCKET_EPOLL_H
#define SOCKET_EPOLL_H

#include "socket/rill.h"

/* The set gives up its watches and its descriptor. Nobody watches it any more. */
void set_free(struct rill *, int fd);

#endif
