/* Closing a descriptor of any kind. */
#ifndef SOCKET_CLOSE_H
#define SOCKET_CLOSE_H

#include "socket/rill.h"

/* Frees it as close(2) does; its watchers and the calls that wait at it are informed. The
 * descriptor must exist. */
void object_close(struct rill *, int fd);

/* Closes all descriptors of the stack, as the end of a process does. */
void objects_close_all(struct rill *);

#endif
