/* Closing an epoll set; see watch.h for its parts, try.h for its operations. */
#ifndef SOCKET_EPOLL_H
#define SOCKET_EPOLL_H

#include "socket/rill.h"

/* Frees the set's watches and its descriptor. No set watches it any more. */
void set_free(struct rill *, int fd);

#endif
