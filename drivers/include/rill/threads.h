/* Threads: any number of threads can use the sockets of one stack, which belongs to one thread, its
 * owner. After a thread has attached itself, its calls of <rill/socket.h> go into the owner's
 * mailbox; the owner makes them in its loop, and the thread sleeps until they are done. So the
 * stack needs no lock, and two threads never access its data.
 *
 *     owner:   mailbox = rill_host_mailbox(host) ... pthread_create ... rill_host_run(host)
 *     thread:  rill_thread_attach(mailbox); rill_socket, rill_connect, rill_send ...
 *
 * Calls block, time out and fail as in the owner, errno included; descriptors are the same numbers
 * in all threads. While the thread sleeps, the owner reads and writes the memory to which the
 * arguments point. Only the owner may call other functions (rill_now, rill_counters, all that take
 * a struct rill). If a thread is cancelled (pthread_cancel) during a call, it ends after the call.
 * The signal masks of ppoll, pselect and epoll_pwait have no effect here, because the owner waits,
 * not the thread. */
#ifndef RILL_THREADS_H
#define RILL_THREADS_H

#include <rill/call.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_mailbox;

/* From now on the mailbox's owner makes this thread's calls, whatever its current stack was before.
 * rill_thread_detach, or the thread's end, undoes this. 0, or -1 with errno: ENOMEM; EBUSY: it is
 * already attached; EDEADLK: it is the owner, which needs no mailbox; ESHUTDOWN: the mailbox is
 * closed. A closed mailbox exists only while a thread is attached, so a thread that creates others
 * must stay attached until they have attached themselves. */
int rill_thread_attach(struct rill_mailbox *);

/* The thread then has no current stack. The same holds in the destructors of other keys
 * (pthread_key_create) when a thread ends. No effect in a thread that is not attached. */
void rill_thread_detach(void);

/* ---- For your own loops: rill_host already does all this ---- */

/* Creates a mailbox whose owner is the caller. NULL with errno. */
struct rill_mailbox *rill_mailbox_new(struct rill *);

/* A descriptor for the owner's poll(2): readable while calls may be waiting. */
int rill_mailbox_descriptor(const struct rill_mailbox *);

/* Makes the calls that have arrived, and wakes the threads whose calls are done. Call it before
 * rill_transmit, and again before the loop sleeps. Returns whether any call had arrived: there may
 * then be something to send. */
bool rill_mailbox_deliver(struct rill_mailbox *);

/* Closes the mailbox: calls in it and later calls fail with ESHUTDOWN. It is freed when the last
 * thread has detached itself. Call it before the stack is freed; NULL is harmless. */
void rill_mailbox_close(struct rill_mailbox *);

#ifdef __cplusplus
}
#endif

#endif
