/* A host descriptor in the stack's own number space, to be watched beside sockets. The stack never
 * touches it: the host binding looks at it (struct rill_adoption) and tells of news
 * (rill_adopted_news). */
#ifndef SOCKET_ADOPT_H
#define SOCKET_ADOPT_H

#include "socket/rill.h"

/* The descriptor names nothing any more. Nobody watches it. */
void adopted_free(struct rill *, int fd);

#endif
