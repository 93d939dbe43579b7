/* Additions to threads.h that posix/ needs. */
#ifndef DRIVERS_MAILBOX_H
#define DRIVERS_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

/* The call that this thread has in a mailbox, and each later one that would wait, ends as a signal
 * ends one: with what it has got, or with EINTR. False: this thread is attached to none. Safe in a
 * signal handler. The second lets calls wait again, those that a program makes for one of its own
 * (poll adopts, then waits) having all been made. */
bool mailbox_interrupt(void);
void mailbox_uninterrupt(void);

struct rill_mailbox;

/* Attaches a thread of a child process. `seat` is memory that it has shared with the owner since
 * before fork(2), all zeros: room for a packed call (<rill/call.h>) and 512 bytes more. `leave` is
 * called when the thread is detached. 0, or -1 with errno. */
int mailbox_attach_seat(struct rill_mailbox *, void *seat, size_t bytes, void (*leave)(void *seat));

/* For a thread of the owner's process, when the child has died: ends the call in its seat. False:
 * it does not end, and the seat must not be used again. */
bool mailbox_bury(void *seat);

/* In a child: the thread that has forked is not attached here. */
void mailbox_in_child(void);

/* The calling thread is the owner from now on. */
void mailbox_take(struct rill_mailbox *);

#endif
