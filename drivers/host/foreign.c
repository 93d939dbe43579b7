#include "host/foreign.h"

#include "host/clock.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

void host_foreign_init(struct host_foreign *f)
{
    *f = (struct host_foreign){-1, -1, RILL_NEVER};
}

void host_foreign_end(struct host_foreign *f)
{
    if (f->epoll >= 0)
        close(f->epoll);
    if (f->timer >= 0)
        close(f->timer);
    host_foreign_init(f);
}

int host_foreign_watch(const struct host_foreign *f, int fd)
{
    struct epoll_event e = {.events = EPOLLIN};
    if (fd < 0 || epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &e) == 0)
        return 0;
    return errno == EEXIST ? 0 : -1;
}

void host_foreign_forget(const struct host_foreign *f, int fd)
{
    epoll_ctl(f->epoll, EPOLL_CTL_DEL, fd, NULL);
}

int host_foreign_open(struct host_foreign *f)
{
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (f->epoll < 0 || f->timer < 0 || host_foreign_watch(f, f->timer) != 0) {
        host_foreign_end(f);
        return -1;
    }
    return f->epoll;
}

/* Setting a timer clears its expiry, so a running timer with the same deadline is left alone. All
 * zeros would stop it, so "now" is 1 ns. */
void host_foreign_arm(struct host_foreign *f, rill_time deadline, rill_time now)
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
