/* epoll_create1(2), epoll_ctl(2), and one try of epoll_wait(2). */
#include "socket/epoll.h"

#include "socket/events.h"
#include "socket/object.h"
#include "socket/readiness.h"
#include "socket/try.h"

#include <errno.h>
#include <poll.h>

/* Bits of epoll_event.events that say how to report, not what. */
#define MODES (EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE)
/* Bits that are allowed together with EPOLLEXCLUSIVE. */
#define SHAREABLE \
    (EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

/* ------------------------------------------------------------------- making */

static int set_new(struct rill *r, int flags)
{
    int fd;
    struct watch_set *set = object_open(r, DESCRIPTOR_SET, &r->sets, &fd);
    if (!set)
        return fd == -ENOBUFS ? -ENOMEM : fd;
    list_init(&set->ready);
    list_init(&set->members);
    list_init(&set->nested);
    set->close_on_exec = flags & EPOLL_CLOEXEC;
    return fd;
}

static void remove_watch(struct rill *r, struct watch *w)
{
    watch_remove(r, object_watches(r, w->fd), w);
}

static void remove_all(struct rill *r, struct list *watches)
{
    for (struct list_node *n; (n = list_first(watches)) != NULL;)
        remove_watch(r, container_of(n, struct watch, member));
}

void set_free(struct rill *r, int fd)
{
    struct watch_set *set = object_set(r, fd);
    remove_all(r, &set->members);
    remove_all(r, &set->nested);
    object_put(r, &r->sets, fd);
}

int64_t epoll_create_now(struct rill *r, const struct call *c)
{
    return c->flags & ~EPOLL_CLOEXEC ? -EINVAL : set_new(r, c->flags);
}

/* ------------------------------------------------------------------ nesting */

#define TOO_DEEP (WATCH_NESTS_MAX + 1)

/* The length of the longest chain of sets above this one: its watchers, their watchers, and so on.
 * TOO_DEEP: too many, or `below` is among them. */
static unsigned sets_above(const struct rill *r, const struct watch_set *set,
                           const struct watch_set *below)
{
    uint32_t next[TOO_DEEP] = {set->watches};
    unsigned depth = 0, max = 0;
    for (;;) {
        const struct watch *w = watch_at(r, next[depth]);
        if (!w && depth == 0)
            return max;
        if (!w) {
            depth--;
            continue;
        }
        next[depth++] = w->next;
        if (w->set == below || depth == TOO_DEEP)
            return TOO_DEEP;
        next[depth] = w->set->watches;
        max = max_of(max, depth);
    }
}

/* The length of the longest chain of sets below it. */
static unsigned sets_below(const struct rill *r, const struct watch_set *set)
{
    const struct watch_set *at[TOO_DEEP] = {set};
    const struct list_node *next[TOO_DEEP] = {list_first(&set->nested)};
    unsigned depth = 0, max = 0;
    for (;;) {
        const struct list_node *n = next[depth];
        if (!n && depth == 0)
            return max;
        if (!n) {
            depth--;
            continue;
        }
        next[depth] = list_next(&at[depth]->nested, n);
        if (++depth == TOO_DEEP)
            return TOO_DEEP;
        at[depth] = object_set(r, container_of(n, struct watch, member)->fd);
        next[depth] = list_first(&at[depth]->nested);
        max = max_of(max, depth);
    }
}

/* ----------------------------------------------------------------- changing */

static struct watch *find_watch(const struct rill *r, const struct watch_set *set, int fd)
{
    return watch_find(r, *object_watches(r, fd), set);
}

static void arm_if_ready(struct rill *r, struct watch *w)
{
    if (!(descriptor_ready(r, w->fd) & w->events))
        return;
    watch_arm(r, w);
    watches_notify(r, w->set->watches, EPOLLIN | EPOLLRDNORM);
}

static int set_add(struct rill *r, struct watch_set *set, int fd, const struct epoll_event *e)
{
    const struct watch_set *nested = object_set(r, fd);
    if (nested && sets_above(r, set, nested) + 1 + sets_below(r, nested) > WATCH_NESTS_MAX)
        return -ELOOP;
    if (find_watch(r, set, fd))
        return -EEXIST;
    struct watch *w = watch_add(r, set, object_watches(r, fd), fd, e);
    if (!w)
        return -ENOMEM;
    list_append(nested ? &set->nested : &set->members, &w->member);
    arm_if_ready(r, w);
    return 0;
}

static int set_modify(struct rill *r, struct watch *w, const struct epoll_event *e)
{
    if (!w)
        return -ENOENT;
    if (w->events & EPOLLEXCLUSIVE)
        return -EINVAL;
    w->events = e->events;
    w->data = e->data.u64;
    arm_if_ready(r, w);
    return 0;
}

static int set_remove(struct rill *r, struct watch *w)
{
    if (!w)
        return -ENOENT;
    remove_watch(r, w);
    return 0;
}

/* EPOLLEXCLUSIVE is allowed only with EPOLL_CTL_ADD, for few events, and not for sets. */
static bool exclusive_refused(const struct rill *r, int operation, int fd, uint32_t events)
{
    if (operation == EPOLL_CTL_DEL || !(events & EPOLLEXCLUSIVE))
        return false;
    return operation == EPOLL_CTL_MOD || object_set(r, fd) || events & ~(uint32_t)SHAREABLE;
}

static int set_control(struct rill *r, struct watch_set *set, int operation, int fd,
                       struct epoll_event event)
{
    event.events |= EPOLLERR | EPOLLHUP;
    switch (operation) {
    case EPOLL_CTL_ADD:
        return set_add(r, set, fd, &event);
    case EPOLL_CTL_MOD:
        return set_modify(r, find_watch(r, set, fd), &event);
    case EPOLL_CTL_DEL:
        return set_remove(r, find_watch(r, set, fd));
    default:
        return -EINVAL;
    }
}

/* The readiness of a file cannot change; a descriptor that the host has closed can only leave a
 * set. */
static int adopted_refusal(struct rill *r, int operation, int fd)
{
    const struct adopted *a = object_adopted(r, fd);
    if (!a)
        return 0;
    if (a->is_file)
        return -EPERM;
    return operation == EPOLL_CTL_ADD && descriptor_ready(r, fd) & POLLNVAL ? -EBADF : 0;
}

/* Checks errors in the order of Linux. */
static int control(struct rill *r, int epfd, int operation, int fd, const struct epoll_event *event)
{
    static const struct epoll_event none;
    if (operation != EPOLL_CTL_DEL && !event)
        return -EFAULT;
    if (!object_exists(r, epfd) || !object_exists(r, fd))
        return -EBADF;
    int refusal = adopted_refusal(r, operation, fd);
    if (refusal)
        return refusal;
    struct watch_set *set = object_set(r, epfd);
    const struct epoll_event *e = operation == EPOLL_CTL_DEL ? &none : event;
    if (!set || fd == epfd || exclusive_refused(r, operation, fd, e->events))
        return -EINVAL;
    return set_control(r, set, operation, fd, *e);
}

int64_t epoll_control_now(struct rill *r, const struct call *c)
{
    return control(r, c->fd, c->control.operation, c->control.fd, c->control.event);
}

/* ------------------------------------------------------------------ waiting */

static void report(struct watch *w, uint32_t events, struct epoll_event *out)
{
    *out = (struct epoll_event){.events = events, .data.u64 = w->data};
    if (w->events & EPOLLONESHOT)
        w->events &= (uint32_t)MODES;
}

/* Fills in the ready watches and returns their number. A level-triggered watch goes to the end,
 * behind those not examined yet: so each gets its turn if `max` is small. */
static int set_take(struct rill *r, struct watch_set *set, struct epoll_event *out, int max)
{
    struct list again;
    int n = 0;
    list_init(&again);
    for (struct watch *w; n < max && (w = watch_first_ready(set)) != NULL;) {
        list_remove(&w->ready);
        uint32_t events = descriptor_ready(r, w->fd) & w->events;
        set->looks++;
        if (!events)
            continue;
        report(w, events, &out[n++]);
        if (!(w->events & (EPOLLET | EPOLLONESHOT)))
            list_append(&again, &w->ready);
    }
    list_splice(&set->ready, &again);
    return n;
}

enum call_state epoll_try(struct rill *r, struct call *c)
{
    struct watch_set *set = object_set(r, c->fd);
    if (!set)
        return call_end(c, object_exists(r, c->fd) ? -EINVAL : -EBADF);
    rill_dispatch_events(r); /* calls cause events too */
    if (!c->epoll.events)
        return set_ready(r, set) ? call_end(c, -EFAULT) : CALL_WAITS;
    int n = set_take(r, set, c->epoll.events, c->epoll.max);
    return n ? call_end(c, n) : CALL_WAITS;
}
