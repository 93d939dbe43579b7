/* How long a call may wait, as the caller says it, and as the stack's clock does. */
#ifndef SOCKET_TIMEOUT_H
#define SOCKET_TIMEOUT_H

#include "socket/rill.h"

#include <time.h>

/* Negative: for ever. */
rill_time timeout_of_ms(const struct rill *, int ms);

/* NULL: for ever. False: not a time. */
bool timeout_of_timespec(const struct rill *, const struct timespec *, rill_time *deadline);

#endif
