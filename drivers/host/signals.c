/* The handler may run in any thread and at any instruction, also just before the loop goes to
 * sleep. So it writes to an eventfd that the sleep polls. */
#include "host/signals.h"

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

/* Signals are the process's, not a host's: this is its one set of handlers. */
static struct {
    unsigned users;
    pid_t
        process; /* whose loops it ends: a child of fork(2) has the handlers, too, and the event */
    int event;
    atomic_int came; /* its number; the handler may run on one thread while others ask */
    struct sigaction before[HANDLED_COUNT];
} signals;

void host_signals_ring(void)
{
    int error = errno;
    uint64_t one = 1;
    if (write(signals.event, &one, sizeof one) < 0) {
        /* the counter is full: readable all the more */
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
        raise(number); /* by default it ends the child, and it is the child's alone */
        return;
    }
    signals.came = number;
    host_signals_ring();
}

static void install(size_t i)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = (int)SA_RESETHAND};
    sigaction(handled[i], NULL, &signals.before[i]);
    /* Ignored is taken for default: so a shell without job control starts what is to run in the
     * background, and `kill -INT` would do nothing. */
    if (signals.before[i].sa_handler == SIG_DFL || signals.before[i].sa_handler == SIG_IGN)
        sigaction(handled[i], &action, NULL);
}

/* Leaves alone what somebody else has installed since, and the default that follows our handler. */
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
    signals.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
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
