/* The mixed scenario. From its seed a trial draws some hosts, how they are connected, how their
 * stacks are set, who talks to whom and how, what the links are like while it storms, which
 * accidents happen and what an attacker tries. At a drawn time all is healed: from there on every
 * flow must come to its end within a bound that follows from what was drawn (mixed_bound), and
 * every stack must run out of things to wait for. */
#ifndef SIM_MIXED_H
#define SIM_MIXED_H

#include "sim/trial.h"

void mixed_run(struct trial *);
void mixed_run_long(struct trial *);

#endif
