#include "socket/message.h"

#include <errno.h>
#include <limits.h>

static ssize_t add_up(const struct msghdr *m, bool copied)
{
    size_t length = 0;
    if (m->msg_iovlen > IOV_MAX)
        return -EMSGSIZE;
    for (size_t i = 0; i < m->msg_iovlen; i++) {
        const struct iovec *v = &m->msg_iov[i];
        if (v->iov_len > SSIZE_MAX - length)
            return -EINVAL;
        if (copied && v->iov_len && !v->iov_base)
            return -EFAULT;
        length += v->iov_len;
    }
    return (ssize_t)length;
}

ssize_t message_length(const struct msghdr *m)
{
    return add_up(m, true);
}

ssize_t message_extent(const struct msghdr *m)
{
    return add_up(m, false);
}

struct iovec message_at(const struct msghdr *m, size_t offset, bool *last)
{
    size_t i = 0;
    while (i < m->msg_iovlen && offset >= m->msg_iov[i].iov_len)
        offset -= m->msg_iov[i++].iov_len;
    size_t behind = i + 1; /* empty buffers at the end do not count */
    while (behind < m->msg_iovlen && m->msg_iov[behind].iov_len == 0)
        behind++;
    *last = behind >= m->msg_iovlen;
    if (i == m->msg_iovlen)
        return (struct iovec){NULL, 0};
    const struct iovec *v = &m->msg_iov[i];
    return (struct iovec){(char *)v->iov_base + offset, v->iov_len - offset};
}

void message_gather(const struct msghdr *m, size_t offset, char *to, size_t n)
{
    for (size_t done = 0; done < n;) {
        bool last;
        struct iovec part = message_at(m, offset + done, &last);
        size_t some = min_of(part.iov_len, n - done);
        memcpy(to + done, part.iov_base, some);
        done += some;
    }
}

size_t message_put(const struct msghdr *m, size_t offset, struct rill_span from)
{
    size_t copied = 0;
    bool last = false;
    while (copied < from.length) {
        struct iovec to = message_at(m, offset + copied, &last);
        size_t n = min_of(to.iov_len, from.length - copied);
        if (n == 0)
            break;
        memcpy(to.iov_base, from.at + copied, n);
        copied += n;
    }
    return copied;
}

int64_t message_fill(struct msghdr *m, sa_family_t family, const struct endpoint *name,
                     struct rill_span data)
{
    size_t copied = message_put(m, 0, data);
    m->msg_flags = copied < data.length ? MSG_TRUNC : 0;
    int error = 0;
    if (!name)
        m->msg_namelen = 0;
    else if (m->msg_name)
        error = sockaddr_put(family, name, m->msg_name, &m->msg_namelen);
    return error ? error : (int64_t)copied;
}
