/* Datagrams between the hosts, beside the flows: short ones, and long ones that are sent in
 * fragments. Each arrives whole and right, or not at all, and is answered. When everything is
 * healed, each host soon gets an answer. */
#ifndef SIM_LETTERS_H
#define SIM_LETTERS_H

#include "sim/trial.h"

/* From now on all hosts send and answer. */
void letters_begin(struct trial *);

/* A host has lost its socket. */
void letters_restart(struct trial *, const struct rill_sim_node *);

/* Waits until all is healed and each host has had an answer since then, or fails the trial. Then
 * all sockets are closed. */
void letters_end(struct trial *);

#endif
