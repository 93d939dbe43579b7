/* What must happen around fork(2) once there is a stack (pthread_atfork). */
#ifndef DRIVERS_POSIX_FORK_H
#define DRIVERS_POSIX_FORK_H

#include <stdbool.h>

void fork_register(void);

/* The locks. Meanwhile another process may get a part in the stack, which is shared from now on and
 * has a monitor; false: it may not. */
bool fork_lock(void);
void fork_unlock(void);

#endif
