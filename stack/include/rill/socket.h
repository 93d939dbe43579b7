/* BSD sockets on a rill stack: the calls of <sys/socket.h> with a prefix. They use the host's own
 * struct sockaddr, constants, flags and errno; the manual pages of sections 2 and 7 apply.
 * Descriptors are small integers from the stack's own table, lowest free first; they are not host
 * descriptors.
 *
 * The calls use the thread's current stack, which rill_use sets. Without one, calls that create a
 * descriptor fail with ENETDOWN, poll and select with EDEADLK, all others with EBADF. Calls block
 * as the manual says, through the stack's wait hook; without a hook a call that would block fails
 * with EDEADLK. Where Linux raises SIGPIPE, rill only returns EPIPE. */
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

/* Makes a stack this thread's current stack (NULL: none) and returns the previous one. */
struct rill *rill_use(struct rill *);
struct rill *rill_current(void);

/* Sets the wait hook. The hook moves time and frames forward until something may have changed or
 * `until` is reached, and returns 0, or -1 with errno (EINTR) to make the call in progress fail. It
 * runs inside the caller's blocking call, and never inside rill_receive, rill_transmit or itself.
 * If more than a megabyte (2^20 bytes) of TCP payload has been queued since the last rill_transmit,
 * poll, select and epoll call the hook even if they need not wait: `until` is then rill_now, and
 * the hook only processes what is already there. In a coroutine this does not happen: it has to
 * yield. */
void rill_set_wait(struct rill *, int (*wait)(void *context, rill_time until), void *context);

/* Sets the clock from which a call with a time-out takes its start time. Without a clock, or with
 * NULL, the time-out starts at rill_now, which has not moved while the program did other work. A
 * call that ends early, for example by a signal, uses the clock too: select reports the time left.
 * The clock must be the one of the times passed to rill_receive and rill_transmit, and must not
 * call the stack. */
void rill_set_clock(struct rill *, rill_time (*clock)(void *context), void *context);

/* The current wait hook, for a program that installs its own hook in front of it. */
struct rill_wait {
    int (*wait)(void *context, rill_time until); /* NULL: none */
    void *context;
};
struct rill_wait rill_wait_hook(const struct rill *);

/* Control messages of rill_recvmsg:
 *   on datagram sockets  IP_PKTINFO, IP_TTL (IP_RECVTTL), IP_TOS (IP_RECVTOS), UDP_GRO, and
 *                        SCM_TIMESTAMP, SCM_TIMESTAMPNS, SCM_TIMESTAMPING in the stack's time
 *   on streams           TCP_CM_INQ (TCP_INQ)
 *   with MSG_ERRQUEUE    IP_RECVERR on datagram sockets; on streams the reports that
 *                        SO_TIMESTAMPING and MSG_ZEROCOPY request (rill copies the data, and the
 *                        report says so)
 * Control messages of rill_sendmsg on a datagram socket: IP_PKTINFO, IP_TTL, IP_TOS, UDP_SEGMENT
 * (at most 128 datagrams in one call, each no longer than the path MTU). The interface index is the
 * one of struct rill_port_config: with a TAP the host's. Of a datagram to a group it chooses the
 * port, as IP_MULTICAST_IF does for all. */

/* AF_INET or AF_INET6; SOCK_STREAM or SOCK_DGRAM, with or without SOCK_NONBLOCK.
 *
 * An AF_INET6 socket is as on a host whose interfaces have no IPv6 (ipv6(7), RFC 3493 3.7): its
 * peers are IPv4 hosts, with mapped addresses such as ::ffff:192.0.2.1. A listener at :: accepts
 * IPv4 connections; with IPV6_V6ONLY it accepts none, and leaves the port to an AF_INET listener.
 * Other addresses give EADDRNOTAVAIL (bind) or ENETUNREACH (connect, send). Options of IPv6 packets
 * (IPV6_UNICAST_HOPS, IPV6_TCLASS, IPV6_RECVERR and others) are remembered, without effect: as in
 * Linux, the options of IPv4 hold for IPv4 packets. */
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

