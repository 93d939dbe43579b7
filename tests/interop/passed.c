/* What processes do with the sockets that others send them through a Unix socket (SCM_RIGHTS): a
 * program for the kernel's sockets, which says the same on rill. */
#define _GNU_SOURCE 1
#include "ported.h"

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 8 };

/* A message with descriptors. */
struct parcel {
    struct msghdr message;
    struct iovec part;
    char byte;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(MOST * sizeof(int))];
    } control;
};

static void prepare(struct parcel *p, int room)
{
    memset(p, 0, sizeof *p);
    p->part = (struct iovec){&p->byte, 1};
    p->message = (struct msghdr){.msg_iov = &p->part,
                                 .msg_iovlen = 1,
                                 .msg_control = &p->control,
                                 .msg_controllen = CMSG_SPACE((unsigned)room * sizeof(int))};
}

static void fill(struct parcel *p, const int *fd, int n)
{
    prepare(p, n);
    p->control.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN((unsigned)n * sizeof *fd),
        .cmsg_level = SOL_SOCKET,
        .cmsg_type = SCM_RIGHTS,
    };
    memcpy(CMSG_DATA(&p->control.header), fd, (unsigned)n * sizeof *fd);
}

static ssize_t pass(int by, const int *fd, int n)
{
    struct parcel p;
    fill(&p, fd, n);
    return sendmsg(by, &p.message, 0);
}

/* Returns how many there are, and puts them into fd[MOST]. */
static int unpack(const struct parcel *p, int *fd)
{
    int n = p->message.msg_controllen < CMSG_LEN(0)
                ? 0
                : (int)((p->control.header.cmsg_len - CMSG_LEN(0)) / sizeof *fd);
    memcpy(fd, CMSG_DATA(&p->control.header), (unsigned)n * sizeof *fd);
    return n;
}

static int take(int by, int *fd, int flags)
{
    struct parcel p;
    prepare(&p, MOST);
    if (recvmsg(by, &p.message, flags) != 1)
        return -1;
    return unpack(&p, fd);
}

static int exit_of(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A child that is forked before there are the sockets which are sent to it. */
static pid_t start(int *by, int (*receive)(int by))
{
    int ends[2];
    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        _exit(receive(ends[1]));
    }
    close(ends[1]);
    *by = ends[0];
    return child;
}

/* ---- Receivers ---- */

