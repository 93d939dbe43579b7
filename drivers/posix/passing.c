#define RILL_POSIX_KEEP_NAMES
#include "posix/passing.h"

#include "cancellation.h"
#include "posix/fork.h"
#include "posix/names.h"
#include "posix/sharing.h"
#include "posix/standard.h"

#include <errno.h>
#include <limits.h>
#include <rill/posix.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Those that a control message carries, which need not be aligned. */
static unsigned count_of(const struct cmsghdr *c)
{
    bool carries = c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS;
    return carries && c->cmsg_len > CMSG_LEN(0)
               ? (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int))
               : 0;
}

static int carried(struct cmsghdr *c, unsigned i)
{
    int fd;
    memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
    return fd;
}

/* ---- Sending ---- */

/* An epoll set is not passed. */
static bool is_ours(int fd)
{
    return name_socket(fd) >= 0 && !name_is_set(fd);
}

/* What has a wrong length is the kernel's to refuse. */
static bool carries_ours(const struct msghdr *m)
{
    const char *end = (const char *)m->msg_control + m->msg_controllen;
    bool any = false;
    if (!m->msg_control)
        return false;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)m, c)) {
        if (c->cmsg_len > (size_t)(end - (const char *)c))
            return false;
        for (unsigned i = 0; i < count_of(c); i++)
            any = any || is_ours(carried(c, i));
    }
    return any;
}

static int ticket_for(int fd)
{
    int ticket = -1;
    bool shared = fork_lock();
    if (shared)
        ticket = sharing_pass(name_socket(fd));
    int error = shared ? errno : ENETDOWN;
    fork_unlock();
    errno = error;
    return ticket;
}

/* Of the copy, in which tickets stand for ours. The original tells which they are. */
static void close_tickets(const struct msghdr *copy, const struct msghdr *original)
{
    int error = errno;
    struct cmsghdr *o = CMSG_FIRSTHDR(original);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(copy); c; c = CMSG_NXTHDR((struct msghdr *)copy, c)) {
        for (unsigned i = 0; i < count_of(c); i++)
            if (carried(c, i) != carried(o, i) && carried(c, i) >= 0)
                close(carried(c, i));
        o = CMSG_NXTHDR((struct msghdr *)original, o);
    }
    errno = error;
}

/* False with errno. */
static bool put_tickets(const struct msghdr *copy)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(copy); c; c = CMSG_NXTHDR((struct msghdr *)copy, c)) {
        for (unsigned i = 0; i < count_of(c); i++) {
            int fd = carried(c, i);
            if (!is_ours(fd))
                continue;
            int ticket = ticket_for(fd);
            memcpy(CMSG_DATA(c) + i * sizeof ticket, &ticket, sizeof ticket);
            if (ticket < 0)
                return false;
        }
    }
    return true;
}

static ssize_t send_with_tickets(int fd, const struct msghdr *m, int flags)
{
    struct msghdr copy = *m;
    copy.msg_control = malloc(m->msg_controllen);
    if (!copy.msg_control)
        return -1;
    memcpy(copy.msg_control, m->msg_control, m->msg_controllen);
    ssize_t sent = put_tickets(&copy) ? sendmsg(fd, &copy, flags) : -1;
    close_tickets(&copy, m);
    free(copy.msg_control);
    return sent;
}

ssize_t passing_send(int fd, const struct msghdr *m, int flags)
{
    if (!carries_ours(m))
        return sendmsg(fd, m, flags);
    int state = cancellation_disable(); /* what is acquired would be lost */
    ssize_t sent = send_with_tickets(fd, m, flags);
    cancellation_restore(state);
    return sent;
}

static bool one_carries_ours(const struct mmsghdr *m, unsigned n)
{
    for (unsigned i = 0; i < n && i < IOV_MAX; i++)
        if (carries_ours(&m[i].msg_hdr))
            return true;
    return false;
}

int passing_send_several(int fd, struct mmsghdr *m, unsigned n, int flags)
{
    unsigned done = 0;
    if (!one_carries_ours(m, n))
        return sendmmsg(fd, m, n, flags);
    for (; done < n && done < IOV_MAX; done++) {
        ssize_t length = passing_send(fd, &m[done].msg_hdr, flags);
        if (length < 0)
            break;
        m[done].msg_len = (unsigned)length;
    }
    return done ? (int)done : -1;
}

/* ---- Receiving ---- */

/* It is held by its name before the ticket goes. Without a free descriptor the ticket itself
 * stays. */
static void take(int fd)
{
    int rills = sharing_passed(fd);
    if (rills < 0 || name_give(fd, rills) < 0)
        return;
    int flags = fcntl(fd, F_GETFD), name = name_reserve(true);
    if (name >= 0) {
        dup3(name, fd, flags & FD_CLOEXEC ? O_CLOEXEC : 0);
        close(name);
    }
    standard_follow(fd);
}

static void take_all(const struct msghdr *m)
{
    int error = errno;
    if (!m->msg_control || !sharing_begun())
        return;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)m, c))
        for (unsigned i = 0; i < count_of(c); i++)
            take(carried(c, i));
    errno = error;
}

ssize_t passing_receive(int fd, struct msghdr *m, int flags)
{
    ssize_t received = recvmsg(fd, m, flags);
    if (received >= 0)
        take_all(m);
    return received;
}

int passing_receive_several(int fd, struct mmsghdr *m, unsigned n, int flags,
                            struct timespec *timeout)
{
    int received = recvmmsg(fd, m, n, flags, timeout);
    for (int i = 0; i < received; i++)
        take_all(&m[i].msg_hdr);
    return received;
}
