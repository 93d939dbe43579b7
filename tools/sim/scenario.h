/* The scenarios that rill-sim knows, and how one seed of one of them is run. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "sim/trial.h"

/* A scenario runs one seed and leaves in the trial what came of it. */
struct scenario {
    const char *name;
    const char *about;
    void (*run)(struct trial *);
};

const struct scenario *scenario_find(const char *name); /* NULL: there is none */
const struct scenario *scenario_at(unsigned i);         /* NULL: no more */

/* Runs the trial's seed from nothing to nothing. */
void scenario_run(const struct scenario *, struct trial *);

#endif
