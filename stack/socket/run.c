/* The deadline of a call that must not wait (O_NONBLOCK, MSG_DONTWAIT, a poll with a zero time-out)
 * is now. */
#include "socket/run.h"

#include "socket/close.h"
#include "socket/object.h"
#include "socket/options.h"
#include "socket/parked.h"
#include "socket/try.h"

#include <errno.h>
#include <limits.h>

static bool call_is_readiness(const struct call *c)
{
    return c->operation >= CALL_POLL;
}

/* How long the call may wait. SO_LINGER makes close(2) wait even on a non-blocking descriptor. */
static rill_time call_timeout(const struct rill *r, const struct socket *s, const struct call *c)
{
    if (call_is_readiness(c))
        return c->timeout;
    if (c->operation == CALL_CLOSE)
        return RILL_SECONDS(socket_value(r, s, VALUE_LINGER));
    bool transfer = c->operation == CALL_SEND || c->operation == CALL_RECEIVE;
    if (s->nonblocking || (transfer && c->flags & MSG_DONTWAIT))
        return 0;
    bool out = c->operation == CALL_SEND || c->operation == CALL_CONNECT;
    return socket_timeout(s, out ? VALUE_SEND_TIMEOUT : VALUE_RECEIVE_TIMEOUT);
}

/* The time-out starts now, so the clock is read: since the stack last got the time the program may
 * have done other work. */
static rill_time call_deadline(struct rill *r, rill_time timeout)
{
    if (timeout && timeout != RILL_NEVER)
        rill_take_time(r);
    rill_time deadline;
    bool ends = timeout != RILL_NEVER && !__builtin_add_overflow(r->net.now, timeout, &deadline);
    return ends ? deadline : RILL_NEVER;
}

/* ppoll(2) and pselect(2) with a zero time-out check once for signals that the mask allows. */
static bool call_looks_for_signals(const struct rill *r, const struct call *c)
{
    return c->operation == CALL_POLL && c->mask && !c->tried && r->wait;
}

static int64_t call_now(struct rill *r, struct socket *s, const struct call *c)
{
    switch (c->operation) {
    case CALL_BIND:
        return bind_now(r, s, c);
    case CALL_LISTEN:
        return listen_now(r, s, c);
    case CALL_SHUTDOWN:
        return shutdown_now(r, s, c);
    case CALL_GET_OPTION:
        return get_option_now(r, s, c);
    case CALL_SET_OPTION:
        return set_option_now(r, s, c);
    case CALL_LOCAL_NAME:
        return local_name_now(s, c);
    case CALL_PEER_NAME:
        return peer_name_now(s, c);
    case CALL_IOCTL:
        return ioctl_now(s, c);
    case CALL_SOCKET:
        return socket_now(r, c);
    case CALL_FCNTL:
        return fcntl_now(r, c);
    case CALL_ADOPT:
        return adopt_now(r, c);
    case CALL_ADOPTED:
        return adopted_now(r, c);
    case CALL_EPOLL_CREATE:
        return epoll_create_now(r, c);
    case CALL_EPOLL_CONTROL:
        return epoll_control_now(r, c);
    default:
        return -EINVAL;
    }
}

static enum call_state call_step(struct rill *r, struct socket *s, struct call *c)
{
    switch (c->operation) {
    case CALL_ACCEPT:
        return accept_try(r, s, c);
    case CALL_CONNECT:
        return connect_try(r, s, c);
    case CALL_SEND:
        return s->is_stream ? stream_send_try(r, s, c) : datagram_send_try(r, s, c);
    case CALL_RECEIVE:
        if (c->receive->msg_name && c->receive->msg_namelen > INT_MAX)
            return call_end(c, -EINVAL);
        if (c->flags & MSG_ERRQUEUE)
            return errqueue_try(r, s, c);
        return s->is_stream ? stream_receive_try(r, s, c) : datagram_receive_try(r, s, c);
    case CALL_CLOSE:
        return close_try(r, s, c);
    case CALL_POLL:
        return poll_try(r, c);
    case CALL_EPOLL:
        return epoll_try(r, c);
    default:
        return call_end(c, call_now(r, s, c));
    }
}

