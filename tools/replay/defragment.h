/* Reassembles TCP segments that came in IP fragments, as a host does. */
#ifndef REPLAY_DEFRAGMENT_H
#define REPLAY_DEFRAGMENT_H

#include "recording/recording.h"

/* The packet that completes a TCP datagram becomes that datagram. The other fragments stay
 * unchanged: no conversation uses a fragment. */
void defragment(struct recording *);

#endif