static int use_mixed(int by)
{
    int fd[MOST], type = 0;
    struct stat about;
    socklen_t length = sizeof type;
    if (take(by, fd, MSG_CMSG_CLOEXEC) != 4)
        return 10;
    if (getsockopt(fd[1], SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM)
        return 11;
    if (fstat(fd[0], &about) != 0 || !S_ISFIFO(about.st_mode) || write(fd[3], "x", 1) != 1)
        return 12;
    if (fcntl(fd[1], F_GETFD) != FD_CLOEXEC || fcntl(fd[1], F_GETFL) != (O_RDWR | O_NONBLOCK))
        return 13;
    fcntl(fd[1], F_SETFL, 0);
    close(fd[2]);
    return answer(fd[1]);
}

static int use_listener(int by)
{
    int fd[MOST];
    return take(by, fd, 0) == 1 ? answer(accept(fd[0], NULL, NULL)) : 10;
}

static int use_late(int by)
{
    int fd[MOST];
    usleep(200000);
    return take(by, fd, 0) == 1 ? answer(fd[0]) : 10;
}

static int use_peeked(int by)
{
    int fd[MOST], again[MOST];
    if (take(by, fd, MSG_PEEK) != 1 || answer(fd[0]) != 0)
        return 10;
    close(fd[0]);
    return take(by, again, 0) == 1 ? answer(again[0]) : 11;
}

/* With a table of descriptors that is full but for the one. */
static int use_crowded(int by)
{
    int fd[MOST], last = dup(by);
    const struct rlimit few = {(rlim_t)last + 1, (rlim_t)last + 1};
    close(last);
    setrlimit(RLIMIT_NOFILE, &few);
    return take(by, fd, 0) == 1 ? answer(fd[0]) : 10;
}

static int send_on(int by)
{
    int fd[MOST], on, n = take(by, fd, 0);
    pid_t child = start(&on, use_late);
    if (n != 1 || pass(on, fd, 1) != 1)
        return 10;
    close(fd[0]);
    return exit_of(child);
}

static int never_receive(int by)
{
    char byte;
    return read(by, &byte, 1) == 1 ? 0 : 1;
}

static int receive_several(int by)
{
    struct parcel p[2];
    struct mmsghdr m[2];
    int fd[2][MOST];
    for (int i = 0; i < 2; i++) {
        prepare(&p[i], MOST);
        m[i].msg_hdr = p[i].message;
    }
    int n = recvmmsg(by, m, 2, MSG_WAITFORONE, NULL);
    for (int i = 0; i < n; i++) {
        p[i].message = m[i].msg_hdr;
        if (unpack(&p[i], fd[i]) != 1)
            return 10;
    }
    if (n < 1 || (n == 1 && take(by, fd[1], 0) != 1))
        return 11;
    return answer(fd[0][0]) == 0 ? answer(fd[1][0]) : 12;
}

/* ---- The sender ---- */

static void say_passed(int (*receive)(int by), int answers)
{
    int by, pair[2];
    pid_t child = start(&by, receive);
    open_pair(pair);
    SAY(pass(by, &pair[1], 1));
    close(pair[1]);
    for (int i = 0; i < answers; i++)
        SAY(is_answered(pair[0]));
    SAY(exit_of(child));
    SAY(ends(pair[0]));
    close(pair[0]);
    close(by);
}

static void say_mixed(void)
{
    int by, pair[2], pipes[2];
    char byte;
    pid_t child = start(&by, use_mixed);
    open_pair(pair);
    pipe(pipes);
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    const int mixed[] = {pipes[0], pair[1], pair[0], pipes[1]};
    SAY(pass(by, mixed, 4));
    close(pair[1]);
    SAY(read(pipes[0], &byte, 1));
    SAY(is_answered(pair[0]));
    SAY(exit_of(child));
    SAY(ends(pair[0]));
    close(pair[0]);
    close(by);
}

static void say_listener(void)
{
    int by, listener = listen_at("127.0.0.1", 50220), fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = at("127.0.0.1", 50220);
    pid_t child = start(&by, use_listener);
    SAY(pass(by, &listener, 1));
    close(listener);
    SAY(connect(fd, (struct sockaddr *)&a, sizeof a));
    SAY(is_answered(fd));
    SAY(exit_of(child));
    close(fd);
    close(by);
}

/* What is on its way when nobody is left to receive it ends; so does one that was not sent. */
static void say_lost(void)
{
    int lost[2], pair[2], ends_of[2];
    open_pair(pair);
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends_of);
    SAY(pass(ends_of[0], &pair[1], 1));
    close(pair[1]);
    SAY(polled(pair[0], 200));
    close(ends_of[0]);
    close(ends_of[1]);
    SAY(ends(pair[0]));
    open_pair(lost);
    SAY(pass(ends_of[0], &lost[1], 1));
    close(lost[1]);
    SAY(ends(lost[0]));
    close(pair[0]);
    close(lost[0]);
}

/* To itself; more than there is room for. */
static void say_own(void)
{
    int pair[2], fd[MOST], by[2];
    struct parcel p;
    open_pair(pair);
    socketpair(AF_UNIX, SOCK_STREAM, 0, by);
    SAY(pass(by[0], &pair[1], 1));
    close(pair[1]);
    SAY(take(by[1], fd, 0));
    send(pair[0], "hello", 5, 0);
    SAY(answer(fd[0]));
    const int both[] = {fd[0], pair[0]};
    SAY(pass(by[0], both, 2));
    prepare(&p, 1);
    p.message.msg_controllen = CMSG_LEN(sizeof(int));
    SAY(recvmsg(by[1], &p.message, 0));
    SAY(p.message.msg_flags & MSG_CTRUNC);
    unpack(&p, fd + 1);
    close(fd[0]);
    send(pair[0], "hello", 5, 0);
    SAY(answer(fd[1]));
    close(fd[1]);
    SAY(recv(pair[0], &p.byte, 1, 0));
    SAY(recv(pair[0], fd, 9, 0));
    SAY(ends(pair[0]));
    close(pair[0]);
    close(by[0]);
    close(by[1]);
}

static void say_several(void)
{
    int by, pair[2];
    struct parcel p[2];
    struct mmsghdr m[2];
    pid_t child = start(&by, receive_several);
    open_pair(pair);
    for (int i = 0; i < 2; i++) {
        fill(&p[i], &pair[1], 1);
        m[i].msg_hdr = p[i].message;
    }
    SAY(sendmmsg(by, m, 2, 0));
    close(pair[1]);
    SAY(is_answered(pair[0]));
    SAY(is_answered(pair[0]));
    SAY(exit_of(child));
    SAY(ends(pair[0]));
    close(pair[0]);
    close(by);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    close(socket(AF_INET, SOCK_STREAM, 0)); /* children have the stack in common */
    say_mixed();
    say_listener();
    say_passed(use_late, 1);
    say_passed(use_peeked, 2);
    say_passed(use_crowded, 1);
    say_passed(send_on, 1);
    say_passed(never_receive, 0);
    say_several();
    say_lost();
    say_own();
    return 0;
}
