/* The scenarios of rill-sim, and how to run one seed of one of them. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "sim/trial.h"

/* A scenario runs one seed and stores the results in the trial. */
struct scenario {
    const char *name;
    const char *about;
    void (*run)(struct trial *);
};

const struct scenario *scenario_find(const char *name); /* NULL: there is none */
const struct scenario *scenario_at(unsigned i);         /* NULL: no more */

/* Runs the trial's seed, and frees everything. */
void scenario_run(const struct scenario *, struct trial *);

#endif
