/* The mixed scenario, and its variants. From its seed a trial draws hosts, their links, the stacks'
 * configurations, flows and their applications, link conditions during the storm, faults and an
 * attacker. At a drawn time everything is healed: from then on every flow must end within a bound
 * that follows from what was drawn (mixed_bound), and every stack must finish all its work. */
#ifndef SIM_MIXED_H
#define SIM_MIXED_H

#include "sim/trial.h"

void mixed_run(struct trial *);
void mixed_run_rare(struct trial *);
void mixed_run_corners(struct trial *);
void mixed_run_long(struct trial *);

#endif
