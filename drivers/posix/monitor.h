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

#endif
