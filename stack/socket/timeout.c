#include "socket/timeout.h"

rill_time timeout_of_ms(int ms)
{
    return ms < 0 ? RILL_NEVER : RILL_MILLISECONDS(ms);
}

bool timeout_of_timespec(const struct timespec *t, rill_time *timeout)
{
    *timeout = RILL_NEVER;
    if (!t)
        return true;
    if (t->tv_sec < 0 || t->tv_nsec < 0 || t->tv_nsec >= RILL_SECONDS(1))
        return false;
    int64_t seconds = t->tv_sec;
    if (seconds <= RILL_NEVER / 4 / RILL_SECONDS(1))
        *timeout = RILL_SECONDS(seconds) + t->tv_nsec;
    return true;
}

struct timespec timespec_of(rill_time time)
{
    return (struct timespec){.tv_sec = (time_t)(time / RILL_SECONDS(1)),
                             .tv_nsec = (long)(time % RILL_SECONDS(1))};
}

struct timeval timeval_of(rill_time time)
{
    return (struct timeval){.tv_sec = (time_t)(time / RILL_SECONDS(1)),
                            .tv_usec =
                                (suseconds_t)(time % RILL_SECONDS(1) / RILL_MICROSECONDS(1))};
}
