/* Widens rill's windows where the recorded host's were larger: the congestion window, which no
 * capture shows, and the offered window. */
#ifndef REPLAY_WINDOW_H
#define REPLAY_WINDOW_H

#include "replay/playing.h"

/* The recorded host had more in flight than the stack's congestion window allows: opens it by one
 * segment. False: something else limits the stack. */
bool window_open(struct player *);

/* Has the stack filled the peer's window except a piece smaller than its next segment? The recorded
 * host, which cut its text elsewhere, could fill it. */
bool window_is_cut(struct player *);

/* Text up to `end` may arrive: the recorded host had offered it. */
void window_offer(struct player *, position end);

#endif
