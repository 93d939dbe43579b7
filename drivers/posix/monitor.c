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
    pthread_mutex_t lock; /* held while it does something */
    atomic_bool runs;
    atomic_int watched; /* epoll(7): the channel, and the read ends of the exit pipes; -1: none */
    atomic_int exit_pipe[PROCESSES_MAX]; /* + 1; 0: none */
} monitor = {.lock = PTHREAD_MUTEX_INITIALIZER, .watched = -1};

static int exit_pipe_of(int process)
{
    return monitor.exit_pipe[process] - 1;
}

void monitor_lock(void)
{
    pthread_mutex_lock(&monitor.lock);
}

void monitor_unlock(void)
{
    pthread_mutex_unlock(&monitor.lock);
}

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
        kept = least_from(from, exit_pipe_of(i), kept);
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
    int fd = exit_pipe_of(ended);
    epoll_ctl(monitor.watched, EPOLL_CTL_DEL, fd, NULL); /* children have copies */
    close(fd);
    monitor.exit_pipe[ended] = 0;
    sharing_free_slots(ended);
    int rills = sharing_reclaim(ended, 0);
    bool calls = rills >= 0 && owner_serve_children();
    for (; rills >= 0; rills = sharing_reclaim(ended, rills))
        if (calls)
            close_for_good(rills);
    if (!sharing_has_children())
        owner_end_for_others();
}

static void serve(struct message m, int fd)
{
    if (m.what == MESSAGE_FORKED) {
        monitor.exit_pipe[m.number] = fd + 1;
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

static void handle(const struct epoll_event *e)
{
    struct message m;
    int fd;
    monitor_lock();
    if (e->data.u32 != CHANNEL)
        reap((int)e->data.u32);
    else if (sharing_receive(&m, &fd))
        serve(m, fd);
    monitor_unlock();
}

/* It ends if somebody has closed what it watches, behind our back: the next fork begins another. */
static void *run(void *unused)
{
    struct epoll_event e;
    int n;
    while ((n = epoll_wait(monitor.watched, &e, 1, -1)) >= 0 || errno == EINTR)
        if (n == 1)
            handle(&e);
    set_runs(false);
    return unused;
}

/* The processes that a monitor before this one knew of are still there. */
static bool watch_all(void)
{
    monitor.watched = descriptor_raise(epoll_create1(EPOLL_CLOEXEC));
    bool watches = monitor.watched >= 0 && watch(channel_receiver(), CHANNEL);
    for (int i = 0; i < PROCESSES_MAX && watches; i++)
        if (exit_pipe_of(i) >= 0)
            watches = watch(exit_pipe_of(i), i);
    return watches;
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
    forget_watched();
    set_runs(true); /* it may end at once */
    bool starts = watch_all() && start();
    if (starts)
        return true;
    set_runs(false);
    forget_watched();
    return false;
}

/* It has copies of the exit pipes, which are not its. */
void monitor_in_child(void)
{
    monitor_in_keeper();
    pthread_mutex_init(&monitor.lock, NULL);
    for (int i = 0; i < PROCESSES_MAX; i++) {
        if (exit_pipe_of(i) >= 0)
            close(exit_pipe_of(i));
        monitor.exit_pipe[i] = 0;
    }
}

void monitor_in_keeper(void)
{
    forget_watched();
    set_runs(false);
}

void monitor_reap_owner(void)
{
    int rills = -1;
    while ((rills = sharing_reclaim_from_owner(rills + 1)) >= 0)
        close_for_good(rills);
}
