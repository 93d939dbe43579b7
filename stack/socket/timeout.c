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
    if (t->tv_sec <= RILL_NEVER / 4 / RILL_SECONDS(1))
        *timeout = RILL_SECONDS(t->tv_sec) + t->tv_nsec;
    return true;
}
