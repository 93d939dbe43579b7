/* A signalfd(2) tells of the signals of the process that asks, so the stack's process cannot watch
 * one for a child: a thread of the child watches it, and makes an eventfd(2) readable meanwhile. */
#ifndef DRIVERS_POSIX_RELAY_H
#define DRIVERS_POSIX_RELAY_H

/* What the stack's process is to watch in place of `fd`: `fd` itself if it is not a signalfd, else
 * an eventfd until relay_end; -1 with errno. */
int relay_begin(int fd);
void relay_end(int fd);

/* `fd` has been read. */
void relay_read(int fd);

/* After fork(2) in the child, which has no such thread. */
void relay_in_child(void);

#endif
