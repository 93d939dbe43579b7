/* The binary interface of packetdrill to a stack in a shared object (its --so_filename; language
 * page, section 22). The tool loads the object with dlopen, calls packetdrill_interface_init, and
 * makes every system call of a script, every packet and every look at the clock by way of these
 * pointers. Their order is the interface; results and errno are those of the calls of the same
 * name. */
#ifndef PACKETDRILL_INTERFACE_H
#define PACKETDRILL_INTERFACE_H

#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

struct packetdrill_interface {
    void *userdata;
    void (*free)(void *);
    int (*socket)(void *, int domain, int type, int protocol);
    int (*bind)(void *, int fd, const struct sockaddr *, socklen_t);
    int (*listen)(void *, int fd, int backlog);
    int (*accept)(void *, int fd, struct sockaddr *, socklen_t *);
    int (*connect)(void *, int fd, const struct sockaddr *, socklen_t);
    ssize_t (*read)(void *, int fd, void *, size_t);
    ssize_t (*readv)(void *, int fd, const struct iovec *, int count);
    ssize_t (*recv)(void *, int fd, void *, size_t, int flags);
    ssize_t (*recvfrom)(void *, int fd, void *, size_t, int flags, struct sockaddr *, socklen_t *);
    ssize_t (*recvmsg)(void *, int fd, struct msghdr *, int flags);
    ssize_t (*write)(void *, int fd, const void *, size_t);
    ssize_t (*writev)(void *, int fd, const struct iovec *, int count);
    ssize_t (*send)(void *, int fd, const void *, size_t, int flags);
    ssize_t (*sendto)(void *, int fd, const void *, size_t, int flags, const struct sockaddr *,
                      socklen_t);
    ssize_t (*sendmsg)(void *, int fd, const struct msghdr *, int flags);
    int (*fcntl)(void *, int fd, int command, ...);
    int (*ioctl)(void *, int fd, unsigned long request, ...);
    int (*close)(void *, int fd);
    int (*shutdown)(void *, int fd, int how);
    int (*getsockopt)(void *, int fd, int level, int name, void *, socklen_t *);
    int (*setsockopt)(void *, int fd, int level, int name, const void *, socklen_t);
    int (*poll)(void *, struct pollfd *, nfds_t, int timeout_ms);

    /* One IP packet to the stack: 0 or -1. */
    int (*netdev_send)(void *, const void *, size_t);

    /* Waits for one from the stack: 0 or -1. `count` is the buffer's size, then the packet's
     * length; `time_usecs` is when it left, on the clock below. A count of 0 ends the script. */
    int (*netdev_receive)(void *, void *, size_t *count, long long *time_usecs);

    int (*usleep)(void *, useconds_t);
    int (*gettimeofday)(void *, struct timeval *, struct timezone *);
    int (*epoll_create)(void *, int size);
    int (*epoll_ctl)(void *, int set, int operation, int fd, struct epoll_event *);
    int (*epoll_wait)(void *, int set, struct epoll_event *, int most, int timeout_ms);
    int (*pipe)(void *, int fd[2]);
    int (*splice)(void *, int from, loff_t *, int to, loff_t *, size_t, unsigned flags);
};

/* `flags`: options of rill-script (docs/scripts.md), separated by blanks; NULL: none. Ends the
 * process with a sentence where one of them is wrong. */
void packetdrill_interface_init(const char *flags, struct packetdrill_interface *);

#endif
