#include "socket/socket.h"

#include "tcp/fastopen_active.h"

bool socket_connecting(const struct socket *s)
{
    if (!s->is_stream || s->phase != SOCKET_CONNECTING || s->conn->dead)
        return false; /* an accepted socket is connected, even if Fast Open accepted it during the
                         handshake */
    enum rill_tcp_state state = s->conn->sender.head.state;
    return state == RILL_TCP_SYN_SENT || state == RILL_TCP_SYN_RECEIVED;
}

bool fast_open_waits(const struct socket *s)
{
    return socket_has_conn(s) && tcp_fast_open_is_deferred(s->conn);
}
