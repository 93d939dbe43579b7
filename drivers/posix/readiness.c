/* poll, select and epoll on descriptors of rill and the host together. A host descriptor is adopted
 * for the call, or for as long as it is in a set. */
#define RILL_POSIX_KEEP_NAMES
#include "cancellation.h"
#include "posix/duration.h"
#include "posix/entry.h"
#include "posix/names.h"
#include "posix/opening.h"
#include "posix/owner.h"
#include "proc_status.h"

#include <errno.h>
#include <pthread.h>
#include <rill/posix.h>
#include <rill/socket.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 64 };

/* ---- poll ---- */

/* The descriptor's number in rill's poll; -1: it names nothing at all. */
static int watched(int fd)
{
    int rills = name_socket(fd);
    return rills >= 0 ? rills : name_adopt(fd);
}

/* A number for poll that is never open. */
enum { NOTHING = 1 << 30 };

static void poll_begin(struct pollfd *in, const struct pollfd *p, nfds_t n)
{
    int state = cancellation_disable();
    for (nfds_t i = 0; i < n; i++) {
        int fd = p[i].fd < 0 ? -1 : watched(p[i].fd);
        in[i] = (struct pollfd){.fd = p[i].fd >= 0 && fd < 0 ? NOTHING : fd, .events = p[i].events};
    }
    cancellation_restore(state);
}

struct polls {
    struct pollfd *in, *few; /* rill's; `few` if it is not allocated */
    struct pollfd *p;        /* the program's */
    nfds_t n;
};

/* Also for a thread that was cancelled meanwhile. */
static void poll_end(void *of_call)
{
    const struct polls *c = of_call;
    int error = errno, state = cancellation_disable();
    for (nfds_t i = 0; i < c->n; i++) {
        c->p[i].revents = c->in[i].revents;
        if (c->p[i].fd >= 0 && c->in[i].fd != NOTHING && name_socket(c->p[i].fd) < 0)
            name_release(c->p[i].fd, c->in[i].fd);
    }
    if (c->in != c->few)
        free(c->in);
    cancellation_restore(state);
    errno = error;
}

static int poll_wait(struct polls *c, const struct timespec *timeout, const sigset_t *mask)
{
    sigset_t before;
    int result;
    pthread_cleanup_push(poll_end, c);
    result = rill_ppoll(c->in, c->n, timeout, posix_mask_begin(mask, &before));
    result = posix_mask_end(mask, &before, result);
    pthread_cleanup_pop(true);
    return result;
}

static bool all_are_hosts(const struct pollfd *p, nfds_t n)
{
    for (nfds_t i = 0; i < n; i++)
        if (p[i].fd >= 0 && name_socket(p[i].fd) >= 0)
            return false;
    return true;
}

int rill_posix_ppoll(struct pollfd *p, nfds_t n, const struct timespec *timeout,
                     const sigset_t *mask)
{
    struct pollfd few[FEW], *in = few;
    if (!owner_turns_here() && all_are_hosts(p, n))
        return ppoll(p, n, timeout, mask);
    if (n > FEW && n > (nfds_t)sysconf(_SC_OPEN_MAX)) {
        errno = EINVAL;
        return -1;
    }
    if (n > FEW && !(in = calloc(n, sizeof *in)))
        return -1;
    if (!posix_begin_any()) {
        free(in == few ? NULL : in);
        errno = ENETDOWN;
        return -1;
    }
    poll_begin(in, p, n);
    return posix_end(poll_wait(&(struct polls){in, few, p, n}, timeout, mask));
}

static struct timespec milliseconds(int ms)
{
    return (struct timespec){ms / 1000, ms % 1000 * 1000000L};
}

int rill_posix_poll(struct pollfd *p, nfds_t n, int timeout_ms)
{
    struct timespec t = milliseconds(timeout_ms);
    return rill_posix_ppoll(p, n, timeout_ms < 0 ? NULL : &t, NULL);
}

/* ---- select, which is poll ---- */

enum {
    READS = POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR,
    WRITES = POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR,
    EXCEPTS = POLLPRI
};

/* FD_ISSET may refuse what is beyond FD_SETSIZE. */
static bool is_in(int fd, const fd_set *set)
{
    return set && set->fds_bits[fd / NFDBITS] >> fd % NFDBITS & 1;
}

static nfds_t select_begin(struct pollfd *p, int n, fd_set *const set[3])
{
    nfds_t count = 0;
    for (int fd = 0; fd < n; fd++) {
        int events = (is_in(fd, set[0]) ? POLLIN | POLLRDNORM | POLLRDBAND : 0) |
                     (is_in(fd, set[1]) ? POLLOUT | POLLWRNORM | POLLWRBAND : 0) |
                     (is_in(fd, set[2]) ? POLLPRI : 0);
        if (events)
            p[count++] = (struct pollfd){.fd = fd, .events = (short)events};
    }
    return count;
}

static int mark(fd_set *set, const struct pollfd *p, bool asked, short what)
{
    if (!asked || !(p->revents & what))
        return 0;
    set->fds_bits[p->fd / NFDBITS] |= (fd_mask)1 << p->fd % NFDBITS;
    return 1;
}

/* A set may be longer than fd_set, or shorter: only the words needed for `n` belong to it. */
static int select_end(const struct pollfd *p, nfds_t count, int n, fd_set *const set[3])
{
    int marks = 0;
    size_t words = ((size_t)n + NFDBITS - 1) / NFDBITS;
    for (int i = 0; i < 3; i++)
        if (set[i])
            memset(set[i], 0, words * sizeof(fd_mask));
    for (nfds_t i = 0; i < count; i++, p++) {
        marks += mark(set[0], p, p->events & POLLIN, READS);
        marks += mark(set[1], p, p->events & POLLOUT, WRITES);
        marks += mark(set[2], p, p->events & POLLPRI, EXCEPTS);
    }
    return marks;
}

