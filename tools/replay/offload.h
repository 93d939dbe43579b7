/* What a card, or a kernel on the same machine, leaves to the host behind it (--offload). */
#ifndef REPLAY_OFFLOAD_H
#define REPLAY_OFFLOAD_H

#include <rill/frame.h>

/* Where the frame holds TCP or UDP with a good checksum, the pseudo-header's part alone stays
 * there, as if the packet had never been on a wire. Everything else is left as it is. */
void offload_sum(struct rill_frame *);

#endif
