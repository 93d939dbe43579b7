/* The recorded host's congestion window, which no capture holds. */
#ifndef REPLAY_WINDOW_H
#define REPLAY_WINDOW_H

#include "replay/playing.h"

/* The recorded host had more in flight than the stack's congestion window allows: opens it by one
 * segment. False: something else holds the stack back. */
bool window_open(struct player *);

#endif
