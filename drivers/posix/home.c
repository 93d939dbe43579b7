/* Which thread makes the calls: the program's only thread; or, if there are several, the thread to
 * which the stack has moved; or, in a child of fork(2), its parent's. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/home.h"

#include "host/host.h"
#include "host/signals.h"
#include "mailbox.h"
#include "posix/names.h"
#include "posix/sharing.h"
#include "posix/signals.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <rill/host.h>
#include <rill/posix.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>

enum { TURN_EVERY = 1000000 /* ns */, KEPT_MOST = 16 };

/* One for each process, like the kernel's. A program with one thread makes its calls itself. When
 * there are more, the stack moves to a thread of its own, which runs the loop, and all others are
 * attached to it. */
static struct {
    pthread_mutex_t lock;
    _Atomic(struct rill_host *) host;
    pthread_t owner;    /* while it has not moved */
    atomic_bool inside; /* the owner is in one of rill's calls */
    atomic_bool wanted; /* children call: it is to move when the owner's call ends */
    atomic_bool moved;
    pthread_t server; /* the thread to which it has moved */
    struct rill_mailbox *mailbox;
    int bell; /* the mailbox's descriptor, for children; -1: none */
    int kept[KEPT_MOST];
    unsigned kept_count; /* descriptors of the host binding */
    sem_t served;
    struct rill_wait wait;
    atomic_bool monitored; /* the monitor's thread runs beside the program's */
    bool forked;           /* this is a child of the process that has it, */
    bool leads;            /* and the head of a session, as a daemon is */
    pid_t process;         /* the one that has opened it, or taken it over */
    atomic_bool ends;      /* exit(3) was called, by this thread: */
    pthread_t last;
} home = {.lock = PTHREAD_MUTEX_INITIALIZER, .bell = -1};

static _Thread_local bool is_attached;

/* libc remembers that there were several threads; the process may have one again. While this thread
 * is in a call, no other could create one. The monitor is none of the program's. */
bool home_is_alone(void)
{
    enum { LINKS_OF_NONE = 2 }; /* of a directory, plus one for each thread */
    struct stat threads;
    return __libc_single_threaded || (stat("/proc/self/task", &threads) == 0 &&
                                      threads.st_nlink == LINKS_OF_NONE + 1u + home.monitored);
}

void home_monitored(bool monitored)
{
    home.monitored = monitored;
}

void home_lock(void)
{
    pthread_mutex_lock(&home.lock);
}

void home_unlock(void)
{
    pthread_mutex_unlock(&home.lock);
}

struct rill_host *home_host(void)
{
    return home.host;
}

static bool is_owner(void)
{
    return home.host && !home.moved && !home.forked && pthread_equal(home.owner, pthread_self());
}

/* The signal would have ended the process: so it does, after the peers have been informed. */
static void die(struct rill_host *host, int number)
{
    sigset_t it;
    rill_host_close(host);
    sigemptyset(&it);
    sigaddset(&it, number);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &it, NULL);
    raise(number);
}

/* With the lock held: from now on nobody begins a call. If the process dies of a signal, no thread
 * may see its calls fail before. */
static struct rill_host *give_up(bool dies)
{
    struct rill_host *host = home.host;
    home.host = NULL;
    if (dies) {
        home.last = pthread_self();
        home.ends = true;
    }
    return host;
}

/* The owner's call has ended; the monitor may have moved the stack since. */
static void die_if_told(void)
{
    struct rill_host *host = NULL;
    if (!host_signals_number())
        return;
    pthread_mutex_lock(&home.lock);
    if (is_owner())
        host = give_up(true);
    pthread_mutex_unlock(&home.lock);
    if (host)
        die(host, host_signals_number());
}

/* ---- Several threads ---- */

/* A thread that is still in a call when the process ends gets no result. */
static void stay_while_all_ends(void)
{
    while (home.ends && !pthread_equal(home.last, pthread_self()))
        pause();
}

static void *serve(void *unused)
{
    rill_use(rill_host_stack(home.host));
    home.mailbox = rill_host_mailbox(home.host);
    if (home.mailbox)
        mailbox_take(home.mailbox);
    sem_post(&home.served);
    while (rill_host_run(home.host) != 0 && errno == EINTR && !host_signals_number())
        ;
    pthread_mutex_lock(&home.lock); /* rill_host_stop was called, and will not be again */
    bool dies = host_signals_number() && !home.ends;
    struct rill_host *host = give_up(dies);
    pthread_mutex_unlock(&home.lock);
    if (dies)
        die(host, host_signals_number());
    rill_host_close(host);
    return unused;
}

