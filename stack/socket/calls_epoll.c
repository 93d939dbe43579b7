/* epoll_create1(2), epoll_ctl(2), epoll_wait(2) and related calls; and the adopted host
 * descriptors, which an epoll set can watch besides sockets. */
#include "socket/run.h"
#include "socket/timeout.h"

#include <errno.h>
#include <limits.h>

int rill_epoll_create1(int flags)
{
    struct call c = {.operation = CALL_EPOLL_CREATE, .flags = flags};
    return (int)call_run_open(&c);
}

int rill_epoll_create(int size)
{
    return size > 0 ? rill_epoll_create1(0) : (int)outcome(-EINVAL);
}

int rill_epoll_ctl(int epfd, int operation, int fd, struct epoll_event *event)
{
    struct call c = {
        .operation = CALL_EPOLL_CONTROL, .fd = epfd, .control = {operation, fd, event}};
    return (int)call_run(&c);
}

static int wait_for(int epfd, struct epoll_event *events, int max, rill_time timeout,
                    const sigset_t *mask)
{
    struct call c = {.operation = CALL_EPOLL,
                     .fd = epfd,
                     .epoll = {events, max, false},
                     .timeout = timeout,
                     .mask = mask};
    if (!rill_current())
        return (int)outcome(-EBADF);
    if (max <= 0 || max > INT_MAX / (int)sizeof *events)
        return (int)outcome(-EINVAL);
    return (int)call_run(&c);
}

int rill_epoll_pwait(int epfd, struct epoll_event *events, int max, int timeout_ms,
                     const sigset_t *mask)
{
    return wait_for(epfd, events, max, timeout_of_ms(timeout_ms), mask);
}

int rill_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms)
{
    return rill_epoll_pwait(epfd, events, max, timeout_ms, NULL);
}

int rill_epoll_pwait2(int epfd, struct epoll_event *events, int max, const struct timespec *timeout,
                      const sigset_t *mask)
{
    rill_time length;
    if (!timeout_of_timespec(timeout, &length))
        return (int)outcome(-EINVAL);
    return wait_for(epfd, events, max, length, mask);
}

/* ---------------------------------------------------------- host descriptors */

int rill_adopt(int host_fd)
{
    struct call c = {.operation = CALL_ADOPT, .flags = host_fd};
    return (int)call_run_open(&c);
}

int rill_adopted(int fd)
{
    struct call c = {.operation = CALL_ADOPTED, .fd = fd};
    return (int)call_run(&c);
}
