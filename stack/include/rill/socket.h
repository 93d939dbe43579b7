/* BSD sockets on a rill stack: the calls of <sys/socket.h> with a prefix, the host's own struct
 * sockaddr, constants, flags and errno (the manual pages of section 2 and 7 apply). Descriptors are
 * small integers of the stack's own table, lowest free first: they are no host descriptors.
 *
 * The calls work on the thread's current stack, which rill_use sets. They block where the manual
 * says so, by way of the stack's wait hook; without one a call that would block fails with EDEADLK.
 * Where Linux raises SIGPIPE only EPIPE is returned. */
#ifndef RILL_SOCKET_H
#define RILL_SOCKET_H

#include <poll.h>
#include <rill/time.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill;

/* Makes a stack the current one of this thread (NULL: none) and returns the one before. */
struct rill *rill_use(struct rill *);
struct rill *rill_current(void);

/* How this stack waits: the hook lets time and frames pass until something may have changed or
 * `until` is reached, and returns 0, or -1 with errno (EINTR) to make the call in progress fail. It
 * runs inside the caller's blocking call; it is never entered from rill_receive, rill_transmit or
 * itself. Where more than a megabyte (2^20 bytes) of TCP's text has been queued since the last
 * rill_transmit, poll, select and epoll enter it also if they need not wait: `until` is rill_now
 * then, and only what is there moves. In a coroutine nothing moves: it has to yield. */
void rill_set_wait(struct rill *, int (*wait)(void *context, rill_time until), void *context);

/* What time it is: a call that is to wait for so long begins its wait then. Without it, or with
 * NULL, it begins at rill_now, which has not moved while the program did other things. A call that
 * is stopped, by a signal say, asks too: select tells how much of its time is left. The times are
 * those that are handed to rill_receive and rill_transmit; `clock` must not call the stack. */
void rill_set_clock(struct rill *, rill_time (*clock)(void *context), void *context);

/* The hook as it stands: for whoever puts his own in front of it. */
struct rill_wait {
    int (*wait)(void *context, rill_time until); /* NULL: there is none */
    void *context;
};
struct rill_wait rill_wait_hook(const struct rill *);

/* Control messages of rill_recvmsg: IP_PKTINFO, IP_TTL (IP_RECVTTL), IP_TOS (IP_RECVTOS), UDP_GRO,
 * SCM_TIMESTAMP, SCM_TIMESTAMPNS and SCM_TIMESTAMPING of datagrams, in the stack's time; TCP_CM_INQ
 * (TCP_INQ) of streams; with MSG_ERRQUEUE IP_RECVERR of datagrams, and of streams what
 * SO_TIMESTAMPING and MSG_ZEROCOPY (which copies, and says so) have asked for. Of rill_sendmsg on a
 * datagram socket: IP_PKTINFO, IP_TTL, IP_TOS, UDP_SEGMENT (of a call at most 128 datagrams, each
 * no longer than the path's MTU). The interface index of a port is its number plus 1. */

/* AF_INET, SOCK_STREAM or SOCK_DGRAM, with SOCK_NONBLOCK or not. */
int rill_socket(int domain, int type, int protocol);
int rill_bind(int fd, const struct sockaddr *, socklen_t);
int rill_listen(int fd, int backlog);
int rill_accept(int fd, struct sockaddr *, socklen_t *);
int rill_accept4(int fd, struct sockaddr *, socklen_t *, int flags);
int rill_connect(int fd, const struct sockaddr *, socklen_t);

ssize_t rill_send(int fd, const void *, size_t, int flags);
ssize_t rill_sendto(int fd, const void *, size_t, int flags, const struct sockaddr *, socklen_t);
ssize_t rill_sendmsg(int fd, const struct msghdr *, int flags);
ssize_t rill_recv(int fd, void *, size_t, int flags);
ssize_t rill_recvfrom(int fd, void *, size_t, int flags, struct sockaddr *, socklen_t *);
ssize_t rill_recvmsg(int fd, struct msghdr *, int flags);
ssize_t rill_read(int fd, void *, size_t);
ssize_t rill_write(int fd, const void *, size_t);

int rill_shutdown(int fd, int how);
int rill_close(int fd);

int rill_getsockopt(int fd, int level, int name, void *, socklen_t *);
int rill_setsockopt(int fd, int level, int name, const void *, socklen_t);
int rill_getsockname(int fd, struct sockaddr *, socklen_t *);
int rill_getpeername(int fd, struct sockaddr *, socklen_t *);
int rill_fcntl(int fd, int command, ...); /* F_GETFL, F_SETFL (O_NONBLOCK), F_GETFD, F_SETFD */
int rill_ioctl(int fd, unsigned long request, ...); /* FIONREAD, FIONBIO, SIOCATMARK,
                                                     * SIOCOUTQ, SIOCOUTQNSD */

