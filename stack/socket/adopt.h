/* Host descriptors in the stack's own number space, for use beside sockets in poll, select and
 * epoll. The stack never touches them: the host binding reports their readiness (struct
 * rill_adoption) and their events (rill_adopted_event). */
#ifndef SOCKET_ADOPT_H
#define SOCKET_ADOPT_H

#include "socket/rill.h"

/* Frees the descriptor's object, which no set watches any more. */
void adopted_free(struct rill *, int fd);

#endif
