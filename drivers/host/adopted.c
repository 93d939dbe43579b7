#include "host/adopted.h"

#include "descriptor.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_MAX = 64 };
enum { EVENT_ROUNDS = 16 }; /* after these the loop wakes again for the rest */

void host_adopted_init(struct host_adopted *a)
{
    *a = (struct host_adopted){.epoll = -1};
}

void host_adopted_end(struct host_adopted *a)
{
    if (a->epoll >= 0)
        close(a->epoll);
    free(a->name);
    host_adopted_init(a);
}

int host_adopted_open(struct host_adopted *a)
{
    if (a->epoll < 0)
        a->epoll = descriptor_raise(epoll_create1(EPOLL_CLOEXEC));
    return a->epoll;
}

/* ---- Requests of the stack ---- */

/* Makes room for this host descriptor in `name`, which host numbers index. */
static bool names_reach(struct host_adopted *a, int host_fd)
{
    if (host_fd < a->names)
        return true;
    int names = host_fd < 64 ? 64 : host_fd < INT_MAX / 2 ? 2 * host_fd : INT_MAX;
    int *larger = realloc(a->name, (size_t)names * sizeof *larger);
    if (!larger)
        return false;
    for (int i = a->names; i < names; i++)
        larger[i] = -1;
    a->name = larger;
    a->names = names;
    return true;
}

static int name_of(const struct host_adopted *a, int host_fd)
{
    return host_fd < a->names ? a->name[host_fd] : -1;
}

/* An earlier owner of this number was closed on the host without notice: the kernel forgot it. */
static void name_set(struct host_adopted *a, int fd, int host_fd)
{
    a->count += name_of(a, host_fd) < 0;
    a->name[host_fd] = fd;
}

static void name_clear(struct host_adopted *a, int host_fd)
{
    a->name[host_fd] = -1;
    a->count--;
}

/* Both numbers, so that a late event of a closed descriptor is not taken for another's. */
static struct epoll_event event_of(int fd, int host_fd)
{
    return (struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET,
                                .data.u64 = (uint64_t)(uint32_t)host_fd << 32 | (uint32_t)fd};
}

/* A file gets no name: if the number still has one, its earlier owner was closed on the host. */
static int refuse(struct host_adopted *a, int host_fd, int error)
{
    if (error == EPERM && name_of(a, host_fd) >= 0)
        name_clear(a, host_fd);
    return -error;
}

static int take(void *context, int fd, int host_fd)
{
    struct host_adopted *a = context;
    struct epoll_event e = event_of(fd, host_fd);
    if (host_adopted_open(a) < 0)
        return -errno;
    if (epoll_ctl(a->epoll, EPOLL_CTL_ADD, host_fd, &e) != 0)
        return refuse(a, host_fd, errno);
    if (!names_reach(a, host_fd)) {
        epoll_ctl(a->epoll, EPOLL_CTL_DEL, host_fd, NULL);
        return -ENOMEM;
    }
    name_set(a, fd, host_fd);
    return 0;
}

/* Another descriptor may have its host number by now. */
static void leave(void *context, int fd, int host_fd)
{
    struct host_adopted *a = context;
    if (name_of(a, host_fd) != fd)
        return;
    epoll_ctl(a->epoll, EPOLL_CTL_DEL, host_fd, NULL);
    name_clear(a, host_fd);
}

static short look(void *context, int fd, int host_fd)
{
    struct pollfd p = {.fd = host_fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP};
    int name = name_of(context, host_fd);
    if (name >= 0 && name != fd)
        return POLLNVAL;
    if (poll(&p, 1, 0) < 1)
        return 0;
    if (p.revents & POLLIN)
        p.revents |= POLLRDNORM;
    if (p.revents & POLLOUT)
        p.revents |= POLLWRNORM;
    return p.revents;
}

void host_adopted_bind(struct host_adopted *a, struct rill *stack)
{
    rill_set_adoption(stack, &(struct rill_adoption){take, leave, look, a});
}

/* ---- Events for the stack ---- */

static void tell(struct rill *stack, const struct epoll_event *e)
{
    rill_adopted_event(stack, (int)(uint32_t)e->data.u64, (int)(e->data.u64 >> 32));
}

int host_adopted_serve(const struct host_adopted *a, struct rill *stack)
{
    struct epoll_event e[EVENTS_MAX];
    int sum = 0, n = a->count ? EVENTS_MAX : 0;
    for (int round = 0; n == EVENTS_MAX && round < EVENT_ROUNDS; round++) {
        n = epoll_wait(a->epoll, e, EVENTS_MAX, 0);
        if (n < 0)
            return -1;
        for (int i = 0; i < n; i++)
            tell(stack, &e[i]);
        sum += n;
    }
    return sum;
}
