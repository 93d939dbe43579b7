/* The processes that use one stack: the one that has it, and its descendants by fork(2). They share
 * memory that was mapped before the first of them was born:
 *
 *     users      of each descriptor of rill's: how many of the processes have a name for it
 *     relative   a process: the descriptors that it has names for
 *     seat       a thread of a child: its letter to the mailbox, and room for a copy of its call
 *
 * Each child holds one end of a pipe, its lifeline. The other end is watched by the attendant, a
 * thread of the process that has the stack: when the child ends, or executes another program, the
 * attendant closes what only that child had names for. */
#ifndef DRIVERS_POSIX_FAMILY_H
#define DRIVERS_POSIX_FAMILY_H

#include <stdbool.h>

struct rill_mailbox;

/* Does this process use another process's stack? */
bool family_is_child(void);

/* Around fork(2). The first creates the family if there is none: `each` calls family_hold for
 * everything that this process has names for. Without memory, or descriptors, the child gets no
 * part in it. */
void family_before_fork(void (*each)(void));
void family_in_parent(void);
void family_in_child(void);

/* From now on only this process uses the stack: a new family begins with its first child. */
void family_forget(void);

/* Lets the calling thread, of a child, make calls. 0, or -1 with errno. */
int family_attach(struct rill_mailbox *);

/* Called when this process has got its first name for rill's descriptor; or has lost its last one:
 * true, if no other process has a name for it. */
void family_hold(int rills);
bool family_leave(int rills);

/* For a child: rill adopts the host's descriptor that this process has as `fd`. Returns rill's
 * number, or -1 with errno. The second closes it again. */
int family_adopt(int fd);
void family_disown(int rills);

#endif
