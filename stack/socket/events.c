/* Linux informs a watcher only of the events that it has asked for (the key of ep_poll_callback),
 * so with EPOLLET the kind of event matters (sock_def_readable, sk_stream_write_space); a change of
 * state is an event for every watcher. */
#include "socket/events.h"

#include "socket/parked.h"
#include "socket/readiness.h"
#include "socket/watch.h"

#include <poll.h>

#define ANYTHING UINT32_MAX
#define READ_KEY ((uint32_t)EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND)
#define WRITE_KEY ((uint32_t)EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)

/* Watchers must have asked for one of these events to be informed. Text below SO_RCVLOWAT is no
 * event, and room is one only for a socket that was seen full. */
static uint32_t events_key(const struct rill *r, struct socket *s, unsigned events)
{
    if (events & EVENT_STATE)
        return ANYTHING;
    bool text = events & EVENT_READABLE,
         room = events & EVENT_WRITABLE && (s->was_full || !s->is_stream);
    if (!text && !room)
        return 0;
    uint32_t ready = (uint16_t)socket_ready(r, s, (text ? POLLIN : 0) | (room ? POLLOUT : 0));
    uint32_t key = text && ready & READ_KEY ? READ_KEY : 0;
    if (room && ready & WRITE_KEY) {
        s->was_full = false;
        key |= WRITE_KEY;
    }
    return key;
}

void socket_wake(struct rill *r, struct socket *s, unsigned events)
{
    if (s->watches)
        watches_notify(r, s->watches, events_key(r, s, events));
    parked_wake(r, s);
}

static unsigned stream_take_events(struct socket *s)
{
    struct head *h = s->phase == SOCKET_LISTENING ? &s->listener->head : &s->conn->sender.head;
    unsigned events = h->events;
    h->events = 0;
    return events;
}

static void dispatch_some(struct rill *r)
{
    for (struct tcp_owner *o; (o = tcp_next_woken(&r->net.tcp)) != NULL;) {
        struct socket *s = container_of(o, struct socket, owner.tcp);
        socket_wake(r, s, stream_take_events(s));
    }
    for (struct udp_owner *o; (o = udp_next_woken(&r->net.udp)) != NULL;) {
        struct socket *s = container_of(o, struct socket, owner.udp);
        unsigned events = s->datagram->events;
        s->datagram->events = 0;
        socket_wake(r, s, events);
    }
}

/* Called at every turn; mostly there is nothing to do. */
void rill_dispatch_events(struct rill *r)
{
    if (!list_empty(&r->net.tcp.woken) || !list_empty(&r->net.udp.woken))
        dispatch_some(r);
}
