/* Calls that transfer bytes. As in Linux, they restart after a signal if its handler requests it,
 * and writing to a closed stream raises SIGPIPE. */
#define RILL_POSIX_KEEP_NAMES
#include "cancellation.h"
#include "posix/duration.h"
#include "posix/entry.h"
#include "posix/names.h"
#include "posix/passing.h"
#include "posix/relay.h"

#include <errno.h>
#include <limits.h>
#include <rill/posix.h>
#include <rill/socket.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 << 10 }; /* of a file */

static ssize_t sent(int rills, ssize_t n, int flags)
{
    int type = 0;
    socklen_t length = sizeof type;
    if (n >= 0 || errno != EPIPE || flags & MSG_NOSIGNAL)
        return n;
    if (rill_getsockopt(rills, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM)
        raise(SIGPIPE);
    errno = EPIPE;
    return n;
}

ssize_t rill_posix_sendto(int fd, const void *at, size_t n, int flags,
                          const struct sockaddr *address, socklen_t length)
{
    int rills = posix_begin_wait(fd);
    ssize_t result;
    if (rills < 0)
        return sendto(fd, at, n, flags, address, length);
    do
        result = rill_sendto(rills, at, n, flags, address, length);
    while (posix_again(result, rills, SO_SNDTIMEO));
    return sent(rills, result, flags);
}

ssize_t rill_posix_send(int fd, const void *at, size_t n, int flags)
{
    int rills = posix_begin_wait(fd);
    ssize_t result;
    if (rills < 0)
        return send(fd, at, n, flags);
    do
        result = rill_send(rills, at, n, flags);
    while (posix_again(result, rills, SO_SNDTIMEO));
    return sent(rills, result, flags);
}

ssize_t rill_posix_write(int fd, const void *at, size_t n)
{
    return name_is_hosts(fd) ? write(fd, at, n) : rill_posix_send(fd, at, n, 0);
}

ssize_t rill_posix_sendmsg(int fd, const struct msghdr *m, int flags)
{
    int rills = posix_begin_wait(fd);
    ssize_t result;
    if (rills < 0)
        return passing_send(fd, m, flags);
    do
        result = rill_sendmsg(rills, m, flags);
    while (posix_again(result, rills, SO_SNDTIMEO));
    return sent(rills, result, flags);
}

static bool vector_good(int count)
{
    if (count >= 0 && count <= IOV_MAX)
        return true;
    errno = EINVAL;
    return false;
}

ssize_t rill_posix_writev(int fd, const struct iovec *part, int count)
{
    struct msghdr m = {.msg_iov = (struct iovec *)part, .msg_iovlen = (size_t)count};
    if (name_is_hosts(fd))
        return writev(fd, part, count);
    return vector_good(count) ? rill_posix_sendmsg(fd, &m, 0) : -1;
}

int rill_posix_sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
    unsigned done = 0;
    if (name_socket(fd) < 0)
        return passing_send_several(fd, m, n, flags);
    for (; done < n && done < IOV_MAX; done++) {
        ssize_t length = rill_posix_sendmsg(fd, &m[done].msg_hdr, flags);
        if (length < 0)
            break;
        m[done].msg_len = (unsigned)length;
    }
    return done || !n ? (int)done : -1;
}

ssize_t rill_posix_recvfrom(int fd, void *at, size_t n, int flags, struct sockaddr *address,
                            socklen_t *length)
{
    int rills = posix_begin_wait(fd);
    ssize_t result;
    if (rills < 0)
        return recvfrom(fd, at, n, flags, address, length);
    do
        result = rill_recvfrom(rills, at, n, flags, address, length);
    while (posix_again(result, rills, SO_RCVTIMEO));
    return result;
}

ssize_t rill_posix_recv(int fd, void *at, size_t n, int flags)
{
    int rills = posix_begin_wait(fd);
    ssize_t result;
    if (rills < 0)
        return recv(fd, at, n, flags);
    do
        result = rill_recv(rills, at, n, flags);
    while (posix_again(result, rills, SO_RCVTIMEO));
    return result;
}

