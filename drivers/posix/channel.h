/* A Unix socket on which the processes that share a stack (sharing.h) send messages to its
 * monitor (monitor.h), some of them with a descriptor. */
#ifndef DRIVERS_POSIX_CHANNEL_H
#define DRIVERS_POSIX_CHANNEL_H

#include <stdbool.h>

/* With MESSAGE_FORKED comes the read end of the child's exit pipe; with MESSAGE_LENDS the
 * descriptor that rill is to adopt. */
struct message {
    enum { MESSAGE_FORKED, MESSAGE_CALLS, MESSAGE_LENDS, MESSAGE_RETURNS } what;
    int number; /* of a process, unused, of a slot, of the lent descriptor */
};

bool channel_open(void);
void channel_close(void);

/* After fork(2): the child only sends. */
void channel_in_child(void);

/* In the program that it executes, which has the sender. */
void channel_resume(int sender);

/* Its two ends; -1: it is closed. The sender's hangs up when the monitor's process has ended. */
int channel_receiver(void);
int channel_sender(void);

/* Sends the message with a copy of `fd`; -1: without. False with errno: ESHUTDOWN if nobody
 * receives any more. */
bool channel_send(struct message, int fd);

/* False: no message. *fd is -1 if it has no descriptor. */
bool channel_receive(struct message *, int *fd);

#endif
