/* poll(2), ppoll(2), select(2) and pselect(2). */
#include "socket/object.h"
#include "socket/run.h"
#include "socket/timeout.h"

#include <errno.h>

static int poll_until(struct rill *r, struct pollfd *set, nfds_t count, rill_time deadline,
                      const sigset_t *mask)
{
    struct call c = {
        .operation = CALL_POLL, .poll = {set, count}, .deadline = deadline, .mask = mask};
    return (int)call_run(r, &c);
}

/* 0: the arguments are good. */
static int poll_refusal(const struct rill *r, const struct pollfd *set, nfds_t count)
{
    if (!r)
        return -EDEADLK;
    if (count > r->net.config.descriptors_max)
        return -EINVAL;
    return !set && count ? -EFAULT : 0;
}

int rill_poll(struct pollfd *set, nfds_t count, int timeout_ms)
{
    struct rill *r = rill_current();
    int refusal = poll_refusal(r, set, count);
    if (refusal)
        return (int)outcome(refusal);
    return poll_until(r, set, count, timeout_of_ms(r, timeout_ms), NULL);
}

int rill_ppoll(struct pollfd *set, nfds_t count, const struct timespec *timeout,
               const sigset_t *mask)
{
    struct rill *r = rill_current();
    rill_time deadline;
    int refusal = poll_refusal(r, set, count);
    if (!refusal && !timeout_of_timespec(r, timeout, &deadline))
        refusal = -EINVAL;
    return refusal ? (int)outcome(refusal) : poll_until(r, set, count, deadline, mask);
}

/* ------------------------------------------------------------------ select */

/* What select(2) says its sets mean. */
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

/* The three sets as one array. False: one of them holds what is no descriptor. */
static bool selection_read(const struct rill *r, struct selection *s, int n)
{
    s->count = 0;
    for (int fd = 0; fd < n; fd++) {
        short events = 0;
        for (int which = 0; which < 3; which++)
            events |= selection_holds(s, which, fd) ? select_events[which] : 0;
        if (!events)
            continue;
        if (!object_exists(r, fd))
            return false;
        s->poll[s->count++] = (struct pollfd){.fd = fd, .events = events};
    }
    return true;
}

/* Leaves in the sets what is ready, and returns how many members they have together. */
static int selection_write(struct selection *s)
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
    return ready;
}

/* Linux leaves in *timeout what has not been waited for. */
static void timeout_lower(struct timeval *timeout, rill_time left)
{
    left = left > 0 ? left : 0;
    timeout->tv_sec = left / RILL_SECONDS(1);
    timeout->tv_usec = left % RILL_SECONDS(1) / RILL_MICROSECONDS(1);
}

static int select_until(struct selection *s, int n, rill_time deadline, const sigset_t *mask)
{
    struct rill *r = rill_current();
    if (n < 0 || n > FD_SETSIZE)
        return (int)outcome(-EINVAL);
    if (!selection_read(r, s, n))
        return (int)outcome(-EBADF);
    int ready = poll_until(r, s->poll, s->count, deadline, mask);
    return ready < 0 ? ready : selection_write(s);
}

int rill_pselect(int n, fd_set *read, fd_set *write, fd_set *except, const struct timespec *timeout,
                 const sigset_t *mask)
{
    struct rill *r = rill_current();
    struct selection s = {.set = {read, write, except}};
    rill_time deadline;
    if (!r)
        return (int)outcome(-EDEADLK);
    if (!timeout_of_timespec(r, timeout, &deadline))
        return (int)outcome(-EINVAL);
    return select_until(&s, n, deadline, mask);
}

int rill_select(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *timeout)
{
    struct rill *r = rill_current();
    struct selection s = {.set = {read, write, except}};
    struct timespec length = {0};
    rill_time deadline;
    if (!r)
        return (int)outcome(-EDEADLK);
    if (timeout && timeout->tv_usec >= 1000000)
        return (int)outcome(-EINVAL);
    if (timeout)
        length = (struct timespec){timeout->tv_sec, timeout->tv_usec * RILL_MICROSECONDS(1)};
    if (!timeout_of_timespec(r, timeout ? &length : NULL, &deadline))
        return (int)outcome(-EINVAL);
    int ready = select_until(&s, n, deadline, NULL);
    if (timeout && deadline != RILL_NEVER)
        timeout_lower(timeout, deadline - rill_now(r));
    return ready;
}
