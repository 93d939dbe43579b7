/* What children of fork(2) do with the sockets that they have from their parent (ported.c). */
#define _GNU_SOURCE 1
#include "ported.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void *say_soon(void *fd)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    usleep(100000);
    write(*(int *)fd, "x", 1);
    return NULL;
}

/* In the child. */
static void say_what_is_inherited(int fd, int listener)
{
    static char text[300000];
    struct sockaddr_in a = at("127.0.0.1", 50207);
    socklen_t length = sizeof a;
    int on = 1, type = 0, pipes[2];
    struct iovec part[] = {{"one ", 4}, {"two ", 4}};
    struct sigaction once = {.sa_handler = on_alarm};
    struct epoll_event e = {.events = EPOLLIN}, got;
    pthread_t other;
    SAY(getpeername(fd, (struct sockaddr *)&a, &length));
    SAY(length);
    SAY(getsockname(fd, (struct sockaddr *)&a, &length));
    SAY(ntohs(a.sin_port));
    SAY(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    length = sizeof type;
    SAY(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length));
    SAY(type);
    SAY(fcntl(fd, F_GETFL) == O_RDWR);
    SAY(recv(fd, text, 5, MSG_WAITALL));
    SAY(writev(fd, part, 2));
    SAY(send(fd, text, sizeof text, 0));
    SAY(recv(fd, text, sizeof text, MSG_WAITALL));
    SAY(recv(fd, text, 1, MSG_DONTWAIT));
    sigaction(SIGALRM, &once, NULL);
    ualarm(50000, 0);
    SAY(recv(fd, text, 1, 0));
    signal(SIGALRM, SIG_DFL);
    pipe(pipes);
    struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = pipes[0], .events = POLLIN}};
    SAY(poll(p, 2, 0));
    pthread_create(&other, NULL, say_soon, &pipes[1]);
    SAY(poll(p, 2, 5000));
    SAY(p[0].revents);
    SAY(p[1].revents);
    pthread_join(other, NULL);
    int set = epoll_create1(0);
    SAY(epoll_ctl(set, EPOLL_CTL_ADD, fd, &e));
    SAY(epoll_wait(set, &got, 1, 0));
    SAY(epoll_ctl(set, EPOLL_CTL_ADD, pipes[0], &e));
    SAY(epoll_wait(set, &got, 1, 1000));
    SAY(read(pipes[0], text, 1));
    SAY(epoll_ctl(set, EPOLL_CTL_DEL, pipes[0], NULL));
    SAY(close(set));
    SAY(accept(listener, NULL, NULL) >= 0);
    SAY(poll((struct pollfd[]){{.fd = fd, .events = POLLRDNORM}}, 1, 5000));
    SAY(recv(fd, text, 1, 0));
    SAY(send(fd, "bye", 3, MSG_DONTWAIT));
}

/* The parent's end of the same connection is closed: it is the child's alone. */
static void say_what_children_do(void)
{
    static char text[300000];
    struct sockaddr_in a = at("127.0.0.1", 50207);
    int pair[2], status = 0, listener = listen_at("127.0.0.1", 50207);
    open_pair(pair);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close_all_but(pair[1], listener);
        say_what_is_inherited(pair[1], listener);
        fflush(stdout);
        _exit(7);
    }
    close(pair[1]);
    close(listener);
    send(pair[0], "hello", 5, 0);
    int got = (int)recv(pair[0], text, 8, MSG_WAITALL);
    got += (int)recv(pair[0], text, sizeof text, MSG_WAITALL);
    int given = (int)send(pair[0], text, sizeof text, 0);
    usleep(600000);
    int late = socket(AF_INET, SOCK_STREAM, 0); /* while this one may make sockets, too */
    int connected = connect(late, (struct sockaddr *)&a, sizeof a);
    send(pair[0], "z", 1, 0);
    int last = (int)recv(pair[0], text, 10, MSG_WAITALL);
    waitpid(child, &status, 0);
    SAY(WEXITSTATUS(status));
    SAY(got);
    SAY(given);
    SAY(connected);
    SAY(last);
    SAY(recv(late, text, 1, 0)); /* who was not accepted by name is closed with its child */
    close(pair[0]);
    close(late);
}

/* The parent closes all its numbers. Afterwards the child makes a socket, and uses the one it has.
 */
static void say_what_outlives_closing(void)
{
    int ready[2], status = 0, fd = socket(AF_INET, SOCK_STREAM, 0);
    char byte;
    pipe(ready);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(ready[1]);
        read(ready[0], &byte, 1);
        _exit(socket(AF_INET, SOCK_STREAM, 0) < 0 || listen(fd, 1) != 0);
    }
    usleep(50000);
    close_all_but(ready[1], ready[1]);
    close(ready[1]);
    waitpid(child, &status, 0);
    SAY(status);
}

static void end_itself(int fd)
{
    (void)fd;
    kill(getpid(), SIGKILL);
}

static void run_another(int fd)
{
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    execlp("sleep", "sleep", "2", (char *)NULL);
}

/* Its own child has the connection, too, and goes on. */
static void leave_it(int fd)
{
    (void)fd;
    if (fork() == 0)
        sleep(1);
}

/* The connection ends when nobody has it any more. */
static void say_how_children_end(void (*end)(int fd), int expected)
{
    int pair[2];
    char byte;
    open_pair(pair);
    pid_t child = fork();
    if (child == 0) {
        close(pair[0]);
        send(pair[1], "a", 1, 0);
        end(pair[1]);
        _exit(0);
    }
    close(pair[1]);
    SAY(recv(pair[0], &byte, 1, 0));
    SAY(polled(pair[0], 500) == expected);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(pair[0]);
}

