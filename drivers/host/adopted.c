#include "host/adopted.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { NEWS_MAX = 64 };
enum { NEWS_ROUNDS = 16 }; /* the rest wakes the loop again */

void host_adopted_init(struct host_adopted *a)
{
    a->epoll = -1;
}

void host_adopted_end(struct host_adopted *a)
{
    if (a->epoll >= 0)
        close(a->epoll);
    a->epoll = -1;
}

short host_adopted_look(void *unused, int host_fd)
{
    struct pollfd p = {.fd = host_fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP};
    (void)unused;
    int ready = poll(&p, 1, 0);
    if (ready < 1)
        return 0;
    if (p.revents & POLLIN)
        p.revents |= POLLRDNORM;
    if (p.revents & POLLOUT)
        p.revents |= POLLWRNORM;
    return p.revents;
}

/* Both numbers, so that news of a descriptor that has been closed meanwhile is told from others'.
 */
static struct epoll_event event_of(int fd, int host_fd)
{
    return (struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET,
                                .data.u64 = (uint64_t)(uint32_t)host_fd << 32 | (uint32_t)fd};
}

/* A file has no edges (EPERM): it is always ready. What is closed (EBADF) is told by looking. One
 * that is adopted again is still in the set. */
static int take_up(struct host_adopted *a, int fd, int host_fd)
{
    struct epoll_event e = event_of(fd, host_fd);
    if (a->epoll < 0)
        a->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (a->epoll < 0)
        return -1;
    if (epoll_ctl(a->epoll, EPOLL_CTL_ADD, host_fd, &e) == 0 || errno == EPERM || errno == EBADF)
        return 0;
    return errno == EEXIST ? epoll_ctl(a->epoll, EPOLL_CTL_MOD, host_fd, &e) : -1;
}

/* What the stack does not know any more leaves the set. */
static void tell(const struct host_adopted *a, struct rill *stack, const struct epoll_event *e)
{
    int fd = (int)(uint32_t)e->data.u64, host_fd = (int)(e->data.u64 >> 32);
    if (!rill_adopted_news(stack, fd, host_fd))
        epoll_ctl(a->epoll, EPOLL_CTL_DEL, host_fd, NULL);
}

static int tell_all(const struct host_adopted *a, struct rill *stack)
{
    struct epoll_event e[NEWS_MAX];
    int sum = 0, n = NEWS_MAX;
    for (int round = 0; n == NEWS_MAX && round < NEWS_ROUNDS; round++) {
        n = epoll_wait(a->epoll, e, NEWS_MAX, 0);
        if (n < 0)
            return -1;
        for (int i = 0; i < n; i++)
            tell(a, stack, &e[i]);
        sum += n;
    }
    return sum;
}

int host_adopted_serve(struct host_adopted *a, struct rill *stack)
{
    int fd, host_fd;
    while (rill_adopted_next(stack, &fd, &host_fd))
        if (take_up(a, fd, host_fd) != 0)
            return -1;
    return a->epoll < 0 ? 0 : tell_all(a, stack);
}
