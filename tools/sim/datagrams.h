/* Datagrams between the hosts, beside the flows: short ones, and long ones that are sent in
 * fragments. Each arrives whole and right, or not at all, and is answered. When everything is
 * healed, each host soon gets an answer. */
#ifndef SIM_DATAGRAMS_H
#define SIM_DATAGRAMS_H

#include "sim/trial.h"

/* From now on all hosts send and answer. */
void datagrams_begin(struct trial *);

/* A host has lost its socket. */
void datagrams_restart(struct trial *, const struct rill_sim_node *);

/* Waits until all is healed and each host has had an answer since then, or fails the trial. Then
 * all sockets are closed. */
void datagrams_end(struct trial *);

#endif
