/* What threads.h does not need of the mailbox, and posix/ does. */
#ifndef DRIVERS_MAILBOX_H
#define DRIVERS_MAILBOX_H

#include <stdbool.h>

/* The call that this thread has in a mailbox ends as a signal ends one: with what it has got, or
 * with EINTR; harmless where there is none. False: this thread is attached to none. Safe in a
 * signal handler. */
bool mailbox_interrupt(void);

#endif
