/* Runs a program written for the kernel's sockets on rill: compile its unchanged source with this
 * header in front, and link it with librill-host.
 *
 *     cc -include rill/posix.h program.c $(pkg-config --cflags --libs rill-host)
 *     RILL_OPTIONS='--address 192.0.2.2/24' ./a.out
 *
 * The header renames the socket calls and the calls that take any descriptor. The renamed calls use
 * rill for TCP and UDP over IPv4, also from AF_INET6 sockets, and call the host for everything
 * else (files, pipes, terminals, Unix sockets, timers). All descriptors are host numbers: for each
 * of rill's descriptors an otherwise unused host descriptor is kept open, so that RLIMIT_NOFILE,
 * dup(2), FD_SETSIZE and "the lowest free number" keep their meaning.
 *
 * docs/porting.md says what is the same and what differs. The main differences: fork(2), and that
 * in a program with one thread the stack runs only during these calls.
 *
 * It is for C. It defines _GNU_SOURCE while it includes the system's headers, so a later definition
 * in the program has no effect on them. */
#ifndef RILL_POSIX_H
#define RILL_POSIX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#define RILL_POSIX_GNU
#endif

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifdef RILL_POSIX_GNU /* the program may define it again in its own way */
#undef _GNU_SOURCE
#undef RILL_POSIX_GNU
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct rill_host;

/* Selects the host whose stack the calls use; the caller has opened it and owns it. Exit handlers
 * that were registered before the first such call find no stack (ENETDOWN). Without this
 * call the first socket opens a host, with the words of the environment variable RILL_OPTIONS,
 * separated by white space, as its command line. If that fails, the call fails with ENETDOWN, and
 * the reason goes to standard error.
 *
 * The thread that opened the host makes its calls itself, and runs the loop while it waits in them.
 * When the program has several threads, the stack moves to its own thread, which makes the calls of
 * the others (<rill/threads.h>). */
void rill_posix_use(struct rill_host *);

int rill_posix_socket(int domain, int type, int protocol);
int rill_posix_bind(int, const struct sockaddr *, socklen_t);
int rill_posix_listen(int, int backlog);
int rill_posix_accept(int, struct sockaddr *, socklen_t *);
int rill_posix_accept4(int, struct sockaddr *, socklen_t *, int flags);
int rill_posix_connect(int, const struct sockaddr *, socklen_t);
int rill_posix_shutdown(int, int how);
int rill_posix_getsockopt(int, int level, int name, void *, socklen_t *);
int rill_posix_setsockopt(int, int level, int name, const void *, socklen_t);
int rill_posix_getsockname(int, struct sockaddr *, socklen_t *);
int rill_posix_getpeername(int, struct sockaddr *, socklen_t *);

ssize_t rill_posix_send(int, const void *, size_t, int flags);
ssize_t rill_posix_sendto(int, const void *, size_t, int flags, const struct sockaddr *, socklen_t);
ssize_t rill_posix_sendmsg(int, const struct msghdr *, int flags);
int rill_posix_sendmmsg(int, struct mmsghdr *, unsigned, int flags);
ssize_t rill_posix_sendfile(int out, int in, off_t *, size_t);
ssize_t rill_posix_recv(int, void *, size_t, int flags);
ssize_t rill_posix_recvfrom(int, void *, size_t, int flags, struct sockaddr *, socklen_t *);
ssize_t rill_posix_recvmsg(int, struct msghdr *, int flags);
int rill_posix_recvmmsg(int, struct mmsghdr *, unsigned, int flags, struct timespec *);

ssize_t rill_posix_read(int, void *, size_t);
ssize_t rill_posix_readv(int, const struct iovec *, int count);
ssize_t rill_posix_write(int, const void *, size_t);
ssize_t rill_posix_writev(int, const struct iovec *, int count);
int rill_posix_close(int);
int rill_posix_dup(int);
int rill_posix_dup2(int, int to);
int rill_posix_dup3(int, int to, int flags);
int rill_posix_close_range(unsigned first, unsigned last, int flags);
void rill_posix_closefrom(int least);
int rill_posix_fcntl(int, int command, ...);
int rill_posix_ioctl(int, unsigned long request, ...);
int rill_posix_getifaddrs(struct ifaddrs **);
FILE *rill_posix_fdopen(int, const char *mode);
FILE *rill_posix_freopen(const char *path, const char *mode, FILE *);
int rill_posix_dprintf(int, const char *format, ...) __attribute__((format(printf, 2, 3)));
int rill_posix_vdprintf(int, const char *format, va_list) __attribute__((format(printf, 2, 0)));

