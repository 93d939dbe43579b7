/* Closing what a descriptor names, of any kind. */
#ifndef SOCKET_CLOSE_H
#define SOCKET_CLOSE_H

#include "socket/rill.h"

/* Frees it as close(2) does; those who watch it or wait at it learn of it. The descriptor must
 * exist. */
void object_close(struct rill *, int fd);

/* Likewise everything that the stack has, as the end of a process does. */
void objects_close_all(struct rill *);

#endif
