/* What must happen around fork(2) once there is a stack (pthread_atfork). */
#ifndef DRIVERS_POSIX_FORK_H
#define DRIVERS_POSIX_FORK_H

#include <stdbool.h>

void fork_register(void);

/* For a child that is not made by fork(2), with the locks held: the stack is shared from now on, if
 * it was not. False: it cannot be. */
bool fork_begin_sharing(void);

#endif
