/* Accidents of hosts and links during the storm, and the attacker. */
#ifndef SIM_ACCIDENTS_H
#define SIM_ACCIDENTS_H

#include "sim/trial.h"

/* Draws so many accidents before the healing, and the healing itself. The trial must not move until
 * then. */
void accidents_add(struct trial *, unsigned count);

/* Ends accidents that do not end by themselves. */
void accidents_heal(struct trial *);

#endif
