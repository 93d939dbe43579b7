/* Our handler is installed in the kernel. It runs the program's handler, or, within a call, notes
 * that it must run and ends the wait. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/signals.h"

#include "host/signals.h"
#include "mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <rill/posix.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/* The program's actions: a process has one for each signal. */
static struct sigaction wanted[NSIG];

/* Signals that came within this thread's call: a bit for each, and the details of the last one. */
static _Thread_local struct {
    volatile uint64_t bits;
    siginfo_t info;
} pending;

static _Thread_local volatile bool held;

void signals_hold(void)
{
    if (!signals_pending()) /* the handlers of all pending signals have run */
        mailbox_uninterrupt();
    held = true;
}

void signals_release(void)
{
    held = false;
}

/* What a handler of ours reads or writes is touched whole. */
static sigset_t block_all(void)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    return before;
}

static uint64_t bit_of(int number)
{
    return (uint64_t)1 << (number - 1);
}

bool signals_pending(void)
{
    return pending.bits != 0;
}

static void call_handler(int number, siginfo_t *info, void *context)
{
    const struct sigaction *a = &wanted[number];
    if (a->sa_flags & SA_SIGINFO)
        a->sa_sigaction(number, info, context);
    else
        a->sa_handler(number);
}

static void arrive(int number, siginfo_t *info, void *context)
{
    if (!held) {
        call_handler(number, info, context);
        return;
    }
    sigset_t before = block_all();
    pending.info = *info;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    __atomic_fetch_or(&pending.bits, bit_of(number), __ATOMIC_RELAXED);
    if (!mailbox_interrupt()) /* this thread runs the loop itself */
        host_signals_ring();
}

/* Runs the handler with the mask that the kernel would have set. */
static bool run(int number)
{
    siginfo_t info = {.si_signo = number};
    sigset_t before = block_all(), during;
    struct sigaction a = wanted[number];
    if (pending.info.si_signo == number)
        info = pending.info;
    if (!(a.sa_flags & SA_NODEFER))
        sigaddset(&a.sa_mask, number);
    sigorset(&during, &before, &a.sa_mask);
    pthread_sigmask(SIG_SETMASK, &during, NULL);
    call_handler(number, &info, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return a.sa_flags & SA_RESTART;
}

bool signals_run(void)
{
    bool all_restart = true;
    if (!signals_pending())
        return true;
    host_signals_hush();
    for (int i = 1; i < NSIG; i++) {
        if (!(pending.bits & bit_of(i)))
            continue;
        __atomic_fetch_and(&pending.bits, ~bit_of(i), __ATOMIC_RELAXED);
        if (!run(i))
            all_restart = false;
    }
    return all_restart;
}

/* ---- Calls of the program ---- */

/* A fault cannot wait for the end of the call. */
static bool may_wait(int number)
{
    return number != SIGSEGV && number != SIGBUS && number != SIGFPE && number != SIGILL &&
           number != SIGTRAP && number != SIGABRT && number != SIGSYS;
}

static bool is_function(const struct sigaction *a)
{
    return a->sa_handler != SIG_DFL && a->sa_handler != SIG_IGN;
}

uint64_t signals_ignored(void)
{
    uint64_t ignored = 0;
    struct sigaction a;
    for (int i = 1; i < NSIG; i++)
        if (sigaction(i, NULL, &a) == 0 && a.sa_handler == SIG_IGN)
            ignored |= bit_of(i);
    return ignored;
}

void signals_ignore(uint64_t ignored)
{
    for (int i = 1; i < NSIG; i++)
        if (ignored & bit_of(i))
            signal(i, SIG_IGN);
}

int rill_posix_sigaction(int number, const struct sigaction *a, struct sigaction *before)
{
    if (number < 1 || number >= NSIG || !may_wait(number))
        return sigaction(number, a, before);
    sigset_t mask = block_all();
    struct sigaction ours = wanted[number], now = a ? *a : ours;
    if (a && is_function(a)) {
        wanted[number] = *a;
        now.sa_sigaction = arrive;
        now.sa_flags |= SA_SIGINFO;
    }
    int result = sigaction(number, a ? &now : NULL, before);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    if (result == 0 && before && before->sa_flags & SA_SIGINFO && before->sa_sigaction == arrive)
        *before = ours;
    return result;
}

/* The signals for which siginterrupt(3) was called. */
static uint64_t interrupting;

rill_posix_handler rill_posix_signal(int number, rill_posix_handler handler)
{
    struct sigaction before, a = {.sa_handler = handler};
    if (number < 1 || number >= NSIG || !(interrupting & bit_of(number)))
        a.sa_flags = SA_RESTART;
    sigemptyset(&a.sa_mask);
    return rill_posix_sigaction(number, &a, &before) == 0 ? before.sa_handler : SIG_ERR;
}

int rill_posix_siginterrupt(int number, int interrupts)
{
    struct sigaction a;
    if (rill_posix_sigaction(number, NULL, &a) != 0)
        return -1;
    a.sa_flags = interrupts ? a.sa_flags & ~SA_RESTART : a.sa_flags | SA_RESTART;
    interrupting = interrupts ? interrupting | bit_of(number) : interrupting & ~bit_of(number);
    return rill_posix_sigaction(number, &a, NULL);
}
