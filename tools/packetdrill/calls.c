#include "packetdrill/calls.h"

#include "packetdrill/object.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

/* Enters the object, where rill's descriptor is -1 for one that stands for nothing (EBADF). */
static int enter(struct object *o, int fd)
{
    object_enter(o);
    return host_find(&o->descriptors, fd);
}

/* What the call has let the stack send leaves at this instant. */
static int64_t leave(struct object *o, int64_t result)
{
    int error = errno;
    machine_pull(&o->machine);
    object_leave(o);
    errno = error;
    return result;
}

/* A new descriptor of rill's, told as one of the host's. */
static int leave_with(struct object *o, int live)
{
    int host = host_add(&o->descriptors, live);
    if (live >= 0 && host < 0) {
        int error = errno;
        rill_close(live);
        errno = error;
    }
    return (int)leave(o, host);
}

/* ------------------------------------------------------------ opening, closing */

static int do_socket(void *data, int domain, int type, int protocol)
{
    object_enter(data);
    return leave_with(data, rill_socket(domain, type, protocol));
}

static int do_bind(void *data, int fd, const struct sockaddr *to, socklen_t length)
{
    int live = enter(data, fd);
    return (int)leave(data, rill_bind(live, to, length));
}

static int do_listen(void *data, int fd, int backlog)
{
    int live = enter(data, fd);
    return (int)leave(data, rill_listen(live, backlog));
}

static int do_accept(void *data, int fd, struct sockaddr *from, socklen_t *length)
{
    struct call c = {
        .operation = CALL_ACCEPT, .fd = enter(data, fd), .from = {.address = from, length}};
    return leave_with(data, (int)object_call(data, &c));
}

static int do_connect(void *data, int fd, const struct sockaddr *to, socklen_t length)
{
    struct call c = {.operation = CALL_CONNECT, .fd = enter(data, fd), .to = {to, length}};
    return (int)leave(data, object_call(data, &c));
}

static int do_close(void *data, int fd)
{
    struct object *o = data;
    struct call c = {.operation = CALL_CLOSE, .fd = enter(o, fd)};
    int64_t result = object_call(o, &c);
    if (result == 0)
        host_remove(&o->descriptors, fd);
    return (int)leave(o, result);
}

static int do_shutdown(void *data, int fd, int how)
{
    int live = enter(data, fd);
    return (int)leave(data, rill_shutdown(live, how));
}

/* ------------------------------------------------------------------- receiving */

static ssize_t do_recvmsg(void *data, int fd, struct msghdr *m, int flags)
{
    if (!m) {
        errno = EFAULT;
        return -1;
    }
    struct call c = {
        .operation = CALL_RECEIVE, .fd = enter(data, fd), .flags = flags, .receive = m};
    return (ssize_t)leave(data, object_call(data, &c));
}

static ssize_t do_recvfrom(void *data, int fd, void *to, size_t size, int flags,
                           struct sockaddr *from, socklen_t *length)
{
    struct iovec part = {to, size};
    struct msghdr m = {.msg_name = from,
                       .msg_namelen = from && length ? *length : 0,
                       .msg_iov = &part,
                       .msg_iovlen = 1};
    ssize_t n = do_recvmsg(data, fd, &m, flags);
    if (n >= 0 && from && length)
        *length = m.msg_namelen;
    return n;
}

static ssize_t do_recv(void *data, int fd, void *to, size_t size, int flags)
{
    return do_recvfrom(data, fd, to, size, flags, NULL, NULL);
}

static ssize_t do_read(void *data, int fd, void *to, size_t size)
{
    return do_recv(data, fd, to, size, 0);
}

static ssize_t do_readv(void *data, int fd, const struct iovec *part, int count)
{
    struct msghdr m = {.msg_iov = (struct iovec *)part, .msg_iovlen = (size_t)count};
    return do_recvmsg(data, fd, &m, 0);
}

/* --------------------------------------------------------------------- sending */

static ssize_t do_sendmsg(void *data, int fd, const struct msghdr *m, int flags)
{
    if (!m) {
        errno = EFAULT;
        return -1;
    }
    struct call c = {.operation = CALL_SEND, .fd = enter(data, fd), .flags = flags, .send = m};
    return (ssize_t)leave(data, object_call(data, &c));
}

static ssize_t do_sendto(void *data, int fd, const void *from, size_t size, int flags,
                         const struct sockaddr *to, socklen_t length)
{
    struct iovec part = {(void *)from, size};
    struct msghdr m = {.msg_name = (struct sockaddr *)to,
                       .msg_namelen = length,
                       .msg_iov = &part,
                       .msg_iovlen = 1};
    return do_sendmsg(data, fd, &m, flags);
}

