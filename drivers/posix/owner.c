/* Which thread makes the calls: the program's only thread; or, if there are several, the thread to
 * which the stack has moved; or, in a child of fork(2), its parent's. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/owner.h"

#include "cancellation.h"
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

enum { TURN_EVERY = 1000000 /* ns */, KEPT_MAX = 16 };

/* One for each process, like the kernel's. A program with one thread makes its calls itself. When
 * there are more, the stack moves to a thread of its own, which runs the loop, and all others are
 * attached to it. */
static struct {
    pthread_mutex_t lock;
    int cancel_state; /* of the thread that holds the lock, before */
    _Atomic(struct rill_host *) host;
    pthread_t owner;    /* the program's only thread, while the stack has not moved */
    atomic_bool inside; /* the owner is in one of rill's calls */
    atomic_bool wanted; /* children call: it is to move when the owner's call ends */
    atomic_bool moved;
    pthread_t thread; /* the thread to which it has moved */
    struct rill_mailbox *mailbox;
    sem_t started;
    int bell;           /* the mailbox's descriptor, for children; -1: none */
    int kept[KEPT_MAX]; /* descriptors of the host binding */
    unsigned kept_count;
    struct rill_wait wait;
    atomic_bool monitored; /* the monitor's thread runs beside the program's */
    struct owner_interface interface;
    sem_t paused, resumed; /* by the thread to which it has moved, and for it */
    atomic_bool pauses;
    bool for_others;    /* only for others: it ends with the last of them */
    bool forked;        /* this is a child of the process that has it (executed: host is NULL), */
    bool leads_session; /* and the head of a session, as a daemon is */
    pid_t process;      /* the one that has opened it, or taken it over; 0: executed, unknown */
    atomic_bool ends;   /* exit(3) was called, by this thread: */
    pthread_t exiting;
} stack = {.lock = PTHREAD_MUTEX_INITIALIZER, .bell = -1};

static _Thread_local bool is_attached;

/* libc remembers that there were several threads; the process may have one again. While this thread
 * is in a call, no other could create one. The monitor is none of the program's. */
bool owner_is_alone(void)
{
    enum { LINKS_OF_NONE = 2 }; /* of a directory, plus one for each thread */
    struct stat threads;
    return __libc_single_threaded || (stat("/proc/self/task", &threads) == 0 &&
                                      threads.st_nlink == LINKS_OF_NONE + 1u + stack.monitored);
}

void owner_monitored(bool monitored)
{
    stack.monitored = monitored;
}

void owner_lock(void)
{
    int state = cancellation_disable();
    pthread_mutex_lock(&stack.lock);
    stack.cancel_state = state;
}

void owner_unlock(void)
{
    int state = stack.cancel_state;
    pthread_mutex_unlock(&stack.lock);
    cancellation_restore(state);
}

bool owner_has_stack(void)
{
    return stack.host || stack.forked;
}

const struct owner_interface *owner_interface(void)
{
    return owner_has_stack() ? &stack.interface : NULL;
}

static bool is_owner(void)
{
    return stack.host && !stack.moved && !stack.forked &&
           pthread_equal(stack.owner, pthread_self());
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
    struct rill_host *host = stack.host;
    stack.host = NULL;
    if (dies) {
        stack.exiting = pthread_self();
        stack.ends = true;
    }
    return host;
}

/* The owner's call has ended; the monitor may have moved the stack since. */
static void die_if_told(void)
{
    struct rill_host *host = NULL;
    if (!host_signals_number())
        return;
    owner_lock();
    if (is_owner())
        host = give_up(true);
    owner_unlock();
    if (host)
        die(host, host_signals_number());
}

/* ---- Several threads ---- */

/* A thread that is still in a call when the process ends gets no result. */
static void stay_while_all_ends(void)
{
    while (stack.ends && !pthread_equal(stack.exiting, pthread_self()))
        pause();
}

/* The loop has stopped, and stays so while another thread lets a child take the stack over. */
static bool was_paused(void)
{
    if (!atomic_exchange(&stack.pauses, false))
        return false;
    sem_post(&stack.paused);
    while (sem_wait(&stack.resumed) != 0)
        ;
    return true;
}

/* Until rill_host_stop was called, and will not be again, or it has failed. */
static void run_loop(void)
{
    int result;
    do
        result = rill_host_run(stack.host);
    while (result == 0 ? was_paused() : errno == EINTR && !host_signals_number());
}

static void *run_stack(void *unused)
{
    rill_use(rill_host_stack(stack.host));
    stack.mailbox = rill_host_mailbox(stack.host);
    if (stack.mailbox)
        mailbox_take(stack.mailbox);
    sem_post(&stack.started);
    run_loop();
    owner_lock();
    bool dies = host_signals_number() && !stack.ends;
    struct rill_host *host = give_up(dies);
    owner_unlock();
    if (dies)
        die(host, host_signals_number());
    rill_host_close(host);
    return unused;
}

/* The owner is not in a call, or in one that ends by itself: waiting threads start here. False: it
 * cannot move, or has ended since the caller looked (owner_end). */
