/* One try of poll(2), which select(2) uses too. */
#include "socket/call.h"
#include "socket/events.h"
#include "socket/object.h"
#include "socket/readiness.h"
#include "socket/try.h"

#include <errno.h>

static short poll_look(struct rill *r, const struct pollfd *p)
{
    if (p->fd < 0)
        return 0;
    if (!object_exists(r, p->fd))
        return POLLNVAL;
    return (short)(descriptor_ready(r, p->fd) &
                   (uint32_t)(p->events | POLLERR | POLLHUP | POLLNVAL));
}

enum call_state poll_try(struct rill *r, struct call *c)
{
    if (c->poll.count > r->net.config.descriptors_max)
        return call_end(c, -EINVAL);
    if (!c->poll.set && c->poll.count)
        return call_end(c, -EFAULT);
    int ready = 0;
    rill_dispatch_events(r); /* events of the epoll sets in it */
    for (nfds_t i = 0; i < c->poll.count; i++) {
        c->poll.set[i].revents = poll_look(r, &c->poll.set[i]);
        ready += c->poll.set[i].revents != 0;
    }
    return ready ? call_end(c, ready) : CALL_WAITS;
}
