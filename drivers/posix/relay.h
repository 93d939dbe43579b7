/* A signalfd(2) tells of the signals of the process that asks, so the stack's process cannot watch
 * one for a child: a thread of the child watches it, and makes an eventfd(2) readable meanwhile. */
#ifndef DRIVERS_POSIX_RELAY_H
#define DRIVERS_POSIX_RELAY_H

/* What the stack's process is to watch in place of `fd`: `fd` itself if it is not a signalfd, else
 * an eventfd until relay_end; -1 with errno: EEXIST, there is one for it already. */
int relay_begin(int fd);
void relay_end(int fd);

/* The least from `from` on of the eventfds; INT_MAX: none. */
int relay_kept(int from);

/* `fd` has been read. */
void relay_read(int fd);

/* Around fork(2): nothing changes between the first two; the third is for the child, which has no
 * such threads. */
void relay_lock(void);
void relay_unlock(void);
void relay_in_child(void);

#endif
