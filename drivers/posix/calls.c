/* Socket calls, and calls on any descriptor: rill's call if the descriptor is one of rill's, else
 * the host's. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/close.h"
#include "posix/entry.h"
#include "posix/interfaces.h"
#include "posix/kept.h"
#include "posix/names.h"
#include "posix/opening.h"
#include "posix/standard.h"

#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <rill/posix.h>
#include <rill/socket.h>
#include <stdarg.h>

/* ---- Creating and closing ---- */

/* A number has become a socket's: a standard stream of it follows. */
static int followed(int fd)
{
    standard_follow(fd);
    return fd;
}

/* The number that a new descriptor of rill's has got; without one it is closed. */
static int named(int fd, int rills)
{
    int error = errno;
    if (fd < 0 && rills >= 0)
        rill_close(rills);
    errno = error;
    return fd;
}

static int name_it(int rills, int flags)
{
    return named(rills < 0 ? -1 : name_new(rills, flags & SOCK_CLOEXEC), rills);
}

int rill_posix_socket(int domain, int type, int protocol)
{
    if (domain != AF_INET && domain != AF_INET6)
        return socket(domain, type, protocol);
    if (!posix_begin_first())
        return -1;
    return followed(posix_end(name_it(rill_socket(domain, type, protocol), type)));
}

/* Closes a number that is not needed; returns -1 and keeps errno. */
static int drop(int name)
{
    int error = errno;
    if (name >= 0)
        close(name);
    errno = error;
    return -1;
}

static void drop_reserved(void *name)
{
    drop(*(int *)name);
}

/* Gives it to the connection, if there is one. */
static int give_reserved(int *name, int connection)
{
    if (connection < 0)
        return -1;
    int given = name_give(*name, connection);
    *name = -1;
    return named(given, connection);
}

int rill_posix_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    if (name_socket(fd) < 0)
        return accept4(fd, address, length, flags);
    int name = name_reserve(flags & SOCK_CLOEXEC), given; /* EMFILE loses no connection */
    int rills = name < 0 ? -1 : posix_begin_wait(fd);
    if (rills < 0)
        return drop(name);
    pthread_cleanup_push(drop_reserved, &name);
    do
        given = give_reserved(&name, rill_accept4(rills, address, length, flags));
    while (posix_again(given, rills, SO_RCVTIMEO));
    pthread_cleanup_pop(0);
    return given < 0 ? drop(name) : followed(given);
}

int rill_posix_accept(int fd, struct sockaddr *address, socklen_t *length)
{
    return rill_posix_accept4(fd, address, length, 0);
}

static int refuse(int error)
{
    errno = error;
    return -1;
}

int rill_posix_close(int fd)
{
    if (posix_keeps(fd)) /* as if it were not open */
        return refuse(EBADF);
    standard_leave(fd);
    return close_number(fd);
}

/* What is named in the range is rill's to close first; what is kept splits it. */
int rill_posix_close_range(unsigned first, unsigned last, int flags)
{
    if (first > last || flags & ~(int)CLOSE_RANGE_UNSHARE) /* an error, or it closes nothing */
        return close_range(first, last, flags);
    for (int fd = name_next(first); fd >= 0 && (unsigned)fd <= last;
         fd = name_next((unsigned)fd + 1))
        rill_posix_close(fd);
    while (first <= INT_MAX) {
        unsigned kept = (unsigned)posix_kept((int)first);
        if (kept > last || kept == INT_MAX)
            break;
        if (kept > first && close_range(first, kept - 1, flags) != 0)
            return -1;
        first = kept + 1;
    }
    return first <= last ? close_range(first, last, flags) : 0;
}

void rill_posix_closefrom(int least)
{
    rill_posix_close_range(least > 0 ? (unsigned)least : 0, UINT_MAX, 0);
}

int rill_posix_dup(int fd)
{
    int rills = name_socket(fd), copy = dup(fd);
    return rills < 0 || copy < 0 ? copy : followed(name_give(copy, rills));
}

int rill_posix_dup3(int fd, int to, int flags)
{
    bool known = name_socket(to) >= 0 || name_adopted(to) >= 0;
    if (posix_keeps(to)) /* dup(2): as in a race with open(2) */
        return refuse(EBUSY);
    bool fails = fd == to || flags & ~O_CLOEXEC || fcntl(fd, F_GETFD) < 0;
    if (known && !fails) /* a call that fails changes nothing */
        rill_posix_close(to);
    return name_socket(fd) < 0 ? dup3(fd, to, flags) : followed(name_dup_to(fd, to, flags));
}

int rill_posix_dup2(int fd, int to)
{
    return fd == to ? dup2(fd, to) : rill_posix_dup3(fd, to, 0);
}

/* ---- Sockets ---- */

int rill_posix_bind(int fd, const struct sockaddr *address, socklen_t length)
{
    int rills = posix_begin(fd);
    return rills < 0 ? bind(fd, address, length) : posix_end(rill_bind(rills, address, length));
}

int rill_posix_listen(int fd, int backlog)
{
    int rills = posix_begin(fd);
    return rills < 0 ? listen(fd, backlog) : posix_end(rill_listen(rills, backlog));
}

int rill_posix_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    int rills = posix_begin_wait(fd), result;
    if (rills < 0)
        return connect(fd, address, length);
    do
        result = rill_connect(rills, address, length);
    while (posix_again(result, rills, SO_SNDTIMEO));
    return result;
}

int rill_posix_shutdown(int fd, int how)
{
    int rills = posix_begin(fd);
    return rills < 0 ? shutdown(fd, how) : posix_end(rill_shutdown(rills, how));
}

int rill_posix_getsockopt(int fd, int level, int name, void *at, socklen_t *length)
{
    int rills = posix_begin(fd);
    return rills < 0 ? getsockopt(fd, level, name, at, length)
                     : posix_end(rill_getsockopt(rills, level, name, at, length));
}

int rill_posix_setsockopt(int fd, int level, int name, const void *at, socklen_t length)
{
    int rills = posix_begin(fd);
    return rills < 0 ? setsockopt(fd, level, name, at, length)
                     : posix_end(rill_setsockopt(rills, level, name, at, length));
}

int rill_posix_getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
    int rills = posix_begin(fd);
    return rills < 0 ? getsockname(fd, address, length)
                     : posix_end(rill_getsockname(rills, address, length));
}

int rill_posix_getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
    int rills = posix_begin(fd);
    return rills < 0 ? getpeername(fd, address, length)
                     : posix_end(rill_getpeername(rills, address, length));
}

/* ---- Status of any descriptor ---- */

/* FD_CLOEXEC belongs to the number, O_NONBLOCK and everything else to the socket. */
int rill_posix_fcntl(int fd, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *); /* or an int, in the same place */
    va_end(list);
    int number = (int)(intptr_t)argument;
    if (name_socket(fd) < 0 || command == F_GETFD || command == F_SETFD)
        return fcntl(fd, command, argument);
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
        return followed(name_dup(fd, number, command == F_DUPFD_CLOEXEC));
    int rills = posix_begin(fd);
    return rills < 0 ? -1 : posix_end(rill_fcntl(rills, command, number));
}

int rill_posix_ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (name_socket(fd) >= 0 && interfaces_answer(request))
        return interfaces_ask(request, argument);
    int rills = name_is_hosts(fd) ? -1 : posix_begin(fd);
    return rills < 0 ? ioctl(fd, request, argument)
                     : posix_end(rill_ioctl(rills, request, argument));
}
