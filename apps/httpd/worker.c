#include "httpd/worker.h"

#include "httpd/blocking.h"
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

union one_descriptor { /* aligned, as cmsg(3) requires */
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

bool work_send(int workers, const struct work *w, int fd)
{
    union one_descriptor control = {{0}};
    struct iovec text = {(void *)w, sizeof *w};
    struct msghdr message = {.msg_iov = &text,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    return sendmsg(workers, &message, MSG_NOSIGNAL) >= 0;
}

/* The next connection; -1: there will be no more. */
static int work_receive(int owner, struct work *w)
{
    union one_descriptor control;
    struct iovec text = {w, sizeof *w};
    struct msghdr message = {.msg_iov = &text,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    int fd = -1;
    if (recvmsg(owner, &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof *w)
        return -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (c && c->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

static void work(int owner, const struct site *site)
{
    static struct connection connection;
    struct work w;
    for (int fd; (fd = work_receive(owner, &w)) >= 0; close(fd)) {
        connection_open(&connection, site, w.client, monotonic_now());
        if (w.refused)
            connection_refuse(&connection, 503, monotonic_now());
        serve_blocking(&connection, fd, &host_calls);
        connection_close(&connection);
    }
    _exit(0);
}

static bool fork_worker(int owner, const struct site *site)
{
    pid_t pid = fork();
    if (pid == 0)
        work(owner, site);
    return pid > 0;
}

/* Replaces crashed workers; a worker that ends normally was told to. */
static void keep(unsigned workers, int owner, const struct site *site)
{
    signal(SIGINT, SIG_IGN); /* Ctrl-C ends the owner, which closes the socket */
    signal(SIGTERM, SIG_IGN);
    for (unsigned i = 0; i < workers; i++) {
        if (!fork_worker(owner, site)) {
            warn("%u workers instead of %u", i, workers);
            break;
        }
    }
    for (int status; wait(&status) > 0;) {
        if (!WIFEXITED(status))
            fork_worker(owner, site);
    }
    _exit(0);
}

int workers_fork(unsigned workers, const struct site *site)
{
    int end[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end) != 0)
        err(1, "cannot make a socket pair");
    pid_t keeper = fork();
    if (keeper < 0)
        err(1, "cannot make a process");
    if (keeper == 0) {
        close(end[0]); /* so that the owner's end is noticed */
        keep(workers, end[1], site);
    }
    close(end[1]);
    /* The socket fills up if workers are slow to take work, but each needs to take only one
     * item. */
    setsockopt(end[0], SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){1, 0}, sizeof(struct timeval));
    return end[0];
}
