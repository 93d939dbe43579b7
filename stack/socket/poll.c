/* One look of poll(2), which select(2) is made of too. */
#include "socket/call.h"
#include "socket/readiness.h"
#include "socket/sockets.h"
#include "socket/try.h"

#include <errno.h>

static short poll_look(const struct rill *r, const struct pollfd *p)
{
    if (p->fd < 0)
        return 0;
    const struct socket *s = socket_find(r, p->fd);
    if (!s)
        return POLLNVAL;
    return socket_ready(r, s) & (short)(p->events | POLLERR | POLLHUP);
}

enum call_state poll_try(struct rill *r, struct call *c)
{
    int ready = 0;
    for (nfds_t i = 0; i < c->poll.count; i++) {
        c->poll.set[i].revents = poll_look(r, &c->poll.set[i]);
        ready += c->poll.set[i].revents != 0;
    }
    return ready ? call_end(c, ready) : CALL_WAITS;
}
