/* How an application's connection begins and ends. */
#ifndef SIMULATOR_END_H
#define SIMULATOR_END_H

#include "world.h"

static inline struct rill_sim_node *end_node(const struct end *e)
{
    return e->flow->config.node[e->index];
}

/* Closes a socket of the current stack with an RST. */
void socket_abort(int fd);

void end_opened(struct end *);
void end_close(struct end *, int error);
void end_abort(struct end *);

/* The end has no socket any more. What arrived for it since its connection has ended may be for the
 * listener: a SYN cookie that returned may have made another connection. */
void end_over(struct end *, int error);

#endif
