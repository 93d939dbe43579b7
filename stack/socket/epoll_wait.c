/* epoll_wait(2), epoll_pwait(2), epoll_pwait2(2). */
#include "socket/object.h"
#include "socket/run.h"
#include "socket/timeout.h"

#include <errno.h>
#include <limits.h>

static int wait_until(int epfd, struct epoll_event *events, int max, rill_time deadline,
                      const sigset_t *mask)
{
    struct rill *r = rill_current();
    struct call c = {.operation = CALL_EPOLL,
                     .fd = epfd,
                     .epoll = {events, max},
                     .deadline = deadline,
                     .mask = mask};
    if (max <= 0 || max > INT_MAX / (int)sizeof *events)
        return (int)outcome(-EINVAL);
    struct watch_set *set = object_set(r, epfd);
    if (set)
        set->waiting++;
    int result = (int)call_run(r, &c);
    if (set && set == object_set(r, epfd) && set->waiting) /* it may have been closed meanwhile */
        set->waiting--;
    return result;
}

int rill_epoll_pwait(int epfd, struct epoll_event *events, int max, int timeout_ms,
                     const sigset_t *mask)
{
    struct rill *r = rill_current();
    if (!r)
        return (int)outcome(-EBADF);
    return wait_until(epfd, events, max, timeout_of_ms(r, timeout_ms), mask);
}

int rill_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms)
{
    return rill_epoll_pwait(epfd, events, max, timeout_ms, NULL);
}

int rill_epoll_pwait2(int epfd, struct epoll_event *events, int max, const struct timespec *timeout,
                      const sigset_t *mask)
{
    struct rill *r = rill_current();
    rill_time deadline;
    if (!r)
        return (int)outcome(-EBADF);
    if (!timeout_of_timespec(r, timeout, &deadline))
        return (int)outcome(-EINVAL);
    return wait_until(epfd, events, max, deadline, mask);
}
