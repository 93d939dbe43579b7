/* The interface of applications to flows. */
#ifndef SIMULATOR_APP_H
#define SIMULATOR_APP_H

#include "world.h"

/* Closes a socket of the current stack with an RST. */
void socket_abort(int fd);

void end_opened(struct end *);
void end_abort(struct end *);
/* The end has no socket any more. */
void end_over(struct end *, int error);

#endif
