#include "socket/fast_path.h"

#include "socket/object.h"
#include "socket/options.h"
#include "tcp/state.h"

#include <errno.h>
#include <limits.h>

/* Flags that a plain call may have: rill raises no SIGPIPE. */
#define FAST_PATH_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)

/* The connection that the descriptor names, if the stack belongs to this thread; NULL: the call is
 * not plain. */
static struct socket *fast_path_socket(const struct rill *r, int fd, const void *buffer,
                                       size_t length, int flags)
{
    struct socket *s = socket_find(r, fd);
    bool plain = s && socket_has_conn(s) && buffer && length && length <= SSIZE_MAX;
    return plain && !(flags & ~FAST_PATH_FLAGS) ? s : NULL;
}

/* Nothing prevents sending, and no option asks for reports about the bytes. */
static bool sends_freely(const struct tcp_conn *c)
{
    bool watched = c->extras && c->extras->progress;
    return state_can_send(conn_state(c)) && !c->dead && !c->error && !watched;
}

size_t fast_path_send(int fd, const void *from, size_t length, int flags)
{
    struct rill *r = rill_own();
    struct socket *s = fast_path_socket(r, fd, from, length, flags);
    if (!s || !sends_freely(s->conn))
        return 0;
    int64_t n = tcp_send(&r->net.tcp, s->conn, span_of(from, length), false);
    return n > 0 ? (size_t)n : 0;
}

static bool may_wait(const struct socket *s, int flags)
{
    return !s->nonblocking && !(flags & MSG_DONTWAIT);
}

/* There is no text, not even urgent text, but more may come, and no error is pending. */
static bool nothing_yet(const struct tcp_conn *c)
{
    return conn_read_limit(c) <= c->rcv.read && !tcp_at_end(c) && !c->error;
}

/* Any text is enough: no SO_RCVLOWAT. */
static bool content_with_any(const struct socket *s)
{
    return !s->values || s->values->of[VALUE_LOW_WATER] <= 1;
}

ssize_t fast_path_receive(int fd, void *to, size_t length, int flags)
{
    struct rill *r = rill_own();
    struct socket *s = fast_path_socket(r, fd, to, length, flags);
    if (!s || !content_with_any(s))
        return 0;
    if (nothing_yet(s->conn))
        return may_wait(s, flags) ? 0 : -EAGAIN;
    return (ssize_t)tcp_read(&r->net.tcp, s->conn, to, length);
}