static ssize_t do_send(void *data, int fd, const void *from, size_t size, int flags)
{
    return do_sendto(data, fd, from, size, flags, NULL, 0);
}

static ssize_t do_write(void *data, int fd, const void *from, size_t size)
{
    return do_send(data, fd, from, size, 0);
}

static ssize_t do_writev(void *data, int fd, const struct iovec *part, int count)
{
    struct msghdr m = {.msg_iov = (struct iovec *)part, .msg_iovlen = (size_t)count};
    return do_sendmsg(data, fd, &m, 0);
}

/* --------------------------------------------------------- options, readiness */

static int do_fcntl(void *data, int fd, int command, ...)
{
    va_list list;
    va_start(list, command);
    int value = va_arg(list, int);
    va_end(list);
    int live = enter(data, fd);
    return (int)leave(data, rill_fcntl(live, command, value));
}

static int do_ioctl(void *data, int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *value = va_arg(list, void *);
    va_end(list);
    int live = enter(data, fd);
    return (int)leave(data, rill_ioctl(live, request, value));
}

static int do_getsockopt(void *data, int fd, int level, int name, void *value, socklen_t *length)
{
    int live = enter(data, fd);
    return (int)leave(data, rill_getsockopt(live, level, name, value, length));
}

static int do_setsockopt(void *data, int fd, int level, int name, const void *value,
                         socklen_t length)
{
    int live = enter(data, fd);
    return (int)leave(data, rill_setsockopt(live, level, name, value, length));
}

/* A number that stands for no descriptor of rill's is one that rill does not have either. */
static void poll_translate(const struct object *o, const struct pollfd *from, struct pollfd *to,
                           nfds_t count)
{
    for (nfds_t i = 0; i < count; i++) {
        int live = host_find(&o->descriptors, from[i].fd);
        to[i] = (struct pollfd){.fd = from[i].fd < 0 ? -1 : live, .events = from[i].events};
        if (from[i].fd >= 0 && live < 0)
            to[i].fd = INT32_MAX;
    }
}

static int do_poll(void *data, struct pollfd *set, nfds_t count, int timeout_ms)
{
    struct object *o = data;
    struct pollfd *live = calloc(count + 1, sizeof *live);
    if (!live)
        return -1;
    object_enter(o);
    poll_translate(o, set, live, count);
    struct call c = {.operation = CALL_POLL, .fd = -1, .poll = {live, count}};
    c.timeout = timeout_ms < 0 ? RILL_NEVER : RILL_MILLISECONDS(timeout_ms);
    int64_t result = object_call(o, &c);
    for (nfds_t i = 0; i < count; i++)
        set[i].revents = live[i].revents;
    leave(o, 0);
    free(live);
    return (int)result;
}

/* What an event gives back is packetdrill's own: it passes as it is. */
static int do_epoll_create(void *data, int size)
{
    object_enter(data);
    return leave_with(data, rill_epoll_create(size));
}

static int do_epoll_ctl(void *data, int set, int operation, int fd, struct epoll_event *event)
{
    struct object *o = data;
    int live = enter(o, set), watched = host_find(&o->descriptors, fd);
    return (int)leave(o, rill_epoll_ctl(live, operation, watched, event));
}

static int do_epoll_wait(void *data, int set, struct epoll_event *event, int most, int timeout_ms)
{
    struct call c = {
        .operation = CALL_EPOLL, .fd = enter(data, set), .epoll = {.events = event, .max = most}};
    c.timeout = timeout_ms < 0 ? RILL_NEVER : RILL_MILLISECONDS(timeout_ms);
    if (most <= 0) { /* the call's own form refuses it, before it becomes a value */
        errno = EINVAL;
        return (int)leave(data, -1);
    }
    return (int)leave(data, object_call(data, &c));
}

void calls_fill(struct packetdrill_interface *i)
{
    i->socket = do_socket;
    i->bind = do_bind;
    i->listen = do_listen;
    i->accept = do_accept;
    i->connect = do_connect;
    i->read = do_read;
    i->readv = do_readv;
    i->recv = do_recv;
    i->recvfrom = do_recvfrom;
    i->recvmsg = do_recvmsg;
    i->write = do_write;
    i->writev = do_writev;
    i->send = do_send;
    i->sendto = do_sendto;
    i->sendmsg = do_sendmsg;
    i->fcntl = do_fcntl;
    i->ioctl = do_ioctl;
    i->close = do_close;
    i->shutdown = do_shutdown;
    i->getsockopt = do_getsockopt;
    i->setsockopt = do_setsockopt;
    i->poll = do_poll;
    i->epoll_create = do_epoll_create;
    i->epoll_ctl = do_epoll_ctl;
    i->epoll_wait = do_epoll_wait;
}
