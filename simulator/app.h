/* What flows know of their applications. */
#ifndef SIMULATOR_APP_H
#define SIMULATOR_APP_H

#include "world.h"

/* Closes a socket of the current stack with an RST. */
void socket_abort(int fd);

void end_opened(struct end *);
void end_abort(struct end *);
/* Its socket is gone. */
void end_over(struct end *, int error);

#endif
