/* poll(2) and select(2). */
#include "socket/run.h"
#include "socket/sockets.h"

#include <errno.h>

static int poll_until(struct rill *r, struct pollfd *set, nfds_t count, rill_time deadline)
{
    struct call c = {.operation = CALL_POLL, .poll = {set, count}, .deadline = deadline};
    return (int)call_run(r, &c);
}

int rill_poll(struct pollfd *set, nfds_t count, int timeout_ms)
{
    struct rill *r = rill_current();
    if (!r)
        return (int)outcome(-EDEADLK);
    if (count > r->net.config.descriptors_max)
        return (int)outcome(-EINVAL);
    if (!set && count)
        return (int)outcome(-EFAULT);
    rill_time deadline = timeout_ms < 0 ? RILL_NEVER : rill_now(r) + RILL_MILLISECONDS(timeout_ms);
    return poll_until(r, set, count, deadline);
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
        if (!socket_find(r, fd))
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

static rill_time select_deadline(const struct rill *r, const struct timeval *timeout)
{
    if (!timeout || timeout->tv_sec > RILL_NEVER / 4 / RILL_SECONDS(1))
        return RILL_NEVER;
    return rill_now(r) + RILL_SECONDS(timeout->tv_sec) + RILL_MICROSECONDS(timeout->tv_usec);
}

int rill_select(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *timeout)
{
    struct rill *r = rill_current();
    struct selection s = {.set = {read, write, except}};
    if (!r)
        return (int)outcome(-EDEADLK);
    if (n < 0 || n > FD_SETSIZE ||
        (timeout && (timeout->tv_sec < 0 || timeout->tv_usec < 0 || timeout->tv_usec >= 1000000)))
        return (int)outcome(-EINVAL);
    if (!selection_read(r, &s, n))
        return (int)outcome(-EBADF);
    rill_time deadline = select_deadline(r, timeout);
    int ready = poll_until(r, s.poll, s.count, deadline);
    if (timeout && deadline != RILL_NEVER)
        timeout_lower(timeout, deadline - rill_now(r));
    return ready < 0 ? ready : selection_write(&s);
}
