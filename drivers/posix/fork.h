/* What must happen around fork(2) once there is a stack (pthread_atfork). */
#ifndef DRIVERS_POSIX_FORK_H
#define DRIVERS_POSIX_FORK_H

void fork_register(void);

#endif
