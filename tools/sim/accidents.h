/* What happens to hosts and links while it storms, and the attacker. */
#ifndef SIM_ACCIDENTS_H
#define SIM_ACCIDENTS_H

#include "sim/trial.h"

/* Draws so many accidents before the healing, and the healing itself. The trial stays where it is
 * until then. */
void accidents_add(struct trial *, unsigned count);

/* What has no end of its own ends. */
void accidents_heal(struct trial *);

#endif
