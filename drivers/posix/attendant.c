#define RILL_POSIX_KEEP_NAMES
#include "posix/attendant.h"

#include "descriptor.h"
#include "posix/family.h"
#include "posix/home.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <rill/posix.h>
#include <rill/socket.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

enum { POST = FAMILY_RELATIVES };

static struct {
    atomic_bool runs;
    atomic_int watched;                    /* epoll(7): the post, and its ends of the lifelines */
    atomic_int lifeline[FAMILY_RELATIVES]; /* -1: none */
} attendant = {.watched = -1};

static void set_runs(bool runs)
{
    attendant.runs = runs;
    home_attended(runs);
}

int attendant_kept(int from)
{
    int kept = INT_MAX;
    if (!attendant.runs)
        return kept;
    for (int i = 0; i < FAMILY_RELATIVES; i++)
        kept = least_from(from, attendant.lifeline[i], kept);
    return least_from(from, attendant.watched, kept);
}

static bool watch(int fd, int as)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = (uint32_t)as};
    return epoll_ctl(attendant.watched, EPOLL_CTL_ADD, fd, &e) == 0;
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
static void bury(int dead)
{
    epoll_ctl(attendant.watched, EPOLL_CTL_DEL, attendant.lifeline[dead],
              NULL); /* children have copies */
    close(attendant.lifeline[dead]);
    attendant.lifeline[dead] = -1;
    family_unseat(dead);
    int rills = family_inherit(dead, 0);
    bool calls = rills >= 0 && home_attend();
    for (; rills >= 0; rills = family_inherit(dead, rills))
        if (calls)
            close_for_good(rills);
}

static void serve_post(struct family_message m, int fd)
{
    if (m.what == FAMILY_BORN) {
        attendant.lifeline[m.number] = fd;
        if (!watch(fd, m.number))
            bury(m.number);
    } else if (m.what == FAMILY_CALLS) {
        home_attend();
    } else if (m.what == FAMILY_LENDS) {
        family_lend(m.number, fd);
    } else {
        close(m.number);
    }
}

/* It ends if somebody has closed what it watches, behind our back: the next fork begins another. */
static void *attend(void *unused)
{
    struct epoll_event e;
    struct family_message m;
    int fd, n;
    while ((n = epoll_wait(attendant.watched, &e, 1, -1)) >= 0 || errno == EINTR) {
        if (n != 1)
            continue;
        if (e.data.u32 != POST)
            bury((int)e.data.u32);
        else if (family_take(&m, &fd))
            serve_post(m, fd);
    }
    set_runs(false);
    return unused;
}

static bool watch_post(void)
{
    attendant.watched = descriptor_raise(epoll_create1(EPOLL_CLOEXEC));
    return attendant.watched >= 0 && watch(family_post(), POST);
}

static void forget_watched(void)
{
    if (attendant.watched >= 0)
        close(attendant.watched);
    attendant.watched = -1;
}

static bool start(void)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* signals are for the program's threads */
    bool starts = pthread_create(&thread, NULL, attend, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (starts)
        pthread_detach(thread);
    return starts;
}

bool attendant_begin(void)
{
    if (attendant.runs)
        return true;
    for (int i = 0; i < FAMILY_RELATIVES; i++)
        attendant.lifeline[i] = -1;
    set_runs(true); /* it may end at once */
    bool starts = watch_post() && start();
    if (starts)
        return true;
    set_runs(false);
    forget_watched();
    return false;
}

bool attendant_runs(void)
{
    return attendant.runs;
}

void attendant_in_child(void)
{
    forget_watched();
    set_runs(false);
}
