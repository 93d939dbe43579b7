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

/* What arrived for the end since its connection has ended: a SYN cookie that returned may have made
 * another, which waits at the listener. */
void flow_wake_listener(const struct end *);

/* Must the flow wait until earlier ones from its port are over? If one of them was never accepted,
 * or did not end in order, its connection may still wait at the listener, or a copy of its first
 * segment may return a SYN cookie once more, and could not be told from this one's: then the port
 * becomes 0. */
bool flow_waits(const struct rill_sim_flow *, uint16_t *local_port);

#endif
