/* Between flows and their applications. */
#ifndef SIMULATOR_FLOW_H
#define SIMULATOR_FLOW_H

#include "world.h"

/* Its connection, for the frames that will wake it. */
void end_remember(struct end *, uint16_t local_port);
void end_forget(struct end *);

void end_opened(struct end *);
void end_abort(struct end *);
/* Its socket is gone. */
void end_over(struct end *, int error);

#endif
