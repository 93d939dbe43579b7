#include "socket/fastopen.h"

#include "net/routing.h"
#include "socket/try.h"
#include "tcp/fastopen_active.h"

#include <errno.h>

/* 0 also if there is no route any more: the SYN will find that out. */
static int64_t syn_room(struct rill *r, struct socket *s)
{
    struct sender *sender = &s->conn->sender;
    const struct path *path = routing_path(&r->net, &sender->path, sender->head.flow.remote);
    if (!path)
        return 0;
    uint16_t segment_max = (uint16_t)(routing_mtu(&r->net, path) - IP4_HEADER);
    return tcp_fast_open_room(&r->net.tcp, s->conn, segment_max);
}

static void ask(struct rill *r, struct socket *s)
{
    tcp_fast_open_ask(&r->net.tcp, s->conn, socket_flag(s, FLAG_FAST_OPEN_NO_COOKIE));
}

void fast_open_connect(struct rill *r, struct socket *s)
{
    ask(r, s);
    if (syn_room(r, s))
        tcp_fast_open_defer(s->conn);
}

static int open_to_name(struct rill *r, struct socket *s, const struct msghdr *m)
{
    struct endpoint to;
    int error = sockaddr_get(socket_family(s), m->msg_name, m->msg_namelen, &to);
    if (!error)
        error = stream_open(r, s, &to);
    if (!error)
        ask(r, s);
    return error;
}

/* Like Linux's tcp_sendmsg_fastopen. */
int64_t fast_open_send(struct rill *r, struct socket *s, struct call *c)
{
    if (!(r->net.config.tcp.fast_open & RILL_FAST_OPEN_CLIENT) ||
        sockaddr_is(AF_UNSPEC, c->send->msg_name, c->send->msg_namelen))
        return -EOPNOTSUPP;
    if (s->phase == SOCKET_LISTENING || s->phase == SOCKET_CONNECTED)
        return -EISCONN;
    bool waits = fast_open_waits(s);
    c->too_late = s->phase == SOCKET_IDLE || waits ? EINPROGRESS : EALREADY;
    int error = 0;
    if (waits)
        tcp_fast_open_release(&r->net.tcp, s->conn);
    else if (s->phase == SOCKET_IDLE)
        error = open_to_name(r, s, c->send);
    if (error)
        return error;
    return socket_connecting(s) && c->too_late == EINPROGRESS ? syn_room(r, s) : 0;
}