static bool move(void)
{
    sigset_t all, before;
    owner_lock();
    while (!stack.moved && stack.inside)
        sched_yield();
    if (!stack.moved && stack.host) {
        sem_init(&stack.started, 0, 0);
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before); /* signals are for the program's threads */
        stack.moved = pthread_create(&stack.thread, NULL, run_stack, NULL) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        while (stack.moved && sem_wait(&stack.started) != 0)
            ;
    }
    owner_unlock();
    return stack.moved && stack.mailbox;
}

static bool attach(void)
{
    if (is_attached)
        return true;
    rill_use(NULL);
    is_attached = rill_thread_attach(stack.mailbox) == 0;
    return is_attached;
}

/* ---- Several processes ---- */

/* A child's calls need a mailbox, which the owner makes with the first child. */
static bool make_mailbox(void)
{
    if (stack.forked)
        return sharing_is_child();
    if (is_owner() && !stack.mailbox)
        stack.mailbox = rill_host_mailbox(stack.host);
    if (!stack.host || !stack.mailbox)
        return false;
    stack.bell = rill_mailbox_descriptor(stack.mailbox);
    return true;
}

void owner_keep(int fd)
{
    if (stack.kept_count < KEPT_MAX)
        stack.kept[stack.kept_count++] = fd;
}

int owner_kept(int from)
{
    int kept = least_from(from, stack.bell, INT_MAX);
    if (stack.mailbox)
        kept = least_from(from, mailbox_memory(stack.mailbox).fd, kept);
    for (unsigned i = 0; i < stack.kept_count; i++)
        kept = least_from(from, stack.kept[i], kept);
    return least_from(from, sharing_kept(from), kept);
}

/* For children of a thread that is not the owner the stack moves. */
bool owner_before_fork(void)
{
    if (stack.host && !stack.forked && !is_owner())
        move();
    owner_lock();
    return make_mailbox();
}

void owner_before_sandbox(void)
{
    if (owner_is_child() && owner_enter())
        owner_leave();
}

void owner_in_child(void)
{
    pthread_mutex_init(&stack.lock, NULL);
    stack.forked = owner_has_stack();
    stack.inside = stack.wanted = is_attached = false;
    signals_release();
    cancellation_restore(stack.cancel_state);
}

/* Has the process with the stack ended, or will it soon? daemon(3) ends the parent after the child
 * has started. */
static bool parent_is_gone(int timeout_ms)
{
    int parent = (int)syscall(SYS_pidfd_open, stack.process, 0);
    struct pollfd p = {.fd = parent, .events = POLLIN};
    if (parent < 0)
        return errno == ESRCH;
    int gone = poll(&p, 1, timeout_ms);
    close(parent);
    return gone > 0;
}

static void take_over_from_parent(void)
{
    host_inherit(stack.host);
    sharing_end();
    stack.mailbox = NULL;
    stack.process = getpid();
    stack.owner = pthread_self();
    stack.forked = stack.leads_session = false;
}

static bool take_over(void)
{
    static bool waited;
    int timeout_ms = waited ? 0 : 1000;
    if (stack.moved || !stack.leads_session)
        return false;
    waited = true;
    int state = cancellation_disable();
    bool gone = parent_is_gone(timeout_ms);
    if (gone)
        take_over_from_parent();
    cancellation_restore(state);
    return gone;
}

static void refuse(void *unused, struct rill_call *call)
{
    (void)unused;
    rill_refuse(call, ENETDOWN);
}

static void tell_unreachable(void)
{
    static bool told;
    if (!told && stack.process)
        fprintf(stderr, "rill: process %d has its sockets from process %d, and cannot use them\n",
                (int)getpid(), (int)stack.process);
    else if (!told)
        fprintf(stderr, "rill: process %d was executed with sockets, and cannot use them\n",
                (int)getpid());
    told = true;
}

/* The TAP is one wire, and a connection has one end: the parent makes a child's calls. */
static void reach_parent(void)
{
    static struct rill *const unreachable = (struct rill *)&stack;
    static bool forsaken;
    if (is_attached)
        return;
    if (!forsaken && stack.host) /* its copy of the stack is outdated from now on */
        host_forsake(stack.host);
    forsaken = true;
    stack.kept_count = 0;
    stack.leads_session = false;
    rill_use(NULL);
    is_attached = sharing_is_child() && sharing_attach(stack.mailbox) == 0;
    if (is_attached)
        return;
    rill_use_forwarded(unreachable, refuse, NULL);
    tell_unreachable();
}

static void enter_child(void)
{
    int state = cancellation_disable();
    if (!take_over())
        reach_parent();
    cancellation_restore(state);
}

/* Only a child's call matters: it means nothing for the process with the stack, and its
 * children. */
pid_t rill_posix_setsid(void)
{
    stack.leads_session = stack.forked && stack.host;
    return setsid();
}

int rill_posix_daemon(int stays, int keeps)
{
    int result = daemon(stays, keeps);
    stack.leads_session = result == 0 && stack.host;
    return result;
}