enum { FORKING = 4, FORKS = 40 };

/* Returns how many of its children could not use the socket. */
static void *fork_often(void *of)
{
    const int *fd = of;
    intptr_t bad = 0;
    for (int i = 0; i < FORKS; i++) {
        int status = 0, type;
        socklen_t length = sizeof type;
        pid_t child = fork();
        if (child == 0)
            _exit(getsockopt(*fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0);
        waitpid(child, &status, 0);
        bad += child < 0 || status != 0;
    }
    return (void *)bad;
}

/* Forks at the same time. */
static void say_what_threads_fork(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    pthread_t thread[FORKING];
    intptr_t bad = 0;
    void *its;
    for (int i = 0; i < FORKING; i++)
        pthread_create(&thread[i], NULL, fork_often, &fd);
    for (int i = 0; i < FORKING; i++) {
        pthread_join(thread[i], &its);
        bad += (intptr_t)its;
    }
    SAY(bad);
    close(fd);
}

/* A signalfd(2) tells of this process's signals: ready when one has come, and not once it is read.
 */
static int see_signals(int fd)
{
    int set = epoll_create1(0), seen = 0;
    struct signalfd_siginfo info;
    sigset_t urgent;
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    sigprocmask(SIG_BLOCK, &urgent, NULL);
    int signals = signalfd(-1, &urgent, 0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = signals};
    epoll_ctl(set, EPOLL_CTL_ADD, signals, &e);
    epoll_ctl(set, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
    for (int i = 0; i < 2; i++) {
        seen += epoll_wait(set, &e, 1, 0) == 0;
        kill(getpid(), SIGURG);
        seen += epoll_wait(set, &e, 1, 5000) == 1 && e.data.fd == signals;
        seen += read(signals, &info, sizeof info) == sizeof info;
    }
    kill(getpid(), SIGURG);
    struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    seen += poll(p, 2, 5000) == 1 && p[1].revents == POLLIN;
    close(signals);
    return seen + (epoll_wait(set, &e, 1, 0) == 0);
}

/* One that was pending when the set got the signalfd; and one after all other numbers were closed.
 */
static int see_at_once(int fd)
{
    enum { TIMES = 8 };
    int set = epoll_create1(0), seen = 0, last = fd > set ? fd : set;
    struct signalfd_siginfo info;
    sigset_t urgent;
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    sigprocmask(SIG_BLOCK, &urgent, NULL);
    epoll_ctl(set, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
    for (int i = 0; i < TIMES; i++) {
        int signals = signalfd(-1, &urgent, 0);
        struct epoll_event e = {.events = EPOLLIN, .data.fd = signals};
        kill(getpid(), SIGURG);
        epoll_ctl(set, EPOLL_CTL_ADD, signals, &e);
        seen += epoll_wait(set, &e, 1, 0) == 1 && e.data.fd == signals;
        read(signals, &info, sizeof info);
        seen += epoll_wait(set, &e, 1, 0) == 0;
        close_range((unsigned)(signals > last ? signals : last) + 1, ~0U, 0);
        kill(getpid(), SIGURG);
        seen += epoll_wait(set, &e, 1, 2000) == 1 && e.data.fd == signals;
        read(signals, &info, sizeof info);
        close(signals);
    }
    return seen;
}

static void say_which_signals_a_child_sees(int (*see)(int fd))
{
    int pair[2], status = 0;
    open_pair(pair);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(see(pair[0]));
    waitpid(child, &status, 0);
    SAY(WEXITSTATUS(status));
    close(pair[0]);
    close(pair[1]);
}

void say_children(void)
{
    say_which_signals_a_child_sees(see_signals);
    say_which_signals_a_child_sees(see_at_once);
    say_what_threads_fork();
    say_what_outlives_closing();
    say_what_children_do();
    say_how_children_end(end_itself, POLLIN | POLLRDHUP);
    say_how_children_end(run_another, POLLIN | POLLRDHUP);
    say_how_children_end(leave_it, 0);
}

/* ---- Servers ---- */

static void echo_all(int fd)
{
    char text[4096];
    for (ssize_t n; (n = read(fd, text, sizeof text)) > 0;)
        if (write(fd, text, (size_t)n) != n)
            err(1, "write");
    close(fd);
}

static void bury_children(int number)
{
    int error = errno;
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = error;
}

int serve_forks(int port)
{
    int listener = listen_at("0.0.0.0", port);
    signal(SIGCHLD, bury_children);
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd)) {
        if (fork() == 0) {
            close(listener);
            echo_all(fd);
            exit(0);
        }
    }
    return 1;
}

int serve_preforks(int port)
{
    int listener = listen_at("0.0.0.0", port);
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;)
                echo_all(fd);
            exit(1);
        }
    }
    pause();
    return 0;
}

/* ---- Shortage ---- */

int go_on_without_memory(int port)
{
    const struct rlimit none = {0, RLIM_INFINITY};
    int ready[2], status = -1, type, fd = listen_at("127.0.0.1", port);
    socklen_t length = sizeof type;
    char byte;
    pipe(ready);
    pid_t child = fork();
    if (child == 0) {
        read(ready[0], &byte, 1);
        _exit(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0);
    }
    setrlimit(RLIMIT_AS, &none);
    write(ready[1], "x", 1);
    for (int i = 0; i < 100 && waitpid(child, &status, WNOHANG) == 0; i++)
        if (polled(fd, 20) != 0)
            return 1;
    return polled(fd, 20) != 0 ? 1 : status;
}
