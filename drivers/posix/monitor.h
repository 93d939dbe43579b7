/* The monitor: a thread of the process that has the stack, for the processes that share the
 * stack. It serves their messages; and when a child ends, or executes another program, it closes
 * what only that child had names for. */
#ifndef DRIVERS_POSIX_MONITOR_H
#define DRIVERS_POSIX_MONITOR_H

#include <stdbool.h>

/* Called before fork(2), when the stack is shared: starts the monitor if there is none. False:
 * there is none. */
bool monitor_start(void);

/* The least of its descriptors from `from` on; INT_MAX: none. */
int monitor_kept(int from);

/* After fork(2) in the child, which has none. */
void monitor_in_child(void);

/* While it is locked it does nothing. */
void monitor_lock(void);
void monitor_unlock(void);

/* In a child that takes the stack over for the others (keeper.h): it is to start one that goes on
 * with them. The second closes what only the parent had names for; call it as the stack's owner. */
void monitor_in_keeper(void);
void monitor_reap_owner(void);

#endif
