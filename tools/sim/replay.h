/* Repeats one seed with captures, to examine a failure. */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include "sim/scenario.h"

/* Runs the seed in its own process, prints what happens, writes a capture for each host into the
 * folder and draws the ladder of the last segments of the largest one. False: it has failed
 * (again). */
bool replay_run(const struct scenario *, uint64_t seed, const char *folder, bool verbose);

#endif
