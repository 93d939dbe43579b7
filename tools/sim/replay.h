/* One seed again, with captures: what to look at when it has failed. */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include "sim/scenario.h"

/* Runs the seed in a process of its own, says what happens, writes a capture for each host into the
 * folder and draws the ladder of the last segments of the one that has most to tell. False: it has
 * failed (again). */
bool replay_run(const struct scenario *, uint64_t seed, const char *folder, bool tells);

#endif
