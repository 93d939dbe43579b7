/* Sockets and their descriptors: making, finding, letting go. */
#ifndef SOCKET_SOCKETS_H
#define SOCKET_SOCKETS_H

#include "socket/socket.h"

/* A new descriptor for a new socket, which has no protocol object yet. NULL: *error is -EMFILE or
 * -ENOBUFS. */
struct socket *socket_new(struct rill *, int *fd, int *error);

/* Lets go of the protocol object as close(2) does (a reset where SO_LINGER says 0 seconds), then
 * frees the socket, which nobody watches any more (close.h). */
void socket_close(struct rill *, int fd);

/* What bind has told a stream socket is told no longer. */
void socket_unbind(struct rill *, struct socket *);

/* Frees a socket that has no protocol object (any more). */
void socket_free(struct rill *, int fd);

/* Gives the conversation or the listener up: an idle stream socket is left. abort: with a reset
 * (RFC 9293 3.10.5) where the peer has a connection, instead of a FIN. */
void socket_disconnect(struct rill *, struct socket *, bool abort);

#endif
