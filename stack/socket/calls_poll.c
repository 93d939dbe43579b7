/* poll(2), ppoll(2), select(2) and pselect(2). */
#include "socket/run.h"
#include "socket/timeout.h"

#include <errno.h>

static struct call poll_call(struct pollfd *set, nfds_t count, rill_time timeout,
                             const sigset_t *mask)
{
    return (struct call){
        .operation = CALL_POLL, .poll = {set, count}, .timeout = timeout, .mask = mask};
}

static int poll_for(struct pollfd *set, nfds_t count, rill_time timeout, const sigset_t *mask)
{
    struct call c = poll_call(set, count, timeout, mask);
    if (!rill_current())
        return (int)outcome(-EDEADLK);
    return (int)call_run(&c);
}

int rill_poll(struct pollfd *set, nfds_t count, int timeout_ms)
{
    return poll_for(set, count, timeout_of_ms(timeout_ms), NULL);
}

int rill_ppoll(struct pollfd *set, nfds_t count, const struct timespec *timeout,
               const sigset_t *mask)
{
    rill_time length;
    if (!timeout_of_timespec(timeout, &length))
        return (int)outcome(-EINVAL);
    return poll_for(set, count, length, mask);
}

/* ------------------------------------------------------------------ select */

/* What the sets of select(2) mean. */
#define SELECT_READ (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define SELECT_WRITE (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define SELECT_EXCEPT POLLPRI

struct selection {
    fd_set *set[3]; /* read, write, except; NULL: empty */
    struct pollfd poll[FD_SETSIZE];
    nfds_t count;
};

static const short select_events[3] = {SELECT_READ, SELECT_WRITE, SELECT_EXCEPT};

static bool selection_holds(const struct selection *s, int which, int fd)
{
    return s->set[which] && FD_ISSET(fd, s->set[which]);
}

/* The three sets as one array. */
static void selection_read(struct selection *s, int n)
{
    s->count = 0;
    for (int fd = 0; fd < n; fd++) {
        short events = 0;
        for (int which = 0; which < 3; which++)
            events |= selection_holds(s, which, fd) ? select_events[which] : 0;
        if (events)
            s->poll[s->count++] = (struct pollfd){.fd = fd, .events = events};
    }
}

/* A set contains a number that is not a descriptor: then poll has returned at once. */
static bool selection_invalid(const struct selection *s)
{
    for (nfds_t i = 0; i < s->count; i++)
        if (s->poll[i].revents & POLLNVAL)
            return true;
    return false;
}

/* Linux writes whole words: also the bits of the last word beyond the n descriptors. */
static void set_round(fd_set *set, int n)
{
    for (int fd = n; fd % NFDBITS != 0; fd++)
        FD_CLR(fd, set);
}

/* Leaves only the ready descriptors in the sets, and returns how many members the sets have
 * together. */
static int selection_write(struct selection *s, int n)
{
    int ready = 0;
    for (nfds_t i = 0; i < s->count; i++) {
        const struct pollfd *p = &s->poll[i];
        for (int which = 0; which < 3; which++) {
            if (!selection_holds(s, which, p->fd))
                continue;
            if (p->revents & select_events[which])
                ready++;
            else
                FD_CLR(p->fd, s->set[which]);
        }
    }
    for (int which = 0; which < 3; which++)
        if (s->set[which])
            set_round(s->set[which], n);
    return ready;
}

/* As in Linux, tv_usec may be a million or more. */
static bool timeout_to_timespec(const struct timeval *timeout, struct timespec *t)
{
    const time_t million = 1000000;
    t->tv_nsec = timeout->tv_usec % million * RILL_MICROSECONDS(1);
    return timeout->tv_usec >= 0 &&
           !__builtin_add_overflow(timeout->tv_sec, timeout->tv_usec / million, &t->tv_sec);
}

/* Linux leaves the remaining time in *timeout. */
static void timeout_lower(struct timeval *timeout, rill_time left)
{
    *timeout = timeval_of(max_of(left, 0));
}

/* *left: the rest of the time-out. */
static int select_for(struct selection *s, int n, rill_time timeout, const sigset_t *mask,
                      rill_time *left)
{
    *left = timeout;
    if (!rill_current())
        return (int)outcome(-EDEADLK);
    if (n < 0 || n > FD_SETSIZE)
        return (int)outcome(-EINVAL);
    selection_read(s, n);
    struct call c = poll_call(s->poll, s->count, timeout, mask);
    int ready = (int)call_run(&c);
    if (c.tried) /* else the call has not begun to wait */
        *left = c.deadline - c.at;
    if (ready < 0)
        return ready;
    return selection_invalid(s) ? (int)outcome(-EBADF) : selection_write(s, n);
}

int rill_pselect(int n, fd_set *read, fd_set *write, fd_set *except, const struct timespec *timeout,
                 const sigset_t *mask)
{
    struct selection s = {.set = {read, write, except}};
    rill_time length, left;
    if (!timeout_of_timespec(timeout, &length))
        return (int)outcome(-EINVAL);
    return select_for(&s, n, length, mask, &left);
}

int rill_select(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *timeout)
{
    struct selection s = {.set = {read, write, except}};
    struct timespec t = {0};
    rill_time length, left;
    if (timeout && !timeout_to_timespec(timeout, &t))
        return (int)outcome(-EINVAL);
    if (!timeout_of_timespec(timeout ? &t : NULL, &length))
        return (int)outcome(-EINVAL);
    int ready = select_for(&s, n, length, NULL, &left);
    if (timeout && length != RILL_NEVER)
        timeout_lower(timeout, left);
    return ready;
}
