/* The time-out of a call in the caller's units, converted to nanoseconds; RILL_NEVER: none. */
#ifndef SOCKET_TIMEOUT_H
#define SOCKET_TIMEOUT_H

#include <rill/time.h>
#include <stdbool.h>
#include <time.h>

/* Negative: for ever. */
rill_time timeout_of_ms(int ms);

/* NULL: for ever. False: not a time. */
bool timeout_of_timespec(const struct timespec *, rill_time *timeout);

#endif
