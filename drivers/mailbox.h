/* Additions to threads.h that posix/ needs. */
#ifndef DRIVERS_MAILBOX_H
#define DRIVERS_MAILBOX_H

#include "shared_memory.h"

#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>

/* Ends this thread's call in a mailbox, and each later one that would wait, as a signal does: with
 * the progress made, or with EINTR. False: the thread is not attached. Safe in a signal handler.
 * mailbox_uninterrupt lets calls wait again; it is called when all calls that make up one call of
 * the program (poll adopts, then waits) are done. */
bool mailbox_interrupt(void);
void mailbox_uninterrupt(void);

/* From now on, or no longer, pthread_cancel(3) ends this thread in a call that waits. */
void mailbox_cancels(bool);

struct rill_mailbox;

/* Attaches a thread of a child process. `slot` is memory, all zeros, that the child has shared with
 * the owner since before fork(2): room for a packed call (<rill/call.h>) and 512 more bytes.
 * `owner` is a descriptor that hangs up when the owner's process ends; after that the thread's
 * calls fail with ESHUTDOWN. `leave` is called when the thread is detached. 0, or -1 with errno. */
int mailbox_attach_slot(struct rill_mailbox *, void *slot, size_t bytes, int owner,
                        void (*leave)(void *slot));

/* Waits until the owner's process posts the semaphore. False: that process has ended. */
bool mailbox_await(sem_t *, int owner);

/* Called in the owner's process when the child has died: ends the call in the child's slot. False:
 * the call does not end, and the slot must not be used again. */
bool mailbox_reap_slot(void *slot);

/* In a child: the thread that called fork(2) is not attached here. */
void mailbox_in_child(void);

/* Makes the calling thread the owner. The second does so in a child of the owner's process, whose
 * own threads have all ended: so do their calls. */
void mailbox_take(struct rill_mailbox *);
void mailbox_inherit(struct rill_mailbox *);

/* Where it lies. */
struct shared_memory mailbox_memory(const struct rill_mailbox *);

#endif
