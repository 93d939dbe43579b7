/* TCP whose segments came in IP fragments: what a host's reassembly makes of them. */
#ifndef REPLAY_DEFRAGMENT_H
#define REPLAY_DEFRAGMENT_H

#include "recording/recording.h"

/* The packet with which a datagram of TCP is whole becomes that datagram. The other fragments stay
 * as they are: no conversation takes a fragment. */
void defragment(struct recording *);

#endif
