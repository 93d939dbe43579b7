/* Names that occur only in compiled programs: libc's headers substitute them for the calls of
 * <rill/posix.h>. They make the same calls. */
#define RILL_POSIX_KEEP_NAMES
#include <errno.h>
#include <rill/posix.h>
#include <stdarg.h>
#include <stdlib.h>

/* ---- _FORTIFY_SOURCE: the caller knows how much room there is ---- */

ssize_t __read_chk(int fd, void *at, size_t n, size_t room);
ssize_t __recv_chk(int fd, void *at, size_t n, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *at, size_t n, size_t room, int flags, struct sockaddr *,
                       socklen_t *);
int __poll_chk(struct pollfd *, nfds_t n, int timeout_ms, size_t room);
int __ppoll_chk(struct pollfd *, nfds_t n, const struct timespec *, const sigset_t *, size_t room);
_Noreturn void __chk_fail(void); /* libc's, which says "buffer overflow detected" and aborts */

static void check(size_t n, size_t room)
{
    if (n > room)
        __chk_fail();
}

ssize_t __read_chk(int fd, void *at, size_t n, size_t room)
{
    check(n, room);
    return rill_posix_read(fd, at, n);
}

ssize_t __recv_chk(int fd, void *at, size_t n, size_t room, int flags)
{
    check(n, room);
    return rill_posix_recv(fd, at, n, flags);
}

ssize_t __recvfrom_chk(int fd, void *at, size_t n, size_t room, int flags, struct sockaddr *address,
                       socklen_t *length)
{
    check(n, room);
    return rill_posix_recvfrom(fd, at, n, flags, address, length);
}

int __poll_chk(struct pollfd *p, nfds_t n, int timeout_ms, size_t room)
{
    check(n, room / sizeof *p);
    return rill_posix_poll(p, n, timeout_ms);
}

int __ppoll_chk(struct pollfd *p, nfds_t n, const struct timespec *timeout, const sigset_t *mask,
                size_t room)
{
    check(n, room / sizeof *p);
    return rill_posix_ppoll(p, n, timeout, mask);
}

/* The conversions in the format are not checked. */
int __vdprintf_chk(int fd, int flag, const char *format, va_list);
int __dprintf_chk(int fd, int flag, const char *format, ...);

int __vdprintf_chk(int fd, int flag, const char *format, va_list list)
{
    (void)flag;
    return rill_posix_vdprintf(fd, format, list);
}

int __dprintf_chk(int fd, int flag, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int result = __vdprintf_chk(fd, flag, format, list);
    va_end(list);
    return result;
}

/* ---- _FILE_OFFSET_BITS=64: the same where offsets are that long anyway ---- */

int fcntl64(int fd, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return rill_posix_fcntl(fd, command, argument);
}

FILE *freopen64(const char *path, const char *mode, FILE *stream)
{
    return rill_posix_freopen(path, mode, stream);
}

ssize_t sendfile64(int out, int in, off64_t *at, size_t n)
{
    off_t from = at ? (off_t)*at : 0;
    ssize_t sent = rill_posix_sendfile(out, in, at ? &from : NULL, n);
    if (at)
        *at = from;
    return sent;
}

/* ---- Calls by another name ---- */

/* A child of vfork(2) shares its parent's memory, and would close the parent's sockets. */
pid_t vfork(void)
{
    return fork();
}

/* signal(2) for programs that request System V's (_XOPEN_SOURCE), whose handler runs once, and for
 * those that request BSD's. */
rill_posix_handler __sysv_signal(int number, rill_posix_handler);
rill_posix_handler bsd_signal(int number, rill_posix_handler);

rill_posix_handler __sysv_signal(int number, rill_posix_handler handler)
{
    struct sigaction before, a = {.sa_handler = handler, .sa_flags = SA_RESETHAND | SA_NODEFER};
    return rill_posix_sigaction(number, &a, &before) == 0 ? before.sa_handler : SIG_ERR;
}

rill_posix_handler bsd_signal(int number, rill_posix_handler handler)
{
    return rill_posix_signal(number, handler);
}
