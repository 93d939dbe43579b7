/* The handler may run in any thread and at any instruction, also just before the loop goes to
 * sleep. So it writes to an eventfd that the sleep polls. */
#include "host/signals.h"

#include "descriptor.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const int handled[] = {SIGINT, SIGTERM};
enum { HANDLED_COUNT = sizeof handled / sizeof *handled };

/* Signals belong to the process, not to a host: there is one set of handlers. */
static struct {
    unsigned users;
    pid_t process; /* the loops' process; a child of fork(2) inherits handlers and event */
    int event;
    atomic_int came; /* the signal's number; the handler may run while other threads read it */
    struct sigaction before[HANDLED_COUNT];
} signals;

void host_signals_ring(void)
{
    int error = errno;
    uint64_t one = 1;
    if (write(signals.event, &one, sizeof one) < 0) {
        /* the counter is full, so it is readable anyway */
    }
    errno = error;
}

void host_signals_hush(void)
{
    eventfd_t rings;
    if (!signals.came)
        eventfd_read(signals.event, &rings);
}

static void handle(int number)
{
    if (getpid() != signals.process) {
        raise(number); /* the default action ends only the child, which has no loop */
        return;
    }
    signals.came = number;
    host_signals_ring();
}

static void install(size_t i)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = (int)SA_RESETHAND};
    sigaction(handled[i], NULL, &signals.before[i]);
    /* SIG_IGN counts as the default: a shell without job control ignores SIGINT for background
     * jobs, and `kill -INT` would do nothing. */
    if (signals.before[i].sa_handler == SIG_DFL || signals.before[i].sa_handler == SIG_IGN)
        sigaction(handled[i], &action, NULL);
}

/* Keeps a handler that other code has installed since, and the default that our handler has set. */
static void restore(size_t i)
{
    struct sigaction now;
    sigaction(handled[i], NULL, &now);
    if (now.sa_handler == handle)
        sigaction(handled[i], &signals.before[i], NULL);
}

int host_signals_acquire(void)
{
    if (signals.users > 0) {
        signals.users++;
        return 0;
    }
    signals.event = descriptor_raise(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (signals.event < 0)
        return -1;
    signals.users = 1;
    signals.process = getpid();
    signals.came = 0;
    for (size_t i = 0; i < HANDLED_COUNT; i++)
        install(i);
    return 0;
}

void host_signals_release(void)
{
    assert(signals.users > 0);
    if (--signals.users > 0)
        return;
    for (size_t i = 0; i < HANDLED_COUNT; i++)
        restore(i);
    close(signals.event);
    signals.event = -1;
}

void host_signals_inherit(void)
{
    signals.process = getpid();
}

int host_signals_descriptor(void)
{
    return signals.event;
}

bool host_signals_came(void)
{
    return signals.came != 0;
}

int host_signals_number(void)
{
    return signals.came;
}
