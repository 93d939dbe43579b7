/* The fast path of send(2) and recv(2): one buffer, no special flags, and a connection without
 * errors. It does the same as stream.c, with the same functions in the same order, but without the
 * record of a call that may have to wait. In any other case it changes nothing, and the general
 * path handles the call. */
#ifndef SOCKET_FAST_PATH_H
#define SOCKET_FAST_PATH_H

#include <stddef.h>
#include <sys/types.h>

/* The bytes of the buffer that were taken: a general call goes on after them. */
size_t fast_path_send(int fd, const void *from, size_t length, int flags);

/* The bytes read; -EAGAIN: there are none, and the call must not wait; 0: the general path must
 * decide. */
ssize_t fast_path_receive(int fd, void *to, size_t length, int flags);

#endif
