/* Times as callers give them and are told them; their seconds may have 32 bits. A time-out is how
 * long a call may wait, in nanoseconds; RILL_NEVER: no limit. */
#ifndef SOCKET_TIMEOUT_H
#define SOCKET_TIMEOUT_H

#include <rill/time.h>
#include <stdbool.h>
#include <sys/time.h>
#include <time.h>

/* Negative: for ever. */
rill_time timeout_of_ms(int ms);

/* NULL: for ever. False: not a time. */
bool timeout_of_timespec(const struct timespec *, rill_time *timeout);

/* The other way round; a timeval is cut to microseconds. */
struct timespec timespec_of(rill_time);
struct timeval timeval_of(rill_time);

#endif