void owner_end(void)
{
    if (stack.process != getpid())
        return;
    owner_lock();
    stack.exiting = pthread_self();
    stack.ends = true;
    if (stack.host && stack.moved)
        rill_host_stop(stack.host);
    else
        stack.host = NULL; /* exit handlers that are older than this one find none */
    owner_unlock();
    if (stack.moved)
        pthread_join(stack.thread, NULL);
}

bool owner_is_unreachable(void)
{
    return stack.forked && !take_over() && !sharing_is_child();
}

bool owner_turns_here(void)
{
    return stack.host && !stack.moved && (!stack.forked || take_over());
}

/* The only thread keeps the stack, unless children call: the monitor sets `wanted` before it
 * looks at `inside`. */
static bool stays(void)
{
    if (stack.moved || !owner_is_alone())
        return false;
    stack.inside = true;
    if (!stack.wanted)
        return true;
    stack.inside = false;
    return false;
}

/* Children call, but there can be no other thread. Under the lock none tries again meanwhile. */
static bool stays_after_all(void)
{
    owner_lock();
    bool stays = is_owner() && owner_is_alone();
    if (stays)
        stack.inside = true;
    owner_unlock();
    return stays;
}

bool owner_enter(void)
{
    stay_while_all_ends();
    if (!stack.host && !stack.forked)
        return false;
    if (stack.forked)
        enter_child();
    else if (!stays() && (move() ? !attach() : !stays_after_all()))
        return false;
    return true;
}

void owner_leave(void)
{
    stay_while_all_ends();
    if (!is_owner())
        return;
    stack.inside = false;
    die_if_told();
    if (stack.wanted)
        move();
}

void owner_turn_at_times(void)
{
    static struct timespec last;
    struct timespec now;
    int error = errno;
    if (!stack.inside)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec != last.tv_sec || now.tv_nsec - last.tv_nsec > TURN_EVERY) {
        last = now;
        rill_host_turn(stack.host, 0);
    }
    errno = error;
}

bool owner_is_attached(void)
{
    return is_attached;
}

bool owner_serve_children(void)
{
    stack.wanted = true;
    bool serves = stack.host && (stack.inside || move());
    return serves && attach();
}

/* A signal ends a wait: its handler runs after the call. */
static int wait_hook(void *context, rill_time until)
{
    (void)context;
    int result = signals_pending() ? 0 : stack.wait.wait(stack.wait.context, until);
    if (result < 0 || !signals_pending())
        return result;
    errno = EINTR;
    return -1;
}

void owner_use(struct rill_host *host)
{
    stack.owner = pthread_self();
    stack.process = getpid();
    stack.moved = stack.wanted = stack.leads_session = false;
    stack.kept_count = 0;
    stack.host = host;
    if (!host)
        return;
    stack.interface.address = host_address(host, &stack.interface.prefix);
    snprintf(stack.interface.tap, sizeof stack.interface.tap, "%s", rill_host_tap_name(host));
    stack.wait = rill_wait_hook(rill_host_stack(host));
    rill_set_wait(rill_host_stack(host), wait_hook, NULL);
}

/* ---- exec(2) ---- */

bool owner_is_child(void)
{
    return stack.forked && !take_over();
}

void owner_note(struct owner_part *p)
{
    p->mailbox = stack.mailbox;
    p->memory = mailbox_memory(stack.mailbox);
    p->bell = stack.bell;
    p->process = stack.forked ? stack.process : getpid();
    p->interface = stack.interface;
}

bool owner_resume(const struct owner_part *p)
{
    stack.forked = true;
    stack.process = p->process;
    stack.interface = p->interface;
    if (!shared_memory_map(&p->memory))
        return false;
    stack.mailbox = p->mailbox;
    stack.bell = p->bell;
    return true;
}

/* Threads that have passed the lock before push their requests now. */
static bool pause_thread(void)
{
    enum { PUSHED_NS = 1000000, SECONDS = 1 };
    struct timespec until, pushed = {.tv_nsec = PUSHED_NS};
    if (!owner_is_alone())
        nanosleep(&pushed, NULL);
    sem_init(&stack.paused, 0, 0);
    sem_init(&stack.resumed, 0, 0);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += SECONDS;
    stack.pauses = true;
    rill_host_stop(stack.host);
    int paused;
    while ((paused = sem_timedwait(&stack.paused, &until)) != 0 && errno == EINTR)
        ;
    return paused == 0;
}

bool owner_pause(void)
{
    return make_mailbox() && (stack.moved ? pause_thread() : !stack.inside);
}

void owner_continue(void)
{
    if (stack.moved)
        sem_post(&stack.resumed);
}

void owner_keep_for_others(void)
{
    is_attached = false;
    mailbox_in_child();
    rill_use(rill_host_stack(stack.host));
    host_keep(stack.host);
    mailbox_inherit(stack.mailbox);
    sem_init(&stack.started, 0, 0);
    stack.process = getpid();
    stack.thread = pthread_self();
    stack.moved = stack.for_others = true;
    stack.inside = stack.wanted = stack.leads_session = false;
}

void owner_run_for_others(void)
{
    run_stack(NULL);
}

void owner_end_for_others(void)
{
    if (stack.for_others)
        rill_host_stop(stack.host);
}
