/* The end of an epoll set; see watch.h for what it consists of, try.h for what is done with it. */
#ifndef SOCKET_EPOLL_H
#define SOCKET_EPOLL_H

#include "socket/rill.h"

/* The set gives up its watches and its descriptor. Nobody watches it any more. */
void set_free(struct rill *, int fd);

#endif