/* poll(2) and select(2). More elements than the stack has descriptors are EINVAL, and so is for
 * select an n beyond FD_SETSIZE: it never looks behind its sets. Who stands in a set and names
 * nothing is EBADF, whatever its number (POSIX; Linux looks at no number beyond its table).
 *
 * The signal mask of a call is in place while the thread that calls would sleep for it, and only
 * then. As in Linux a poll or select of no time looks for signals too, an epoll_wait of no time
 * does not, and what is ready is told before a signal. In a coroutine, in the thread of a scheduler
 * (<rill/coroutine.h>), and in a thread that does not own the stack a mask has no effect: signals
 * end calls of the owner's own thread alone. */
int rill_poll(struct pollfd *, nfds_t, int timeout_ms);
int rill_ppoll(struct pollfd *, nfds_t, const struct timespec *timeout, const sigset_t *);
int rill_select(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *timeout);
int rill_pselect(int n, fd_set *read, fd_set *write, fd_set *except, const struct timespec *timeout,
                 const sigset_t *);

/* epoll(7), with EPOLLET, EPOLLONESHOT, EPOLLRDHUP and EPOLLEXCLUSIVE; EPOLLWAKEUP has no effect. A
 * set is a descriptor, which other sets, poll and select may watch in their turn. A watch is 64
 * bytes of the stack's memory; a wait looks at what may be ready and at nothing else.
 *
 * rill has no dup(2), so that a descriptor leaves its sets when it is closed. */
int rill_epoll_create(int size);
int rill_epoll_create1(int flags);
int rill_epoll_ctl(int epfd, int operation, int fd, struct epoll_event *);
int rill_epoll_wait(int epfd, struct epoll_event *, int max, int timeout_ms);
int rill_epoll_pwait(int epfd, struct epoll_event *, int max, int timeout_ms, const sigset_t *);
int rill_epoll_pwait2(int epfd, struct epoll_event *, int max, const struct timespec *timeout,
                      const sigset_t *);

/* Gives a host descriptor (a pipe, timerfd, eventfd, Unix socket, terminal) a descriptor of this
 * stack, with which it enters poll, select and epoll beside sockets. It is read and written as
 * before, by the host's own calls on the host's descriptor, which rill_adopted gives back; the
 * other calls on the new one fail with ENOTSOCK. rill_close ends the adoption and leaves the host's
 * descriptor open; do it before closing that. Once the host's is closed the stack's is to poll
 * POLLNVAL, and EBADF to select and to EPOLL_CTL_ADD, as long as nothing else has its number; an
 * epoll set hears of it no more.
 *
 * What has no readiness on the host, a file, is always ready here for poll and select, and not for
 * epoll sets (EPERM), as on the host.
 *
 * EMFILE, ENOBUFS; EBADF, no open host descriptor; EEXIST, it is adopted already (dup(2) gives
 * another one; a file may be adopted again); ENOMEM, ENOSPC and what else epoll_ctl(2) of the host
 * refuses with (ELOOP, EINVAL: an epoll set would watch itself); without a stack ENETDOWN.
 * rill_adopted: EBADF, EINVAL (not adopted). */
int rill_adopt(int host_fd);
int rill_adopted(int fd);

/* ---- For those who bind a stack to a host, as <rill/host.h> does ---- */

/* What the stack asks about host descriptors that are adopted; none of it waits, or calls the
 * stack. */
struct rill_adoption {
    /* `fd` is to be the stack's name of `host_fd`, whose news are to be told from now on. 0, or a
     * negative errno value, with which rill_adopt fails; but -EPERM says that it is a file, always
     * ready and without news, and leaves again without a word. */
    int (*take)(void *context, int fd, int host_fd);
    /* No more. */
    void (*leave)(void *context, int fd, int host_fd);
    /* POLL... bits that hold now; POLLNVAL: it is closed. */
    short (*look)(void *context, int fd, int host_fd);
    void *context;
};
void rill_set_adoption(struct rill *, const struct rill_adoption *); /* copied */

/* It may have become ready: those who watch it look. Harmless where `fd` is that host descriptor's
 * no more. */
void rill_adopted_news(struct rill *, int fd, int host_fd);

/* The signal mask that the call in progress wants while it waits; NULL: the thread's own. For the
 * wait hook, which looks for signals with it also where `until` has come. */
const sigset_t *rill_wait_mask(const struct rill *);

#ifdef __cplusplus
}
#endif

#endif
