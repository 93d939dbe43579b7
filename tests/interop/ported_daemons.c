/* How processes become daemons with their sockets, and how they end (ported.c). */
#define _GNU_SOURCE 1
#include "ported.h"

#include <err.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int serve_as_daemon(int listener)
{
    if (daemon(1, 1) != 0)
        err(1, "daemon");
    for (int i = 0; i < 2; i++) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            err(1, "accept");
        dprintf(STDOUT_FILENO, "%d\n", (int)getpid());
        send(fd, "a daemon\n", 9, 0);
        close(fd);
    }
    return 0;
}

/* It closes all numbers that it does not know, as daemons do that trust nobody's. */
int serve_daemon(int port)
{
    int listener = listen_at("0.0.0.0", port);
    close_all_but(listener, listener);
    return serve_as_daemon(listener);
}

/* A helper of its has begun and ended in between, as programs have that ask another one. */
int serve_daemon_once_parent(int port)
{
    int listener = listen_at("0.0.0.0", port);
    pid_t child = fork();
    if (child == 0)
        execlp("sleep", "sleep", "0.3", (char *)NULL);
    waitpid(child, NULL, 0);
    fcntl(listener, F_SETFL, fcntl(listener, F_GETFL)); /* the stack stays with its only thread */
    return serve_as_daemon(listener);
}

static void *nothing(void *unused)
{
    return unused;
}

/* It has had a thread, as programs have that try out how large a stack is. */
int serve_daemon_once_threaded(int port)
{
    enum { ALONE = 3 }; /* links of a directory that holds one */
    pthread_t thread;
    struct stat tasks;
    pthread_create(&thread, NULL, nothing, NULL);
    pthread_join(thread, NULL);
    while (stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink > ALONE)
        sched_yield(); /* the kernel lets it go behind our back */
    return serve_daemon(port);
}

/* ---- Ending ---- */

static int late_listener;

static void close_late(void)
{
    struct ifreq r = {.ifr_name = "lo"};
    if (ioctl(late_listener, SIOCGIFADDR, &r) != 0 || close(late_listener) != 0)
        _exit(1);
}

int exit_late(int port)
{
    atexit(close_late);
    late_listener = listen_at("127.0.0.1", port);
    return 0;
}
