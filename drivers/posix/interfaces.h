/* What a program asks about interfaces (interfaces.c): for ioctl(2) of one of rill's sockets. */
#ifndef DRIVERS_POSIX_INTERFACES_H
#define DRIVERS_POSIX_INTERFACES_H

#include <stdbool.h>

/* Is the request about interfaces? Only those that read. The second answers it. */
bool interfaces_answer(unsigned long request);
int interfaces_ask(unsigned long request, void *argument);

#endif
