/* The recorded host's windows where rill's are narrower: of congestion, which no capture holds, and
 * what it had offered. */
#ifndef REPLAY_WINDOW_H
#define REPLAY_WINDOW_H

#include "replay/playing.h"

/* The recorded host had more in flight than the stack's congestion window allows: opens it by one
 * segment. False: something else holds the stack back. */
bool window_open(struct player *);

/* The stack has sent all of the peer's window but a piece that is less than a segment of its own,
 * which the recorded host, that had cut its text elsewhere, could fill. */
bool window_is_cut(struct player *);

/* What ends there may arrive: the recorded host had offered it. */
void window_offer(struct player *, position end);

#endif