int rill_posix_poll(struct pollfd *, nfds_t, int timeout_ms);
int rill_posix_ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
int rill_posix_select(int, fd_set *, fd_set *, fd_set *, struct timeval *);
int rill_posix_pselect(int, fd_set *, fd_set *, fd_set *, const struct timespec *,
                       const sigset_t *);
int rill_posix_epoll_create(int size);
int rill_posix_epoll_create1(int flags);
int rill_posix_epoll_ctl(int set, int operation, int fd, struct epoll_event *);
int rill_posix_epoll_wait(int set, struct epoll_event *, int max, int timeout_ms);
int rill_posix_epoll_pwait(int set, struct epoll_event *, int max, int timeout_ms,
                           const sigset_t *);
int rill_posix_epoll_pwait2(int set, struct epoll_event *, int max, const struct timespec *,
                            const sigset_t *);

/* Those of the calls above that libraries make by number, through syscall(2). */
long rill_posix_syscall(long number, ...);

/* The calls of a child of fork(2) are made by its parent, which has the stack. A daemon takes over
 * the stack, because its parent ends when it starts. */
pid_t rill_posix_setsid(void);
int rill_posix_daemon(int stays, int keeps);

/* A signal handler runs when the call that the signal interrupts has ended. */
typedef void (*rill_posix_handler)(int);
int rill_posix_sigaction(int number, const struct sigaction *, struct sigaction *before);
rill_posix_handler rill_posix_signal(int number, rill_posix_handler);
int rill_posix_siginterrupt(int number, int interrupts);

/* The stack continues to run during these. */
unsigned rill_posix_sleep(unsigned seconds);
int rill_posix_usleep(useconds_t);
int rill_posix_nanosleep(const struct timespec *, struct timespec *left);
int rill_posix_clock_nanosleep(clockid_t, int flags, const struct timespec *,
                               struct timespec *left);
int rill_posix_pause(void);
int rill_posix_sigsuspend(const sigset_t *);

#ifdef __cplusplus
}
#endif

/* Macros without parameters also rename pointers to these functions, and members of the program's
 * own structures that have such a name. */
#ifndef RILL_POSIX_KEEP_NAMES
#define socket rill_posix_socket
#define bind rill_posix_bind
#define listen rill_posix_listen
#define accept rill_posix_accept
#define accept4 rill_posix_accept4
#define connect rill_posix_connect
#define shutdown rill_posix_shutdown
#define getsockopt rill_posix_getsockopt
#define setsockopt rill_posix_setsockopt
#define getsockname rill_posix_getsockname
#define getpeername rill_posix_getpeername
#define send rill_posix_send
#define sendto rill_posix_sendto
#define sendmsg rill_posix_sendmsg
#define sendmmsg rill_posix_sendmmsg
#define sendfile rill_posix_sendfile
#define recv rill_posix_recv
#define recvfrom rill_posix_recvfrom
#define recvmsg rill_posix_recvmsg
#define recvmmsg rill_posix_recvmmsg
#define read rill_posix_read
#define readv rill_posix_readv
#define write rill_posix_write
#define writev rill_posix_writev
#define close rill_posix_close
#define dup rill_posix_dup
#define dup2 rill_posix_dup2
#define dup3 rill_posix_dup3
#define close_range rill_posix_close_range
#define closefrom rill_posix_closefrom
#define fcntl rill_posix_fcntl
#define ioctl rill_posix_ioctl
#define getifaddrs rill_posix_getifaddrs
#define fdopen rill_posix_fdopen
#define freopen rill_posix_freopen
#define dprintf rill_posix_dprintf
#define vdprintf rill_posix_vdprintf
#define poll rill_posix_poll
#define ppoll rill_posix_ppoll
#define select rill_posix_select
#define pselect rill_posix_pselect
#define epoll_create rill_posix_epoll_create
#define epoll_create1 rill_posix_epoll_create1
#define epoll_ctl rill_posix_epoll_ctl
#define epoll_wait rill_posix_epoll_wait
#define epoll_pwait rill_posix_epoll_pwait
#define epoll_pwait2 rill_posix_epoll_pwait2
#define syscall rill_posix_syscall
#define sleep rill_posix_sleep
#define usleep rill_posix_usleep
#define nanosleep rill_posix_nanosleep
#define clock_nanosleep rill_posix_clock_nanosleep
#define pause rill_posix_pause
#define sigsuspend rill_posix_sigsuspend
#define setsid rill_posix_setsid
#define daemon rill_posix_daemon
#define signal rill_posix_signal
#define siginterrupt rill_posix_siginterrupt
#define sigaction(...) rill_posix_sigaction(__VA_ARGS__)
#endif

#endif
