/* Plays a script from its first event to its last. */
#ifndef SCRIPT_PLAY_H
#define SCRIPT_PLAY_H

#include "script/run.h"

/* Plays a parsed script and fills in the outcome, which must be a pass on entry. */
void script_play(struct run *, const struct script *);

#endif
