/* Additions to threads.h that posix/ needs. */
#ifndef DRIVERS_MAILBOX_H
#define DRIVERS_MAILBOX_H

#include <stdbool.h>

/* The call that this thread has in a mailbox, and each later one that would wait, ends as a signal
 * ends one: with what it has got, or with EINTR. False: this thread is attached to none. Safe in a
 * signal handler. The second lets calls wait again, those that a program makes for one of its own
 * (poll adopts, then waits) having all been made. */
bool mailbox_interrupt(void);
void mailbox_uninterrupt(void);

#endif
