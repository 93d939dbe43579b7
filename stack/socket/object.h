/* The object that a descriptor names, of any kind: a socket, an epoll set, an adopted host
 * descriptor. */
#ifndef SOCKET_OBJECT_H
#define SOCKET_OBJECT_H

#include "socket/socket.h"
#include "socket/watch.h"

/* A host descriptor in the stack's own number space: adopt.h. */
struct adopted {
    uint32_t watches; /* first watch; 0: none */
    int host_fd;
    struct waiter *waiters; /* calls that wait at it: wait_queue.h */
    bool close_on_exec;
    bool is_file; /* always ready, and not for epoll sets */
};

bool object_exists(const struct rill *, int fd);

/* NULL: the descriptor names another kind of object, or none, or there is no stack. */
struct socket *socket_find(const struct rill *, int fd);
struct watch_set *object_set(const struct rill *, int fd);
struct adopted *object_adopted(const struct rill *, int fd);

/* A new object with a descriptor of its own. NULL: *fd is -EMFILE or -ENOBUFS. */
void *object_open(struct rill *, enum descriptor_kind, struct pool *, int *fd);
void object_put(struct rill *, struct pool *, int fd);

/* Why socket_find returned NULL: -EBADF or -ENOTSOCK. */
int object_refusal(const struct rill *, int fd);

/* The head of the object's list of watches. The descriptor must exist. */
uint32_t *object_watches(const struct rill *, int fd);

/* The first call that waits at the object: wait_queue.h. */
struct waiter **object_waiters(const struct rill *, int fd);

bool *object_close_on_exec(const struct rill *, int fd); /* NULL: of a socket, or no descriptor */

void objects_init(struct rill *);
void objects_end(struct rill *); /* after all are closed */

#endif
