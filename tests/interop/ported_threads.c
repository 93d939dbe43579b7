/* What a program of several threads sees: see ported.c. */
#define _GNU_SOURCE 1
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* old programs make old calls */
#include "ported.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sem_t alarmed;

static void on_second_alarm(int number)
{
    (void)number;
    sem_post(&alarmed);
}

/* Sends when the second alarm has come: the call that waits for it goes on. */
static void *say_later(void *fd)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    sem_wait(&alarmed);
    send(*(int *)fd, "x", 1, 0);
    return NULL;
}

/* A call ends in the thread that the signal has come to. */
static void say_interrupted(void)
{
    int pair[2];
    char byte;
    pthread_t other;
    struct sigaction once = {.sa_handler = on_alarm};
    open_pair(pair);
    sem_init(&alarmed, 0, 0);
    SAY(pthread_create(&other, NULL, say_later, &pair[0]));
    sigaction(SIGALRM, &once, NULL);
    ualarm(100000, 0);
    SAY(recv(pair[1], &byte, 1, 0));
    signal(SIGALRM, on_second_alarm);
    ualarm(50000, 0);
    SAY(recv(pair[1], &byte, 1, 0));
    SAY(pthread_join(other, NULL));
    signal(SIGALRM, on_alarm);
    ualarm(50000, 0);
    SAY(polled(pair[1], 5000));
    sigset_t alarms, none;
    sigemptyset(&none);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarms, NULL);
    ualarm(50000, 0);
    SAY(ppoll(NULL, 0, &(struct timespec){.tv_sec = 2}, &none));
    pthread_kill(pthread_self(), SIGALRM);
    SAY(ppoll(NULL, 0, &(struct timespec){0}, &none));
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
    SAY(close(pair[0]));
    SAY(polled(pair[1], 5000));
    SAY(close(pair[1]));
}

/* ---- pthread_cancel(3) ---- */

static int quiet[2]; /* a connection without data */

static void *wait_in_recv(void *unused)
{
    char byte;
    recv(quiet[0], &byte, 1, 0);
    return unused;
}

static void *wait_in_accept(void *listener)
{
    accept(*(int *)listener, NULL, NULL);
    return NULL;
}

static void *wait_in_poll(void *pipes)
{
    struct pollfd p[] = {{.fd = quiet[0], .events = POLLIN}, {*(int *)pipes, POLLIN, 0}};
    poll(p, 2, -1);
    return NULL;
}

static void *wait_in_epoll(void *set)
{
    struct epoll_event e;
    epoll_wait(*(int *)set, &e, 1, -1);
    return NULL;
}

static void *wait_unwilling(void *unused)
{
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    return wait_in_recv(unused);
}

static void *close_when_cancelled(void *fd)
{
    pthread_cancel(pthread_self());
    close(*(int *)fd);
    pthread_testcancel();
    return NULL;
}

static void *accept_when_cancelled(void *listener)
{
    pthread_cancel(pthread_self());
    return wait_in_accept(listener);
}

static void *poll_when_cancelled(void *pipes)
{
    pthread_cancel(pthread_self());
    return wait_in_poll(pipes);
}

struct waiting {
    void *(*wait)(void *);
    int fd;
    atomic_int thread; /* gettid(2); 0: it has not begun */
};

static void *begin_to_wait(void *handed)
{
    struct waiting *w = handed;
    atomic_store(&w->thread, gettid());
    return w->wait(&w->fd);
}

/* Until it sleeps in a call or has ended, as proc(5) tells; at most five seconds. */
static void await_sleep(struct waiting *w)
{
    char name[64], state = 'R';
    for (int i = 0; i < 5000 && state == 'R'; i++) {
        usleep(1000);
        snprintf(name, sizeof name, "/proc/self/task/%d/stat", atomic_load(&w->thread));
        FILE *status = atomic_load(&w->thread) ? fopen(name, "r") : NULL;
        if (!status || fscanf(status, "%*d (%*[^)]) %c", &state) != 1)
            state = atomic_load(&w->thread) ? 'X' : 'R';
        if (status)
            fclose(status);
    }
}

static bool is_cancelled(void *(*wait)(void *), int fd)
{
    struct waiting waiting = {.wait = wait, .fd = fd};
    pthread_t thread;
    void *result = NULL;
    pthread_create(&thread, NULL, begin_to_wait, &waiting);
    await_sleep(&waiting);
    pthread_cancel(thread);
    if (wait == wait_unwilling)
        send(quiet[1], "x", 1, 0);
    pthread_join(thread, &result);
    return result == PTHREAD_CANCELED;
}

static int lowest_free(void)
{
    int fd = dup(STDERR_FILENO);
    close(fd);
    return fd;
}

/* A cancel that is pending when a call begins: the call does nothing, or all it has to. */
static void say_cancelled_before(void)
{
    int listener = listen_at("127.0.0.1", 50211), pipes[2];
    struct sockaddr_in there = at("127.0.0.1", 50211);
    open_pair(quiet);
    SAY(pipe(pipes));
    int lowest = lowest_free(), closed = socket(AF_INET, SOCK_STREAM, 0);
    SAY(is_cancelled(close_when_cancelled, closed));
    close(closed); /* the kernel's was not */
    int client = socket(AF_INET, SOCK_STREAM, 0);
    SAY(connect(client, (struct sockaddr *)&there, sizeof there));
    SAY(polled(listener, 1000));
    SAY(is_cancelled(accept_when_cancelled, listener));
    SAY(polled(listener, 0));
    int accepted = accept(listener, NULL, NULL);
    SAY(accepted >= 0);
    close(accepted);
    close(client);
    SAY(is_cancelled(poll_when_cancelled, pipes[0]));
    SAY(lowest_free() == lowest);
    const int each[] = {listener, pipes[0], pipes[1], quiet[0], quiet[1]};
    for (unsigned i = 0; i < sizeof each / sizeof *each; i++)
        close(each[i]);
}

/* Who is cancelled takes nothing along, and leaves no number behind. */
static void say_cancelled(void)
{
    int listener = listen_at("127.0.0.1", 50210), pipes[2], set = epoll_create1(0), status;
    struct epoll_event e = {.events = EPOLLIN};
    char byte;
    open_pair(quiet);
    SAY(pipe(pipes));
    epoll_ctl(set, EPOLL_CTL_ADD, quiet[0], &e);
    int lowest = lowest_free();
    SAY(is_cancelled(wait_in_recv, -1));
    SAY(is_cancelled(wait_in_accept, listener));
    SAY(is_cancelled(wait_in_poll, pipes[0]));
    SAY(is_cancelled(wait_in_epoll, set));
    SAY(is_cancelled(wait_unwilling, -1));
    SAY(lowest_free() == lowest);
    pid_t child = fork();
    if (child == 0)
        _exit(is_cancelled(wait_in_recv, -1) + 2 * is_cancelled(wait_in_poll, pipes[0]));
    waitpid(child, &status, 0);
    SAY(WEXITSTATUS(status));
    SAY(send(quiet[1], "y", 1, 0));
    SAY(recv(quiet[0], &byte, 1, 0));
    SAY(write(pipes[1], "z", 1));
    SAY(polled(pipes[0], 1000));
    const int each[] = {listener, pipes[0], pipes[1], set, quiet[0], quiet[1]};
    for (unsigned i = 0; i < sizeof each / sizeof *each; i++)
        close(each[i]);
}

void say_threads(void)
{
    say_interrupted();
    say_cancelled();
    say_cancelled_before();
}
