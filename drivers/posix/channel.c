#define RILL_POSIX_KEEP_NAMES
#include "posix/channel.h"

#include "descriptor.h"

#include <errno.h>
#include <rill/posix.h>
#include <string.h>

enum { RECEIVER, SENDER, ENDS };

static int channel[ENDS] = {-1, -1};

bool channel_open(void)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0)
        return false;
    for (int i = 0; i < ENDS; i++)
        channel[i] = descriptor_raise(channel[i]);
    return true;
}

static void close_end(int i)
{
    if (channel[i] >= 0)
        close(channel[i]);
    channel[i] = -1;
}

void channel_close(void)
{
    close_end(RECEIVER);
    close_end(SENDER);
}

void channel_in_child(void)
{
    close_end(RECEIVER);
}

void channel_resume(int sender)
{
    channel[SENDER] = sender;
}

int channel_receiver(void)
{
    return channel[RECEIVER];
}

int channel_sender(void)
{
    return channel[SENDER];
}

bool channel_send(struct message m, int fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof fd)];
    } control = {.header = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec part = {&m, sizeof m};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    if (fd >= 0) {
        packet.msg_control = &control;
        packet.msg_controllen = sizeof control;
    }
    ssize_t n;
    do
        n = sendmsg(channel[SENDER], &packet, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
        errno = ESHUTDOWN;
    return n == sizeof m;
}

bool channel_receive(struct message *m, int *fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof *fd)];
    } control;
    struct iovec part = {m, sizeof *m};
    struct msghdr packet = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};
    *fd = -1;
    if (recvmsg(channel[RECEIVER], &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != sizeof *m)
        return false;
    if (packet.msg_controllen >= CMSG_LEN(sizeof *fd))
        memcpy(fd, CMSG_DATA(&control.header), sizeof *fd);
    *fd = descriptor_raise(*fd);
    return true;
}
