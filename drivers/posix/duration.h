/* Time as one number. */
#ifndef DRIVERS_POSIX_DURATION_H
#define DRIVERS_POSIX_DURATION_H

#include <stdint.h>
#include <time.h>

enum { NS_PER_SECOND = 1000000000 };

/* INT64_MAX: that much, or more. */
static inline int64_t nanoseconds(const struct timespec *t)
{
    int64_t seconds = t->tv_sec; /* it may have 32 bits */
    return seconds < INT64_MAX / NS_PER_SECOND ? seconds * NS_PER_SECOND + t->tv_nsec : INT64_MAX;
}

/* Zero, if it is less. */
static inline struct timespec timespec_of(int64_t ns)
{
    ns = ns < 0 ? 0 : ns;
    return (struct timespec){(time_t)(ns / NS_PER_SECOND), (long)(ns % NS_PER_SECOND)};
}

static inline int64_t now_on(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return nanoseconds(&now);
}

/* What is left of it, if it began then on CLOCK_MONOTONIC. */
static inline struct timespec duration_left(int64_t length, int64_t begun)
{
    return timespec_of(length - (now_on(CLOCK_MONOTONIC) - begun));
}

/* Do Linux's calls take it as a duration? */
static inline int duration_is_valid(const struct timespec *t)
{
    return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < NS_PER_SECOND;
}

#endif