/* The owner is not in a call, or in one that ends by itself: waiting threads start here. False: it
 * cannot move, or has ended since the caller looked (home_end). */
static bool move(void)
{
    sigset_t all, before;
    pthread_mutex_lock(&home.lock);
    while (!home.moved && home.inside)
        sched_yield();
    if (!home.moved && home.host) {
        sem_init(&home.served, 0, 0);
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before); /* signals are for the program's threads */
        home.moved = pthread_create(&home.server, NULL, serve, NULL) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        while (home.moved && sem_wait(&home.served) != 0)
            ;
    }
    pthread_mutex_unlock(&home.lock);
    return home.moved && home.mailbox;
}

static bool attach(void)
{
    if (is_attached)
        return true;
    rill_use(NULL);
    is_attached = rill_thread_attach(home.mailbox) == 0;
    return is_attached;
}

/* ---- Several processes ---- */

/* A child's calls need a mailbox, which the owner makes with the first child. */
static bool make_mailbox(void)
{
    if (home.forked)
        return sharing_is_child();
    if (is_owner() && !home.mailbox)
        home.mailbox = rill_host_mailbox(home.host);
    if (!home.host || !home.mailbox)
        return false;
    home.bell = rill_mailbox_descriptor(home.mailbox);
    return true;
}

void home_keep(int fd)
{
    if (home.kept_count < KEPT_MOST)
        home.kept[home.kept_count++] = fd;
}

int home_kept(int from)
{
    int kept = least_from(from, home.bell, INT_MAX);
    for (unsigned i = 0; i < home.kept_count; i++)
        kept = least_from(from, home.kept[i], kept);
    return least_from(from, sharing_kept(from), kept);
}

bool home_before_fork(void)
{
    home_lock();
    return make_mailbox();
}

void home_in_child(void)
{
    pthread_mutex_init(&home.lock, NULL);
    home.forked = home.host != NULL;
    home.inside = home.wanted = is_attached = false;
    signals_release();
}

/* Has the process with the stack ended, or will it soon? daemon(3) ends the parent after the child
 * has started. */
static bool parent_is_gone(int patience_ms)
{
    int parent = (int)syscall(SYS_pidfd_open, home.process, 0);
    struct pollfd p = {.fd = parent, .events = POLLIN};
    if (parent < 0)
        return errno == ESRCH;
    int gone = poll(&p, 1, patience_ms);
    close(parent);
    return gone > 0;
}

static bool take_over(void)
{
    static bool waited;
    int patience_ms = waited ? 0 : 1000;
    if (home.moved || !home.leads)
        return false;
    waited = true;
    if (!parent_is_gone(patience_ms))
        return false;
    host_inherit(home.host);
    sharing_end();
    home.mailbox = NULL;
    home.process = getpid();
    home.owner = pthread_self();
    home.forked = home.leads = false;
    return true;
}

static void refuse(void *unused, struct rill_call *call)
{
    (void)unused;
    rill_refuse(call, ENETDOWN);
}

/* The TAP is one wire, and a connection has one end: the parent makes a child's calls. */
static void reach_parent(void)
{
    static bool told, forsaken;
    if (is_attached)
        return;
    if (!forsaken) /* its copy of the stack is outdated from now on */
        host_forsake(home.host);
    forsaken = true;
    home.kept_count = 0;
    home.leads = false;
    rill_use(NULL);
    is_attached = sharing_is_child() && sharing_attach(home.mailbox) == 0;
    if (is_attached)
        return;
    rill_use_by(rill_host_stack(home.host), refuse, NULL);
    if (!told)
        fprintf(stderr, "rill: process %d has its sockets from process %d, and cannot use them\n",
                (int)getpid(), (int)home.process);
    told = true;
}

/* Only a child's call matters: it means nothing for the process with the stack, and its
 * children. */
pid_t rill_posix_setsid(void)
{
    home.leads = home.forked;
    return setsid();
}

int rill_posix_daemon(int stays, int keeps)
{
    int result = daemon(stays, keeps);
    home.leads = result == 0;
    return result;
}

