/* The table of sockets: which socket a frame belongs to. */
#ifndef SIMULATOR_SOCKETS_H
#define SIMULATOR_SOCKETS_H

#include "world.h"

/* A connection's key at its host. */
struct end_key {
    const struct rill_sim_node *node;
    uint32_t remote;
    uint16_t local_port, remote_port;
};

/* Adds an application's connection with that port of its host. */
void end_remember(struct end *, uint16_t local_port);
void end_forget(struct end *);
struct end *end_find(struct rill_sim *, const struct end_key *); /* NULL: no application's */

#endif
