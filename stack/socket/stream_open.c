/* An active OPEN, requested by connect(2) or by a send with MSG_FASTOPEN. */
#include "net/routing.h"
#include "socket/options.h"
#include "socket/sockets.h"
#include "socket/try.h"

#include <errno.h>

int stream_open(struct rill *r, struct socket *s, const struct endpoint *to)
{
    struct rill_address local = s->binding ? s->binding->local : (struct rill_address){{0}};
    struct rill_address remote = sockaddr_destination(to->address, local);
    struct net_route route;
    if (socket_flag(s, FLAG_ONLY_IP6))
        return -ENETUNREACH;
    int error = routing_find(&r->net, local, remote, &route);
    if (error)
        return error;
    if (route.group)
        return -ENETUNREACH; /* RFC 9293 3.9.2.3: MUST-46 */
    if (!to->port)
        return -ECONNREFUSED; /* no listener can be there; Linux sends a SYN and gets a reset */
    struct flow flow = {.local = route.local,
                        .remote = remote,
                        .local_port = s->binding ? s->binding->port : 0,
                        .remote_port = to->port};
    struct tcp_settings settings = socket_settings(r, s);
    struct tcp_conn *conn;
    error =
        tcp_connect(&r->net.tcp, &flow, route.port, route.path, &settings, &s->owner.tcp, &conn);
    if (error)
        return error;
    s->conn = conn;
    s->phase = SOCKET_CONNECTING;
    return 0;
}

int stream_open_outcome(struct rill *r, struct socket *s)
{
    if (!s->conn->dead) {
        s->phase = SOCKET_CONNECTED;
        return 0;
    }
    int error = tcp_take_error(s->conn);
    socket_disconnect(r, s, false);
    return error ? -error : -ECONNABORTED; /* SO_ERROR has already returned it */
}
