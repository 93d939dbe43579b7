/* Sleeping, and waiting for a signal: poll(2) without descriptors, so that the stack runs
 * meanwhile. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/duration.h"
#include "posix/owner.h"

#include <errno.h>
#include <rill/posix.h>

/* Other clocks run while the machine is suspended, or stop while the process does. */
static bool can_sleep(clockid_t clock, const struct timespec *t)
{
    return owner_turns_here() && (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC) &&
           duration_is_valid(t) && nanoseconds(t) < INT64_MAX;
}

/* Returns 0 or an error number, as this call does, and keeps errno. */
int rill_posix_clock_nanosleep(clockid_t clock, int flags, const struct timespec *t,
                               struct timespec *left)
{
    if (!can_sleep(clock, t))
        return clock_nanosleep(clock, flags, t, left);
    int error = errno, absolute = flags & TIMER_ABSTIME;
    int64_t begun = now_on(CLOCK_MONOTONIC);
    int64_t length = nanoseconds(t) - (absolute ? now_on(clock) : 0);
    struct timespec timeout = timespec_of(length);
    if (rill_posix_ppoll(NULL, 0, &timeout, NULL) == 0)
        return 0;
    bool interrupted = errno == EINTR;
    struct timespec rest = duration_left(length, begun);
    errno = error;
    if (!interrupted) /* the stack is gone; the time is to pass all the same */
        return clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, absolute ? NULL : left);
    if (left && !absolute)
        *left = rest;
    return EINTR;
}

int rill_posix_nanosleep(const struct timespec *length, struct timespec *left)
{
    int error = rill_posix_clock_nanosleep(CLOCK_REALTIME, 0, length, left);
    if (error)
        errno = error;
    return error ? -1 : 0;
}

int rill_posix_usleep(useconds_t length)
{
    return rill_posix_nanosleep(
        &(struct timespec){length / 1000000, (long)(length % 1000000) * 1000}, NULL);
}

unsigned rill_posix_sleep(unsigned seconds)
{
    struct timespec left = {0};
    if (rill_posix_nanosleep(&(struct timespec){.tv_sec = seconds}, &left) == 0)
        return 0;
    return (unsigned)left.tv_sec + (left.tv_nsec >= 500000000);
}

int rill_posix_sigsuspend(const sigset_t *mask)
{
    return owner_turns_here() ? rill_posix_ppoll(NULL, 0, NULL, mask) : sigsuspend(mask);
}

int rill_posix_pause(void)
{
    return owner_turns_here() ? rill_posix_ppoll(NULL, 0, NULL, NULL) : pause();
}
