/* struct msghdr: its vector of buffers as one run of bytes, and the results of recvmsg. */
#ifndef SOCKET_MESSAGE_H
#define SOCKET_MESSAGE_H

#include "base/bytes.h"
#include "socket/sockaddr.h"

#include <sys/types.h>

/* The bytes of all buffers, or -EMSGSIZE (too many buffers), -EINVAL (their lengths overflow),
 * -EFAULT (one is NULL). */
ssize_t message_length(const struct msghdr *);

/* The same if no bytes are copied into the buffers: NULL buffers count too. */
ssize_t message_extent(const struct msghdr *);

/* The rest of the buffer that holds byte `offset`; empty if offset is the length. *last: no byte
 * follows it. */
struct iovec message_at(const struct msghdr *, size_t offset, bool *last);

/* Copies so many bytes out of the buffers, from `offset` on. */
void message_gather(const struct msghdr *, size_t offset, char *to, size_t n);

/* Copies into the buffers from `offset` on, and returns how many bytes did fit. */
size_t message_put(const struct msghdr *, size_t offset, struct rill_span);

/* A whole datagram and its peer's name (NULL: none), for a socket of that family; msg_flags has
 * MSG_TRUNC if the data does not fit, and no other bit. Returns the bytes copied, or -EINVAL for
 * the name's length. */
int64_t message_fill(struct msghdr *, sa_family_t family, const struct endpoint *name,
                     struct rill_span data);

#endif
