/* Faults of hosts and links during the storm, and the attacker. */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "sim/trial.h"

/* Draws so many faults before the healing, and the healing itself. The trial must not move until
 * then. */
void faults_add(struct trial *, unsigned count);

/* Ends faults that do not end by themselves. */
void faults_heal(struct trial *);

#endif
