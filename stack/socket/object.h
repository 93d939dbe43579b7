/* What a descriptor names, whatever kind it is of: a socket, an epoll set, an adopted host
 * descriptor. */
#ifndef SOCKET_OBJECT_H
#define SOCKET_OBJECT_H

#include "socket/socket.h"
#include "socket/watch.h"

/* A host descriptor in the stack's own number space: adopt.h. */
struct adopted {
    uint32_t watches; /* of sets; 0: none */
    int host_fd;
    struct parking *parked; /* calls that wait at it: parking.h */
    bool close_on_exec;
    bool is_file; /* always ready, and not for epoll sets */
};

bool object_exists(const struct rill *, int fd);

/* NULL: the descriptor names something else, or nothing, or there is no stack. */
struct socket *socket_find(const struct rill *, int fd);
struct watch_set *object_set(const struct rill *, int fd);
struct adopted *object_adopted(const struct rill *, int fd);

/* A new one with a descriptor of its own. NULL: *fd is -EMFILE or -ENOBUFS. */
void *object_open(struct rill *, enum descriptor_kind, struct pool *, int *fd);
void object_put(struct rill *, struct pool *, int fd);

/* Why socket_find has found none: -EBADF or -ENOTSOCK. */
int object_refusal(const struct rill *, int fd);

/* The head of its list of watches. The descriptor must exist. */
uint32_t *object_watches(const struct rill *, int fd);

/* Likewise the first call that waits at it: parking.h. */
struct parking **object_parked(const struct rill *, int fd);

bool *object_close_on_exec(const struct rill *, int fd); /* NULL: of a socket, or no descriptor */

void objects_init(struct rill *);
void objects_end(struct rill *); /* when all are closed */

#endif
