#include "socket/sockets.h"

#include "net/multicast.h"
#include "socket/events.h"
#include "socket/object.h"
#include "socket/options.h"
#include "socket/parked.h"

struct socket *socket_new(struct rill *r, int *fd)
{
    return object_open(r, DESCRIPTOR_SOCKET, &r->sockets, fd);
}

void socket_unbind(struct rill *r, struct socket *s)
{
    if (!s->binding)
        return;
    tcp_unbind(&r->net.tcp, s->binding);
    memory_put(&r->net.memory, s->binding, sizeof *s->binding);
    s->binding = NULL;
}

void socket_free(struct rill *r, int fd)
{
    struct socket *s = socket_find(r, fd);
    parked_close(r, &s->waiters);
    list_remove(&s->owner.tcp.woken);
    socket_unbind(r, s);
    memory_put(&r->net.memory, s->values, sizeof *s->values);
    object_put(r, &r->sockets, fd);
}

void socket_disconnect(struct rill *r, struct socket *s, bool abort)
{
    if (s->phase == SOCKET_LISTENING) {
        tcp_listen_close(&r->net.tcp, s->listener);
        s->binding->listening = false;
    } else if (s->phase != SOCKET_IDLE && abort) {
        tcp_abort(&r->net.tcp, s->conn);
    } else if (s->phase != SOCKET_IDLE) {
        tcp_close(&r->net.tcp, s->conn);
    }
    s->phase = SOCKET_IDLE;
    s->conn = NULL;
    socket_wake(r, s, EVENT_STATE);
}

void socket_close(struct rill *r, int fd)
{
    struct socket *s = socket_find(r, fd);
    if (s->is_stream) {
        socket_disconnect(r, s,
                          socket_flag(s, FLAG_LINGER) && socket_value(r, s, VALUE_LINGER) == 0);
    } else {
        multicast_leave_all(&r->net, s->datagram);
        udp_close(&r->net.udp, s->datagram);
    }
    socket_free(r, fd);
}
