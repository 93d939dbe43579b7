/* What a descriptor names, whatever kind it is of: a socket, an epoll set, an adopted host
 * descriptor. Calls that are for sockets only use socket_find (sockets.h). */
#ifndef SOCKET_OBJECT_H
#define SOCKET_OBJECT_H

#include "socket/adopt.h"
#include "socket/epoll.h"
#include "socket/socket.h"

bool object_exists(const struct rill *, int fd);

/* NULL: the descriptor names something else, or nothing. */
struct watch_set *object_set(const struct rill *, int fd);
struct adopted *object_adopted(const struct rill *, int fd);

/* A new one with a descriptor of its own. NULL: *fd is -EMFILE or -ENOBUFS. */
void *object_open(struct rill *, enum descriptor_kind, struct pool *, int *fd);
void object_put(struct rill *, struct pool *, int fd);

/* Why socket_find has found none: -EBADF or -ENOTSOCK. */
int object_refusal(const struct rill *, int fd);

/* Where the first of those who watch it stands. The descriptor must exist. */
uint32_t *object_watches(const struct rill *, int fd);

/* Likewise the first call that waits at it: parked.h. */
struct parking **object_parked(const struct rill *, int fd);

bool *object_close_on_exec(const struct rill *, int fd); /* NULL: of a socket, or no descriptor */

/* Frees what the descriptor names as close(2) does. */
void object_close(struct rill *, int fd);
void objects_close_all(struct rill *);

void objects_init(struct rill *);
void objects_end(struct rill *);

#endif
