/* Between flows and their applications. */
#ifndef SIMULATOR_FLOW_H
#define SIMULATOR_FLOW_H

#include "world.h"

/* Its connection, for the frames that will wake it. */
void end_remember(struct end *, uint16_t local_port);
void end_forget(struct end *);

/* Closes a socket of the current stack with an RST. */
void socket_abort(int fd);

void end_opened(struct end *);
void end_abort(struct end *);
/* Its socket is gone. */
void end_over(struct end *, int error);

#endif
