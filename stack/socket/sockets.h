/* Sockets and their descriptors: creating, closing, freeing. */
#ifndef SOCKET_SOCKETS_H
#define SOCKET_SOCKETS_H

#include "socket/socket.h"

/* A new descriptor for a new socket, which has no protocol object yet. NULL: *fd is -EMFILE or
 * -ENOBUFS. */
struct socket *socket_new(struct rill *, int *fd);

/* Closes the protocol object as close(2) does (with a reset if SO_LINGER has 0 seconds), then frees
 * the socket, which no set may watch any more (close.h). */
void socket_close(struct rill *, int fd);

/* Undoes the bind of a stream socket. */
void socket_unbind(struct rill *, struct socket *);

/* Frees a socket that has no protocol object (any more). */
void socket_free(struct rill *, int fd);

/* Gives up the connection or the listener and leaves an idle stream socket. abort: a reset (RFC
 * 9293 3.10.5) instead of a FIN, if the peer has a connection. */
void socket_disconnect(struct rill *, struct socket *, bool abort);

#endif
