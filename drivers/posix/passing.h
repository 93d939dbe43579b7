/* Descriptors that the program sends through the host's Unix sockets (SCM_RIGHTS, unix(7)): those
 * of rill's arrive as such in the processes that share the stack. The calls are those of libc, on a
 * descriptor of the host's. */
#ifndef DRIVERS_POSIX_PASSING_H
#define DRIVERS_POSIX_PASSING_H

#include <sys/types.h>

struct mmsghdr;
struct msghdr;
struct timespec;

ssize_t passing_send(int fd, const struct msghdr *, int flags);
int passing_send_several(int fd, struct mmsghdr *, unsigned n, int flags);
ssize_t passing_receive(int fd, struct msghdr *, int flags);
int passing_receive_several(int fd, struct mmsghdr *, unsigned n, int flags, struct timespec *);

#endif
