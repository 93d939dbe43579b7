#define RILL_POSIX_KEEP_NAMES
#include "posix/monitor.h"

#include "descriptor.h"
#include "posix/channel.h"
#include "posix/owner.h"
#include "posix/sharing.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <rill/posix.h>
#include <rill/socket.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

enum { CHANNEL = PROCESSES_MAX };

static struct {
    atomic_bool runs;
    atomic_int watched; /* epoll(7): the channel, and the read ends of the exit pipes */
    atomic_int exit_pipe[PROCESSES_MAX]; /* -1: none */
} monitor = {.watched = -1};

static void set_runs(bool runs)
{
    monitor.runs = runs;
    owner_monitored(runs);
}

int monitor_kept(int from)
{
    int kept = INT_MAX;
    if (!monitor.runs)
        return kept;
    for (int i = 0; i < PROCESSES_MAX; i++)
        kept = least_from(from, monitor.exit_pipe[i], kept);
    return least_from(from, monitor.watched, kept);
}

static bool watch(int fd, int as)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = (uint32_t)as};
    return epoll_ctl(monitor.watched, EPOLL_CTL_ADD, fd, &e) == 0;
}

/* It may be a lent descriptor of the host: closes that, too. */
static void close_for_good(int rills)
{
    int lent = rill_adopted(rills);
    rill_close(rills);
    if (lent >= 0)
        close(lent);
}

/* The child has ended, or executes another program. Only what it alone had names for moves the
 * stack to a thread; a program that has seen none may still become a daemon. */
static void reap(int ended)
{
    epoll_ctl(monitor.watched, EPOLL_CTL_DEL, monitor.exit_pipe[ended],
              NULL); /* children have copies */
    close(monitor.exit_pipe[ended]);
    monitor.exit_pipe[ended] = -1;
    sharing_free_slots(ended);
    int rills = sharing_reclaim(ended, 0);
    bool calls = rills >= 0 && owner_serve_children();
    for (; rills >= 0; rills = sharing_reclaim(ended, rills))
        if (calls)
            close_for_good(rills);
}

static void serve(struct message m, int fd)
{
    if (m.what == MESSAGE_FORKED) {
        monitor.exit_pipe[m.number] = fd;
        if (!watch(fd, m.number))
            reap(m.number);
    } else if (m.what == MESSAGE_CALLS) {
        owner_serve_children();
    } else if (m.what == MESSAGE_LENDS) {
        sharing_lent(m.number, fd);
    } else {
        close(m.number);
    }
}

/* It ends if somebody has closed what it watches, behind our back: the next fork begins another. */
static void *run(void *unused)
{
    struct epoll_event e;
    struct message m;
    int fd, n;
    while ((n = epoll_wait(monitor.watched, &e, 1, -1)) >= 0 || errno == EINTR) {
        if (n != 1)
            continue;
        if (e.data.u32 != CHANNEL)
            reap((int)e.data.u32);
        else if (sharing_receive(&m, &fd))
            serve(m, fd);
    }
    set_runs(false);
    return unused;
}

static bool watch_channel(void)
{
    monitor.watched = descriptor_raise(epoll_create1(EPOLL_CLOEXEC));
    return monitor.watched >= 0 && watch(channel_receiver(), CHANNEL);
}

static void forget_watched(void)
{
    if (monitor.watched >= 0)
        close(monitor.watched);
    monitor.watched = -1;
}

static bool start(void)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* signals are for the program's threads */
    bool starts = pthread_create(&thread, NULL, run, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (starts)
        pthread_detach(thread);
    return starts;
}

bool monitor_start(void)
{
    if (monitor.runs)
        return true;
    for (int i = 0; i < PROCESSES_MAX; i++)
        monitor.exit_pipe[i] = -1;
    set_runs(true); /* it may end at once */
    bool starts = watch_channel() && start();
    if (starts)
        return true;
    set_runs(false);
    forget_watched();
    return false;
}

void monitor_in_child(void)
{
    forget_watched();
    set_runs(false);
}
