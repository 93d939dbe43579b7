#include "socket/adopt.h"

#include "socket/object.h"
#include "socket/parking.h"
#include "socket/try.h"

#include <errno.h>
#include <limits.h>

static int adopt(struct rill *r, int host_fd)
{
    int fd;
    struct adopted *a = object_open(r, DESCRIPTOR_ADOPTED, &r->adopted, &fd);
    if (!a)
        return fd;
    a->fd = fd;
    a->host_fd = host_fd;
    list_append(&r->fresh, &a->fresh);
    return fd;
}

void adopted_free(struct rill *r, int fd)
{
    struct adopted *a = object_adopted(r, fd);
    list_remove(&a->fresh);
    object_put(r, &r->adopted, fd);
}

int64_t adopt_now(struct rill *r, const struct call *c)
{
    return c->flags < 0 ? -EBADF : adopt(r, c->flags);
}

int64_t adopted_now(const struct rill *r, const struct call *c)
{
    const struct adopted *a = object_adopted(r, c->fd);
    if (a)
        return a->host_fd;
    return object_exists(r, c->fd) ? -EINVAL : -EBADF;
}

/* ------------------------------------------------- what the host binding calls */

void rill_set_look(struct rill *r, short (*look)(void *, int), void *context)
{
    r->look = look;
    r->look_context = context;
}

bool rill_adopted_next(struct rill *r, int *fd, int *host_fd)
{
    struct list_node *n = list_first(&r->fresh);
    if (!n)
        return false;
    const struct adopted *a = container_of(n, struct adopted, fresh);
    list_remove(n);
    *fd = a->fd;
    *host_fd = a->host_fd;
    return true;
}

bool rill_adopted_news(struct rill *r, int fd, int host_fd)
{
    const struct adopted *a = object_adopted(r, fd);
    if (!a || a->host_fd != host_fd)
        return false;
    watches_tell(r, a->watches, UINT32_MAX);
    parkings_stir(r, a->parked, SHRT_MAX, UINT32_MAX);
    return true;
}
