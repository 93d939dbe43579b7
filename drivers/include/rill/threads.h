/* Threads: any number of them may use the sockets of one stack, which belongs to one, its owner.
 * A thread attaches itself, and then its calls of <rill/socket.h> are put into the owner's mailbox;
 * the owner makes them in his loop, and the thread sleeps until they are done. So there is no lock
 * in the stack, and none of its data is ever touched by two threads.
 *
 *     owner:   mailbox = rill_host_mailbox(host) ... pthread_create ... rill_host_run(host)
 *     thread:  rill_thread_attach(mailbox); rill_socket, rill_connect, rill_send ...
 *
 * Calls block, time out and fail as in the owner, errno included; descriptors are the same numbers
 * everywhere. What was handed in by pointer is read and written by the owner while the thread
 * sleeps. Other functions (rill_now, rill_counters, whatever takes a struct rill) are the owner's
 * alone. A thread that is cancelled (pthread_cancel) in a call ends behind it. The masks of ppoll,
 * pselect and epoll_pwait have no effect here: the thread is not where the waiting is. */
#ifndef RILL_THREADS_H
#define RILL_THREADS_H

#include <rill/call.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_mailbox;

/* Has this thread's calls made by the mailbox's owner, whatever stack was current before. Undone by
 * rill_thread_detach, and by the thread's end. 0, or -1 with errno: ENOMEM; EBUSY, it is attached
 * already; EDEADLK, it is the owner, who needs no mailbox; ESHUTDOWN, the mailbox is closed, which
 * stays as long as anybody is attached: who begins threads is attached until they are. */
int rill_thread_attach(struct rill_mailbox *);

/* Harmless in a thread that is not attached. The thread has no current stack then; nor has one that
 * has ended by itself, in the destructors of other keys (pthread_key_create). */
void rill_thread_detach(void);

/* ---- For loops of one's own: rill_host has all this ---- */

/* The caller is the owner. NULL with errno. */
struct rill_mailbox *rill_mailbox_new(struct rill *);

/* Readable while there may be calls to be made: for the owner's poll(2). */
int rill_mailbox_descriptor(const struct rill_mailbox *);

/* Makes the calls that have come, and wakes those whose calls are done: before rill_transmit, and
 * again before the loop sleeps. Returns whether any had come, which may have left something to be
 * sent. */
bool rill_mailbox_deliver(struct rill_mailbox *);

/* Calls in it, and whatever comes later, fail with ESHUTDOWN. It is freed when the last thread has
 * detached itself. To be called before the stack is freed; NULL is harmless. */
void rill_mailbox_close(struct rill_mailbox *);

#ifdef __cplusplus
}
#endif

#endif