static ssize_t read_host(int fd, void *at, size_t n)
{
    ssize_t result = read(fd, at, n);
    if (name_adopted(fd) >= 0)
        relay_read(fd);
    return result;
}

ssize_t rill_posix_read(int fd, void *at, size_t n)
{
    int rills = name_is_hosts(fd) ? -1 : posix_begin_wait(fd);
    ssize_t result;
    if (rills < 0)
        return read_host(fd, at, n);
    do
        result = rill_read(rills, at, n);
    while (posix_again(result, rills, SO_RCVTIMEO));
    return result;
}

ssize_t rill_posix_recvmsg(int fd, struct msghdr *m, int flags)
{
    int rills = posix_begin_wait(fd);
    ssize_t result;
    if (rills < 0)
        return passing_receive(fd, m, flags);
    do
        result = rill_recvmsg(rills, m, flags);
    while (posix_again(result, rills, SO_RCVTIMEO));
    return result;
}

ssize_t rill_posix_readv(int fd, const struct iovec *part, int count)
{
    struct msghdr m = {.msg_iov = (struct iovec *)part, .msg_iovlen = (size_t)count};
    size_t length = 0;
    if (name_is_hosts(fd))
        return readv(fd, part, count);
    for (int i = 0; i < count && vector_good(count); i++)
        length += part[i].iov_len;
    if (length == 0 && vector_good(count)) /* like read: recvmsg would wait */
        return rill_posix_read(fd, NULL, 0);
    return vector_good(count) ? rill_posix_recvmsg(fd, &m, 0) : -1;
}

/* As in Linux, the time is checked only after each datagram, and what is left of it is returned. */
int rill_posix_recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags, struct timespec *timeout)
{
    if (name_socket(fd) < 0)
        return passing_receive_several(fd, m, n, flags, timeout);
    if (timeout && !duration_is_valid(timeout)) {
        errno = EINVAL;
        return -1;
    }
    int64_t begun = now_on(CLOCK_MONOTONIC), allowed = timeout ? nanoseconds(timeout) : INT64_MAX;
    int once = flags & MSG_WAITFORONE, each = flags & ~MSG_WAITFORONE;
    unsigned done = 0;
    for (bool over = false; done < n && !over; done++) {
        ssize_t length =
            rill_posix_recvmsg(fd, &m[done].msg_hdr, each | (once && done ? MSG_DONTWAIT : 0));
        if (length < 0)
            break;
        m[done].msg_len = (unsigned)length;
        if (timeout) {
            *timeout = duration_left(allowed, begun);
            over = timeout->tv_sec == 0 && timeout->tv_nsec == 0;
        }
    }
    return done || !n ? (int)done : -1;
}

/* Where in the file it begins; -1 with errno. A pipe has no such place. */
static off_t beginning(int in, const off_t *at)
{
    off_t from = at ? *at : lseek(in, 0, SEEK_CUR);
    if (from < 0 && (at || errno == ESPIPE))
        errno = EINVAL;
    return from;
}

/* From a file; bytes that the socket does not take stay unread in it. */
ssize_t rill_posix_sendfile(int out, int in, off_t *at, size_t n)
{
    if (name_is_hosts(out))
        return sendfile(out, in, at, n);
    off_t from = beginning(in, at);
    char *piece = from < 0 ? NULL : malloc(PIECE);
    ssize_t done = 0, got = 0, taken = 0;
    if (!piece)
        return -1;
    int state = cancellation_disable(); /* pthreads(7) does not list it */
    while (taken == got && (size_t)done < n) {
        got = pread(in, piece, n - (size_t)done < PIECE ? n - (size_t)done : PIECE, from + done);
        if (got <= 0)
            break;
        taken = rill_posix_send(out, piece, (size_t)got, 0);
        if (taken < 0)
            break;
        done += taken;
    }
    int error = errno;
    cancellation_restore(state);
    free(piece);
    if (at)
        *at = from + done;
    else
        lseek(in, from + done, SEEK_SET);
    errno = error;
    return done || (got >= 0 && taken >= 0) ? done : -1;
}
