#include "socket/adopt.h"

#include "socket/object.h"
#include "socket/try.h"
#include "socket/wait_queue.h"

#include <errno.h>
#include <limits.h>

static int adopt(struct rill *r, int host_fd)
{
    const struct rill_adoption *by = &r->adoption;
    int fd;
    struct adopted *a = object_open(r, DESCRIPTOR_ADOPTED, &r->adopted, &fd);
    if (!a)
        return fd;
    a->host_fd = host_fd;
    int error = by->take ? by->take(by->context, fd, host_fd) : 0;
    a->is_file = error == -EPERM;
    if (!error || a->is_file)
        return fd;
    object_put(r, &r->adopted, fd);
    return error;
}

void adopted_free(struct rill *r, int fd)
{
    const struct adopted *a = object_adopted(r, fd);
    if (r->adoption.leave && !a->is_file)
        r->adoption.leave(r->adoption.context, fd, a->host_fd);
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

void rill_set_adoption(struct rill *r, const struct rill_adoption *by)
{
    r->adoption = *by;
}

void rill_adopted_event(struct rill *r, int fd, int host_fd)
{
    const struct adopted *a = object_adopted(r, fd);
    if (!a || a->host_fd != host_fd)
        return;
    watches_notify(r, a->watches, UINT32_MAX);
    waiters_wake(r, a->waiters, SHRT_MAX, UINT32_MAX);
}
