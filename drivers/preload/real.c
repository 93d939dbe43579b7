/* The host's calls, for the preloaded object itself. In that object `read` is rill's, so its own
 * calls of the host are renamed `rill_real_read` (the Makefile does it, from the list in
 * <rill/posix.h>); these functions find the next `read` after it: libc's.
 *
 * A name that is called and is missing here fails the link. */
#define RILL_POSIX_KEEP_NAMES
#include "preload/real.h"

#include <dlfcn.h>
#include <rill/posix.h>
#include <stdlib.h>
#include <sys/prctl.h>

/* The first call of each looks it up, because other objects' constructors may call before ours run.
 * Two threads that do so at the same time find the same function. */
#define REAL(result, name, parameters, arguments) \
    result rill_real_##name parameters; \
    result rill_real_##name parameters \
    { \
        static _Atomic(__typeof__(&name)) next; \
        if (!next) \
            next = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
        return next arguments; \
    }

REAL(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
REAL(int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
REAL(int, listen, (int fd, int backlog), (fd, backlog))
REAL(int, accept, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n))
REAL(int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags), (fd, a, n, flags))
REAL(int, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
REAL(int, shutdown, (int fd, int how), (fd, how))
REAL(int, getsockopt, (int fd, int level, int name, void *at, socklen_t *n),
     (fd, level, name, at, n))
REAL(int, setsockopt, (int fd, int level, int name, const void *at, socklen_t n),
     (fd, level, name, at, n))
REAL(int, getsockname, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n))
REAL(int, getpeername, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n))

REAL(ssize_t, send, (int fd, const void *at, size_t n, int flags), (fd, at, n, flags))
REAL(ssize_t, sendto,
     (int fd, const void *at, size_t n, int flags, const struct sockaddr *a, socklen_t length),
     (fd, at, n, flags, a, length))
REAL(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags))
REAL(int, sendmmsg, (int fd, struct mmsghdr *m, unsigned n, int flags), (fd, m, n, flags))
REAL(ssize_t, sendfile, (int out, int in, off_t *at, size_t n), (out, in, at, n))
REAL(ssize_t, recv, (int fd, void *at, size_t n, int flags), (fd, at, n, flags))
REAL(ssize_t, recvfrom,
     (int fd, void *at, size_t n, int flags, struct sockaddr *a, socklen_t *length),
     (fd, at, n, flags, a, length))
REAL(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags))
REAL(int, recvmmsg, (int fd, struct mmsghdr *m, unsigned n, int flags, struct timespec *t),
     (fd, m, n, flags, t))

REAL(ssize_t, read, (int fd, void *at, size_t n), (fd, at, n))
REAL(ssize_t, readv, (int fd, const struct iovec *part, int count), (fd, part, count))
REAL(ssize_t, write, (int fd, const void *at, size_t n), (fd, at, n))
REAL(ssize_t, writev, (int fd, const struct iovec *part, int count), (fd, part, count))
REAL(int, close, (int fd), (fd))
REAL(int, dup, (int fd), (fd))
REAL(int, dup2, (int fd, int to), (fd, to))
REAL(int, dup3, (int fd, int to, int flags), (fd, to, flags))
REAL(int, close_range, (unsigned first, unsigned last, int flags), (first, last, flags))
REAL(int, fcntl, (int fd, int command, void *argument), (fd, command, argument))
REAL(int, ioctl, (int fd, unsigned long request, void *argument), (fd, request, argument))
REAL(int, getifaddrs, (struct ifaddrs * *list), (list))
REAL(FILE *, fdopen, (int fd, const char *mode), (fd, mode))
REAL(FILE *, freopen, (const char *path, const char *mode, FILE *stream), (path, mode, stream))
REAL(int, vdprintf, (int fd, const char *format, va_list list), (fd, format, list))

REAL(int, poll, (struct pollfd * p, nfds_t n, int timeout_ms), (p, n, timeout_ms))
REAL(int, ppoll, (struct pollfd * p, nfds_t n, const struct timespec *t, const sigset_t *mask),
     (p, n, t, mask))
REAL(int, select, (int n, fd_set *r, fd_set *w, fd_set *x, struct timeval *t), (n, r, w, x, t))
REAL(int, pselect,
     (int n, fd_set *r, fd_set *w, fd_set *x, const struct timespec *t, const sigset_t *mask),
     (n, r, w, x, t, mask))
REAL(int, epoll_create, (int size), (size))
REAL(int, epoll_create1, (int flags), (flags))
REAL(int, epoll_ctl, (int set, int operation, int fd, struct epoll_event *e),
     (set, operation, fd, e))
REAL(int, epoll_wait, (int set, struct epoll_event *e, int max, int timeout_ms),
     (set, e, max, timeout_ms))
REAL(int, epoll_pwait,
     (int set, struct epoll_event *e, int max, int timeout_ms, const sigset_t *mask),
     (set, e, max, timeout_ms, mask))
REAL(int, epoll_pwait2,
     (int set, struct epoll_event *e, int max, const struct timespec *t, const sigset_t *mask),
     (set, e, max, t, mask))
REAL(long, syscall, (long number, long a, long b, long c, long d, long e, long f),
     (number, a, b, c, d, e, f))

REAL(pid_t, setsid, (void), ())
REAL(int, daemon, (int stays, int keeps), (stays, keeps))
REAL(int, sigaction, (int number, const struct sigaction *a, struct sigaction *before),
     (number, a, before))
REAL(rill_posix_handler, signal, (int number, rill_posix_handler handler), (number, handler))
REAL(unsigned, sleep, (unsigned seconds), (seconds))
REAL(int, usleep, (useconds_t microseconds), (microseconds))
REAL(int, nanosleep, (const struct timespec *t, struct timespec *left), (t, left))
REAL(int, clock_nanosleep,
     (clockid_t clock, int flags, const struct timespec *t, struct timespec *left),
     (clock, flags, t, left))
REAL(int, pause, (void), ())
REAL(int, sigsuspend, (const sigset_t *mask), (mask))

REAL(int, execve, (const char *path, char *const *words, char *const *environment),
     (path, words, environment))
REAL(int, execvpe, (const char *file, char *const *words, char *const *environment),
     (file, words, environment))
REAL(int, fexecve, (int fd, char *const *words, char *const *environment), (fd, words, environment))
REAL(int, execveat,
     (int folder, const char *path, char *const *words, char *const *environment, int flags),
     (folder, path, words, environment, flags))
REAL(int, posix_spawn,
     (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const *words, char *const *environment),
     (pid, path, actions, attributes, words, environment))
REAL(int, posix_spawnp,
     (pid_t * pid, const char *file, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const *words, char *const *environment),
     (pid, file, actions, attributes, words, environment))
REAL(int, system, (const char *command), (command))
REAL(FILE *, popen, (const char *command, const char *mode), (command, mode))
REAL(int, pclose, (FILE * stream), (stream))
REAL(int, prctl, (int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d),
     (option, a, b, c, d))
