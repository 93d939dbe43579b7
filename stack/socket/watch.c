#include "socket/watch.h"

#include "socket/wait_queue.h"

#define SET_READABLE (EPOLLIN | EPOLLRDNORM)

struct watch *watch_find(const struct rill *r, uint32_t watches, const struct watch_set *set)
{
    for (struct watch *w = watch_at(r, watches); w; w = watch_at(r, w->next))
        if (w->set == set)
            return w;
    return NULL;
}

/* Linux's order: exclusive watches (EPOLLEXCLUSIVE) come last, the oldest first. */
static void join_watchers(const struct rill *r, uint32_t *at, struct watch *w)
{
    while (w->events & EPOLLEXCLUSIVE && *at)
        at = &watch_at(r, *at)->next;
    w->next = *at;
    *at = w->index;
}

static void leave_watchers(const struct rill *r, uint32_t *at, const struct watch *w)
{
    while (*at != w->index)
        at = &watch_at(r, *at)->next;
    *at = w->next;
}

struct watch *watch_add(struct rill *r, struct watch_set *set, uint32_t *watches, int fd,
                        const struct epoll_event *e)
{
    uint32_t index;
    struct watch *w = pool_get(&r->watches, &index);
    if (!w)
        return NULL;
    w->set = set;
    w->data = e->data.u64;
    w->events = e->events;
    w->fd = fd;
    w->index = index;
    join_watchers(r, watches, w);
    return w;
}

static void watch_free(struct rill *r, struct watch *w)
{
    list_remove(&w->ready);
    list_remove(&w->member);
    pool_put(&r->watches, w->index);
}

void watch_remove(struct rill *r, uint32_t *watches, struct watch *w)
{
    leave_watchers(r, watches, w);
    watch_free(r, w);
}

void watches_drop(struct rill *r, uint32_t *watches)
{
    for (struct watch *w; (w = watch_at(r, *watches)) != NULL;) {
        *watches = w->next;
        watch_free(r, w);
    }
}

/* ------------------------------------------------------------------ notification */

void watch_arm(struct rill *r, struct watch *w)
{
    if (list_linked(&w->ready))
        return;
    list_append(&w->set->ready, &w->ready);
    waiters_wake(r, w->set->waiters, SET_READABLE, UINT32_MAX);
}

/* Informs one level; sets that are watched themselves are queued in `further`. EPOLLEXCLUSIVE:
 * stops at the first set that has a waiting call and had no other event. */
static void notify_watchers(struct rill *r, uint32_t watches, uint32_t events, struct list *further)
{
    for (struct watch *w = watch_at(r, watches); w; w = watch_at(r, w->next)) {
        if (!(w->events & events))
            continue;
        bool first = list_empty(&w->set->ready);
        watch_arm(r, w);
        if (w->set->watches && !list_linked(&w->set->notified))
            list_append(further, &w->set->notified);
        if (w->events & EPOLLEXCLUSIVE && first && w->set->waiting)
            break;
    }
}

void watches_notify(struct rill *r, uint32_t watches, uint32_t events)
{
    struct list further;
    list_init(&further);
    notify_watchers(r, watches, events, &further);
    for (struct list_node *n; (n = list_first(&further)) != NULL;) {
        list_remove(n);
        notify_watchers(r, container_of(n, struct watch_set, notified)->watches, SET_READABLE,
                        &further);
    }
}
