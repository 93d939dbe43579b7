/* The network of the mixed scenario: random hosts and links. */
#ifndef SIM_BUILD_H
#define SIM_BUILD_H

#include "sim/trial.h"

/* Draws hosts, switches and links, and starts the storm. */
void build_world(struct trial *);

/* Changes a link's conditions: to a storm, or to its calm state if everything is healed. */
void build_storm(struct trial *, unsigned link);
void build_calm(struct trial *, unsigned link);

/* Longest round trip and slowest rate (bits a second) after the healing. */
rill_time build_round_trip(const struct trial *);
uint64_t build_slowest(const struct trial *);

/* The longest RTO to which a stack of this trial may back off. */
#define BUILD_RTO_MAX RILL_SECONDS(60)

#endif
