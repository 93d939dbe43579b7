#include "host/external_loop.h"

#include "host/clock.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

void host_external_loop_init(struct host_external_loop *f)
{
    *f = (struct host_external_loop){-1, -1, RILL_NEVER};
}

void host_external_loop_end(struct host_external_loop *f)
{
    if (f->epoll >= 0)
        close(f->epoll);
    if (f->timer >= 0)
        close(f->timer);
    host_external_loop_init(f);
}

int host_external_loop_watch(const struct host_external_loop *f, int fd)
{
    struct epoll_event e = {.events = EPOLLIN};
    if (fd < 0 || epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &e) == 0)
        return 0;
    return errno == EEXIST ? 0 : -1;
}

void host_external_loop_forget(const struct host_external_loop *f, int fd)
{
    epoll_ctl(f->epoll, EPOLL_CTL_DEL, fd, NULL);
}

int host_external_loop_open(struct host_external_loop *f)
{
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (f->epoll < 0 || f->timer < 0 || host_external_loop_watch(f, f->timer) != 0) {
        host_external_loop_end(f);
        return -1;
    }
    return f->epoll;
}

/* Setting a timer clears its expiry, so a running timer with the same deadline is left alone. All
 * zeros would stop it, so "now" is 1 ns. */
void host_external_loop_arm(struct host_external_loop *f, rill_time deadline, rill_time now)
{
    struct itimerspec length = {0};
    if (deadline == f->armed && deadline > now)
        return;
    if (deadline != RILL_NEVER) {
        rill_time left = deadline > now ? deadline - now : 1;
        length.it_value = host_timespec(left);
    }
    timerfd_settime(f->timer, 0, &length, NULL);
    f->armed = deadline;
}
