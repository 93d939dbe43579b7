/* send(2), recv(2) and related calls: unless fast_path.h has already completed them, all are one of
 * two calls on a struct msghdr. */
#include "socket/fast_path.h"
#include "socket/run.h"

#include <errno.h>

static ssize_t message_send(int fd, const struct msghdr *m, int flags)
{
    struct call c = {.operation = CALL_SEND, .fd = fd, .flags = flags, .send = m};
    return call_run(&c);
}

/* As in Linux, an address of no bytes is none. */
ssize_t rill_sendmsg(int fd, const struct msghdr *m, int flags)
{
    if (!m)
        return outcome(-EFAULT);
    if (!m->msg_name || m->msg_namelen)
        return message_send(fd, m, flags);
    struct msghdr nameless = *m;
    nameless.msg_name = NULL;
    return message_send(fd, &nameless, flags);
}

ssize_t rill_sendto(int fd, const void *from, size_t length, int flags, const struct sockaddr *to,
                    socklen_t to_length)
{
    struct iovec part = {(void *)from, length};
    struct msghdr m = {
        .msg_name = (void *)to, .msg_namelen = to_length, .msg_iov = &part, .msg_iovlen = 1};
    if (to && to_length > sizeof(struct sockaddr_storage))
        return outcome(-EINVAL);
    return message_send(fd, &m, flags);
}

/* The rest of a plain call, and any other call, takes the general path. */
ssize_t rill_send(int fd, const void *from, size_t length, int flags)
{
    size_t taken = fast_path_send(fd, from, length, flags);
    if (taken && taken == length)
        return (ssize_t)length;
    struct iovec part = {(void *)from, length};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    struct call c = {
        .operation = CALL_SEND, .fd = fd, .flags = flags, .send = &m, .progress = taken};
    return call_run(&c);
}

ssize_t rill_write(int fd, const void *from, size_t length)
{
    return rill_send(fd, from, length, 0);
}

ssize_t rill_recvmsg(int fd, struct msghdr *m, int flags)
{
    struct call c = {.operation = CALL_RECEIVE, .fd = fd, .flags = flags, .receive = m};
    if (!m)
        return outcome(-EFAULT);
    return call_run(&c);
}

ssize_t rill_recvfrom(int fd, void *to, size_t length, int flags, struct sockaddr *from,
                      socklen_t *from_length)
{
    struct iovec part = {to, length};
    struct msghdr m = {.msg_name = from, .msg_iov = &part, .msg_iovlen = 1};
    if (from && !from_length)
        return outcome(-EFAULT);
    m.msg_namelen = from ? *from_length : 0;
    ssize_t n = rill_recvmsg(fd, &m, flags);
    if (from && n >= 0)
        *from_length = m.msg_namelen;
    return n;
}

ssize_t rill_recv(int fd, void *to, size_t length, int flags)
{
    ssize_t n = fast_path_receive(fd, to, length, flags);
    return n ? outcome(n) : rill_recvfrom(fd, to, length, flags, NULL, NULL);
}

/* recv of no bytes waits for text; read of no bytes returns at once, in any state. */
ssize_t rill_read(int fd, void *to, size_t length)
{
    int type;
    socklen_t size = sizeof type;
    if (length == 0)
        return rill_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    return rill_recv(fd, to, length, 0);
}
