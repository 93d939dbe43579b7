/* syscall(2): calls by number. Here rill's are those that libc added late, so that libraries still
 * call the kernel by number; and close, which libuv calls so because it must not be a cancellation
 * point. All others are the host's. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/owner.h"

#include <errno.h>
#include <rill/posix.h>
#include <stdarg.h>
#include <sys/syscall.h>

enum { ARGUMENTS = 6 };

/* A ring (io_uring(7)) would bypass rill: so there are none. */
static long no_ring(void)
{
    errno = ENOSYS;
    return -1;
}

long rill_posix_syscall(long number, ...)
{
    long a[ARGUMENTS];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < ARGUMENTS; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    int fd = (int)a[0];
    void *at = (void *)a[1];
    switch (number) {
    case SYS_close:
        return rill_posix_close(fd);
    case SYS_close_range:
        return rill_posix_close_range((unsigned)a[0], (unsigned)a[1], (int)a[2]);
    case SYS_dup3:
        return fd == (int)a[1] ? dup3(fd, fd, 0) : rill_posix_dup3(fd, (int)a[1], (int)a[2]);
    case SYS_accept4:
        return rill_posix_accept4(fd, at, (socklen_t *)a[2], (int)a[3]);
    case SYS_sendmmsg:
        return rill_posix_sendmmsg(fd, at, (unsigned)a[2], (int)a[3]);
    case SYS_recvmmsg:
        return rill_posix_recvmmsg(fd, at, (unsigned)a[2], (int)a[3], (struct timespec *)a[4]);
    case SYS_epoll_create1:
        return rill_posix_epoll_create1(fd);
    case SYS_epoll_ctl:
        return rill_posix_epoll_ctl(fd, (int)a[1], (int)a[2], (struct epoll_event *)a[3]);
    case SYS_epoll_pwait:
        return rill_posix_epoll_pwait(fd, at, (int)a[2], (int)a[3], (sigset_t *)a[4]);
    case SYS_epoll_pwait2:
        return rill_posix_epoll_pwait2(fd, at, (int)a[2], (struct timespec *)a[3],
                                       (sigset_t *)a[4]);
    case SYS_io_uring_setup:
        return no_ring();
    case SYS_seccomp:
        owner_before_sandbox();
        break;
    }
    return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