/* poll(2) and select(2). EINVAL: more elements than descriptors_max; in select also an n above
 * FD_SETSIZE, so that it never reads beyond its sets. A descriptor in a select set that is not open
 * gives EBADF, whatever its number (POSIX; Linux ignores numbers beyond its table).
 *
 * The signal mask of a call is in force only while the calling thread sleeps in it. As in Linux, a
 * poll or select with a zero time-out checks for signals, an epoll_wait with a zero time-out does
 * not, and ready descriptors are reported before a signal. The mask has no effect in a coroutine,
 * in the thread of a scheduler (<rill/coroutine.h>), or in a thread that does not own the stack:
 * signals end only calls of the owner's thread. */
int rill_poll(struct pollfd *, nfds_t, int timeout_ms);
int rill_ppoll(struct pollfd *, nfds_t, const struct timespec *timeout, const sigset_t *);
int rill_select(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *timeout);
int rill_pselect(int n, fd_set *read, fd_set *write, fd_set *except, const struct timespec *timeout,
                 const sigset_t *);

/* epoll(7), with EPOLLET, EPOLLONESHOT, EPOLLRDHUP and EPOLLEXCLUSIVE; EPOLLWAKEUP has no effect. A
 * set is a descriptor, which other sets, poll and select can watch. A watch takes 64 bytes of the
 * stack's memory; a wait examines only descriptors that may be ready.
 *
 * rill has no dup(2), so closing a descriptor always removes it from its sets. */
int rill_epoll_create(int size);
int rill_epoll_create1(int flags);
int rill_epoll_ctl(int epfd, int operation, int fd, struct epoll_event *);
int rill_epoll_wait(int epfd, struct epoll_event *, int max, int timeout_ms);
int rill_epoll_pwait(int epfd, struct epoll_event *, int max, int timeout_ms, const sigset_t *);
int rill_epoll_pwait2(int epfd, struct epoll_event *, int max, const struct timespec *timeout,
                      const sigset_t *);

/* rill_adopt gives a host descriptor (a pipe, timerfd, eventfd, Unix socket, terminal) a descriptor
 * of this stack, for use in rill's poll, select and epoll beside sockets. Read and write it as
 * before, with the host's calls on the host descriptor, which rill_adopted returns; other calls on
 * the new descriptor fail with ENOTSOCK. rill_close ends the adoption and leaves the host
 * descriptor open; call it before you close the host descriptor. If the host descriptor is closed
 * first, the stack's descriptor gives POLLNVAL in poll, and EBADF in select and EPOLL_CTL_ADD, as
 * long as no other file has the host number; an epoll set gets no more events for it.
 *
 * A host descriptor without readiness (a file) is always ready in poll and select, and cannot be
 * added to an epoll set (EPERM), as on the host.
 *
 * Errors: EMFILE, ENOBUFS; EBADF: no open host descriptor; EEXIST: already adopted (adopt a dup(2)
 * of it instead; a file may be adopted again); ENOMEM, ENOSPC and other errors of the host's
 * epoll_ctl(2) (ELOOP, EINVAL: an epoll set would watch itself); ENETDOWN: no current stack.
 * rill_adopted: EBADF; EINVAL: not adopted. */
int rill_adopt(int host_fd);
int rill_adopted(int fd);

/* ---- For bindings of a stack to a host, such as <rill/host.h> ---- */

/* The stack's questions about adopted host descriptors. These functions must not wait, and must not
 * call the stack. */
struct rill_adoption {
    /* `fd` becomes the stack's number of `host_fd`; report its events with rill_adopted_event from
     * now on. Returns 0, or a negative errno value, with which rill_adopt fails. Exception: -EPERM
     * means a file, which is always ready and has no events; the adoption succeeds, and `leave` is
     * not called for it. */
    int (*take)(void *context, int fd, int host_fd);
    /* The adoption ends: report no more events. */
    void (*leave)(void *context, int fd, int host_fd);
    /* The POLL... bits that are set now; POLLNVAL: the host descriptor is closed. */
    short (*look)(void *context, int fd, int host_fd);
    void *context;
};
void rill_set_adoption(struct rill *, const struct rill_adoption *); /* copied */

/* Tells the stack that `fd` may have become ready, so that its watchers check it. No effect if `fd`
 * no longer belongs to that host descriptor. */
void rill_adopted_event(struct rill *, int fd, int host_fd);

/* The signal mask that the call in progress requests for its wait; NULL: the thread's own. For the
 * wait hook, which checks for signals with it even if `until` has already been reached. */
const sigset_t *rill_wait_mask(const struct rill *);

#ifdef __cplusplus
}
#endif

#endif
