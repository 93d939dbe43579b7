/* What the mixed scenario is played on: hosts and links, as chance wants them. */
#ifndef SIM_BUILD_H
#define SIM_BUILD_H

#include "sim/trial.h"

/* Draws hosts, switches and links, and begins the storm. */
void build_world(struct trial *);

/* A link's weather changes: to a storm, or to what it is when all is healed. */
void build_storm(struct trial *, unsigned link);
void build_calm(struct trial *, unsigned link);

/* Longest round trip and slowest rate (bits a second) of the calm. */
rill_time build_round_trip(const struct trial *);
uint64_t build_slowest(const struct trial *);

/* The longest RTO that a stack of this trial may back off to. */
#define BUILD_RTO_MAX RILL_SECONDS(60)

#endif
