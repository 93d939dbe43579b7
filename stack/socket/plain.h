/* The short road of send(2) and recv(2): one buffer, nothing special asked for, and a connection on
 * which nothing is the matter. It does what stream.c would, with the same functions in the same
 * order, but for the record of a call that may have to wait. In every doubt it has done nothing,
 * and the call goes the whole way, which knows. */
#ifndef SOCKET_PLAIN_H
#define SOCKET_PLAIN_H

#include <stddef.h>
#include <sys/types.h>

/* How much of the buffer has been taken: a whole call goes on behind that. */
size_t plain_send(int fd, const void *from, size_t length, int flags);

/* How much has been read; -EAGAIN: there is nothing, and the call must not wait; 0: who knows. */
ssize_t plain_receive(int fd, void *to, size_t length, int flags);

#endif
