/* What threads.h does not need of the mailbox, and posix/ does. */
#ifndef DRIVERS_MAILBOX_H
#define DRIVERS_MAILBOX_H

/* The call that this thread has in a mailbox ends as a signal ends one: with what it has got, or
 * with EINTR; harmless where there is none. Safe in a signal handler. */
void mailbox_interrupt(void);

#endif
