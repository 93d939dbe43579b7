/* The listening sockets of a host: one for each port that a flow needs. */
#ifndef SIMULATOR_LISTENER_H
#define SIMULATOR_LISTENER_H

#include "world.h"

/* Makes the listener that the flow needs, if there is none. False with errno. */
bool listener_for(const struct rill_sim_flow_config *);

/* It accepts at its next turn, which is now. Without a listener on that port nothing happens. */
void listener_wake(struct rill_sim_node *, uint16_t port);

/* After a restart of the host. */
void listeners_reopen(struct rill_sim_node *);

#endif