/* Counts the calls that wait for the set, parked or not. */
static void count_waiting(const struct rill *r, struct call *c, bool waits)
{
    struct watch_set *set = c->operation == CALL_EPOLL ? object_set(r, c->fd) : NULL;
    if (!set || c->epoll.counted == waits)
        return;
    c->epoll.counted = waits;
    if (waits)
        set->waiting++;
    else if (set->waiting) /* the descriptor may name another set by now */
        set->waiting--;
}

void call_stop(struct rill *r, struct call *c, int error)
{
    rill_take_time(r); /* select reports the rest of its time-out */
    c->at = r->net.now;
    count_waiting(r, c, false);
    if (c->operation == CALL_CLOSE) { /* the connection goes on without its socket */
        if (object_exists(r, c->fd))
            object_close(r, c->fd);
        call_end(c, 0);
    } else if (c->progress && c->operation == CALL_SEND) {
        stream_send_end(r, socket_find(r, c->fd), c);
    } else if (c->progress) {
        call_end(c, (int64_t)c->progress);
    } else {
        call_end(c, -error);
    }
}

static void call_expire(struct rill *r, struct call *c)
{
    if (call_is_readiness(c))
        call_end(c, 0);
    else
        call_stop(r, c, c->too_late ? c->too_late : EAGAIN);
}

/* A descriptor that is not a socket can still be closed. */
static enum call_state call_without_socket(struct rill *r, struct call *c)
{
    if (c->operation != CALL_CLOSE || !object_exists(r, c->fd))
        return call_end(c, object_refusal(r, c->fd));
    object_close(r, c->fd);
    return call_end(c, 0);
}

enum call_state call_try(struct rill *r, struct call *c)
{
    struct socket *s = NULL;
    if (!r) /* the thread has no stack, so no descriptor is valid */
        return call_end(c, -EBADF);
    if (c->operation < CALL_SOCKET && !(s = socket_find(r, c->fd)))
        return call_without_socket(r, c);
    if (!c->tried && (s || call_is_readiness(c)))
        c->deadline = call_deadline(r, call_timeout(r, s, c));
    c->again = 0;
    enum call_state state = call_step(r, s, c);
    bool expires = c->deadline <= r->net.now && !call_looks_for_signals(r, c);
    c->tried = true;
    c->at = r->net.now;
    count_waiting(r, c, state == CALL_WAITS);
    if (state == CALL_WAITS && expires) {
        call_expire(r, c);
        return CALL_DONE;
    }
    return state;
}

const sigset_t *rill_wait_mask(const struct rill *r)
{
    return r->waiting ? r->waiting->call->mask : NULL;
}

/* The hook may park the call; then it returns when the call is done, or with an error. */
static enum call_state let_time_pass(struct rill *r, struct call *c)
{
    struct rill_call p = {.call = c};
    r->waiting = &p;
    int error = rill_wait(r, call_wake_time(c));
    r->waiting = NULL;
    if (p.done)
        return CALL_DONE;
    if (p.completions)
        parked_leave(r, &p);
    if (!error)
        return CALL_WAITS;
    call_stop(r, c, -error);
    return CALL_DONE;
}

/* Text leaves when the loop turns. A caller that always finds something ready would turn it only
 * when every buffer is full and the text has left the processor's cache. So after this many bytes a
 * wait lets the loop turn, even if the call need not wait. */
#define QUEUED_MAX (1u << 20)

static int let_text_leave(struct rill *r, const struct call *c)
{
    bool due = r && call_is_readiness(c) && r->net.tcp.queued > QUEUED_MAX;
    return due && r->wait && r->inside == INSIDE_NOTHING ? rill_wait(r, r->net.now) : 0;
}

static ssize_t call_return(const struct call *c)
{
    if (c->error)
        errno = c->error;
    return (ssize_t)c->result;
}

static void call_forward(const struct forwarder *forwarder, struct call *c)
{
    struct rill_call p = {.call = c};
    forwarder->forward(forwarder->context, &p);
}

ssize_t call_run(struct call *c)
{
    struct rill *r = rill_current();
    struct forwarder forwarder = rill_forwarder();
    if (forwarder.forward) {
        call_forward(&forwarder, c);
        return call_return(c);
    }
    int error = let_text_leave(r, c);
    if (error)
        call_end(c, error);
    while (!error && call_try(r, c) == CALL_WAITS && let_time_pass(r, c) == CALL_WAITS)
        ;
    return call_return(c);
}

ssize_t call_run_open(struct call *c)
{
    return rill_current() ? call_run(c) : outcome(-ENETDOWN);
}
