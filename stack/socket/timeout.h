/* Conversion of times in the caller's formats, whose seconds may have 32 bits. A time-out is how
 * long a call may wait, in nanoseconds; RILL_NEVER: no limit. */
#ifndef SOCKET_TIMEOUT_H
#define SOCKET_TIMEOUT_H

#include <rill/time.h>
#include <stdbool.h>
#include <sys/time.h>
#include <time.h>

/* Negative: no limit. */
rill_time timeout_of_ms(int ms);

/* NULL: no limit. False: not a valid time. */
bool timeout_of_timespec(const struct timespec *, rill_time *timeout);

/* The reverse conversion; a timeval is cut to microseconds. */
struct timespec timespec_of(rill_time);
struct timeval timeval_of(rill_time);

#endif