void home_end(void)
{
    if (home.process != getpid())
        return;
    pthread_mutex_lock(&home.lock);
    home.last = pthread_self();
    home.ends = true;
    if (home.host && home.moved)
        rill_host_stop(home.host);
    else
        home.host = NULL; /* exit handlers that are older than this one find none */
    pthread_mutex_unlock(&home.lock);
    if (home.moved)
        pthread_join(home.server, NULL);
}

bool home_is_parents(void)
{
    return home.forked && !take_over() && !sharing_is_child();
}

bool home_turns_here(void)
{
    return home.host && !home.moved && (!home.forked || take_over());
}

/* While the program never waits in a call the stack would stand still. */
static void turn_at_times(void)
{
    static struct timespec last;
    struct timespec now;
    int error = errno;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec != last.tv_sec || now.tv_nsec - last.tv_nsec > TURN_EVERY) {
        last = now;
        rill_host_turn(home.host, 0);
    }
    errno = error;
}

/* The only thread keeps the stack, unless children call: the monitor sets `wanted` before it
 * looks at `inside`. */
static bool stays(void)
{
    if (home.moved || !home_is_alone())
        return false;
    home.inside = true;
    if (!home.wanted)
        return true;
    home.inside = false;
    return false;
}

/* Children call, but there can be no other thread. Under the lock none tries again meanwhile. */
static bool stays_after_all(void)
{
    pthread_mutex_lock(&home.lock);
    bool stays = is_owner() && home_is_alone();
    if (stays)
        home.inside = true;
    pthread_mutex_unlock(&home.lock);
    return stays;
}

bool posix_begin_any(void)
{
    stay_while_all_ends();
    if (!home.host)
        return false;
    if (home.forked && !take_over())
        reach_parent();
    else if (!stays() && (move() ? !attach() : !stays_after_all()))
        return false;
    signals_hold();
    if (home.inside)
        turn_at_times();
    return true;
}

bool home_serve_children(void)
{
    home.wanted = true;
    bool serves = home.host && (home.inside || move());
    return serves && attach();
}

int posix_begin(int fd)
{
    int rills = name_socket(fd);
    return rills >= 0 && posix_begin_any() ? rills : -1;
}

/* A signal ends a wait: its handler runs after the call. */
static int wait_hook(void *context, rill_time until)
{
    (void)context;
    int result = signals_pending() ? 0 : home.wait.wait(home.wait.context, until);
    if (result < 0 || !signals_pending())
        return result;
    errno = EINTR;
    return -1;
}

void home_use(struct rill_host *host)
{
    home.owner = pthread_self();
    home.process = getpid();
    home.moved = home.wanted = home.leads = false;
    home.kept_count = 0;
    home.host = host;
    if (!host)
        return;
    home.wait = rill_wait_hook(rill_host_stack(host));
    rill_set_wait(rill_host_stack(host), wait_hook, NULL);
}

/* ---- Ending ---- */

/* Returns whether all signals that came request that the call is restarted. */
static bool leave(void)
{
    stay_while_all_ends();
    bool owns = is_owner();
    signals_release();
    if (owns)
        home.inside = false;
    if (owns)
        die_if_told();
    if (owns && home.wanted)
        move();
    return signals_run();
}

int posix_end(int result)
{
    int error = errno;
    leave();
    errno = error;
    return result;
}

static bool has_timeout(int rills, int option)
{
    struct timeval t = {0};
    socklen_t length = sizeof t;
    return rill_getsockopt(rills, SOL_SOCKET, option, &t, &length) != 0 || t.tv_sec || t.tv_usec;
}

bool posix_again(ptrdiff_t result, int rills, int timeout)
{
    int error = errno;
    bool interrupted = result < 0 && error == EINTR && !has_timeout(rills, timeout);
    bool again = leave() && interrupted;
    errno = error;
    return again && posix_begin_any();
}

/* ---- Masks ---- */

const sigset_t *posix_mask_begin(const sigset_t *mask, sigset_t *before)
{
    if (!mask || !is_attached)
        return mask;
    pthread_sigmask(SIG_SETMASK, mask, before);
    return NULL;
}

int posix_mask_end(const sigset_t *mask, const sigset_t *before, int result)
{
    if (!mask || !is_attached)
        return result;
    pthread_sigmask(SIG_SETMASK, before, NULL);
    if (result != 0 || !signals_pending())
        return result;
    errno = EINTR;
    return -1;
}