static bool names_nothing(const struct pollfd *p, nfds_t count)
{
    for (nfds_t i = 0; i < count; i++)
        if (p[i].revents & POLLNVAL)
            return true;
    return false;
}

static int select_by_poll(struct pollfd *p, int n, fd_set *const set[3],
                          const struct timespec *timeout, const sigset_t *mask)
{
    nfds_t count = select_begin(p, n, set);
    int result = rill_posix_ppoll(p, count, timeout, mask);
    if (result < 0)
        return -1;
    if (names_nothing(p, count)) {
        errno = EBADF;
        return -1;
    }
    return select_end(p, count, n, set);
}

/* A program may say as many numbers as there can be (getdtablesize(3)) and give shorter sets: the
 * kernel looks at no more than its table holds. */
static int looked_at(int n)
{
    if (n <= FD_SETSIZE)
        return n;
    long held = proc_status("FDSize");
    return held && held < n ? (int)held : n;
}

/* More than FD_SETSIZE. */
static int select_many(int n, fd_set *const set[3], const struct timespec *timeout,
                       const sigset_t *mask)
{
    struct pollfd *p = malloc((size_t)n * sizeof *p);
    int result, error;
    if (!p)
        return -1;
    pthread_cleanup_push(free, p);
    result = select_by_poll(p, n, set, timeout, mask), error = errno;
    pthread_cleanup_pop(1);
    errno = error;
    return result;
}

int rill_posix_pselect(int n, fd_set *reads, fd_set *writes, fd_set *excepts,
                       const struct timespec *timeout, const sigset_t *mask)
{
    struct pollfd p[FD_SETSIZE];
    fd_set *const set[3] = {reads, writes, excepts};
    if (n < 0)
        return pselect(n, reads, writes, excepts, timeout, mask);
    n = looked_at(n);
    return n > FD_SETSIZE ? select_many(n, set, timeout, mask)
                          : select_by_poll(p, n, set, timeout, mask);
}

/* As in Linux, it returns the rest of its time-out. */
int rill_posix_select(int n, fd_set *reads, fd_set *writes, fd_set *excepts,
                      struct timeval *timeout)
{
    struct timespec length, left;
    if (!timeout)
        return rill_posix_pselect(n, reads, writes, excepts, NULL, NULL);
    length = (struct timespec){timeout->tv_sec + timeout->tv_usec / 1000000,
                               timeout->tv_usec % 1000000 * 1000};
    int64_t begun = now_on(CLOCK_MONOTONIC);
    int result = rill_posix_pselect(n, reads, writes, excepts, &length, NULL), error = errno;
    left = duration_left(nanoseconds(&length), begun);
    *timeout = (struct timeval){left.tv_sec, left.tv_nsec / 1000};
    errno = error;
    return result;
}

/* ---- epoll ---- */

int rill_posix_epoll_create1(int flags)
{
    if (owner_is_unreachable())
        return epoll_create1(flags);
    if (!posix_begin_first())
        return -1;
    int rills = rill_epoll_create1(flags);
    int fd = rills < 0 ? -1 : name_new_set(rills, flags & EPOLL_CLOEXEC), error = errno;
    if (fd < 0 && rills >= 0)
        rill_close(rills);
    errno = error;
    return posix_end(fd);
}

int rill_posix_epoll_create(int size)
{
    if (size > 0)
        return rill_posix_epoll_create1(0);
    errno = EINVAL;
    return -1;
}

/* A host descriptor is adopted while it is a member. */
static int control_host(int set, int operation, int fd, struct epoll_event *e)
{
    int adopted = name_adopt(fd);
    if (adopted < 0)
        return -1;
    int result = rill_epoll_ctl(set, operation, adopted, e);
    if (result != 0 || operation != EPOLL_CTL_ADD)
        name_release(fd, adopted);
    if (result == 0 && operation == EPOLL_CTL_DEL)
        name_release(fd, adopted);
    return result;
}

int rill_posix_epoll_ctl(int set, int operation, int fd, struct epoll_event *e)
{
    int rills = name_socket(fd), rills_set = posix_begin(set);
    if (rills_set < 0)
        return epoll_ctl(set, operation, fd, e);
    int state = cancellation_disable();
    int result = rills < 0 ? control_host(rills_set, operation, fd, e)
                           : rill_epoll_ctl(rills_set, operation, rills, e);
    cancellation_restore(state);
    return posix_end(result);
}

int rill_posix_epoll_pwait2(int set, struct epoll_event *e, int max, const struct timespec *timeout,
                            const sigset_t *mask)
{
    sigset_t before;
    int rills = posix_begin(set);
    if (rills < 0)
        return epoll_pwait2(set, e, max, timeout, mask);
    int result = rill_epoll_pwait2(rills, e, max, timeout, posix_mask_begin(mask, &before));
    return posix_end(posix_mask_end(mask, &before, result));
}

int rill_posix_epoll_pwait(int set, struct epoll_event *e, int max, int timeout_ms,
                           const sigset_t *mask)
{
    struct timespec t = milliseconds(timeout_ms);
    if (name_socket(set) < 0)
        return epoll_pwait(set, e, max, timeout_ms, mask);
    return rill_posix_epoll_pwait2(set, e, max, timeout_ms < 0 ? NULL : &t, mask);
}

int rill_posix_epoll_wait(int set, struct epoll_event *e, int max, int timeout_ms)
{
    return rill_posix_epoll_pwait(set, e, max, timeout_ms, NULL);
}
