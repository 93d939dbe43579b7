/* Imitates packets as a card, or a kernel on the same machine, passes them to a host (--offload).
 */
#ifndef REPLAY_OFFLOAD_H
#define REPLAY_OFFLOAD_H

#include <rill/frame.h>

/* If the frame has TCP or UDP with a good checksum, reduces it to the pseudo-header's part, as if
 * the packet had never been on a wire. Leaves everything else. */
void offload_sum(struct rill_frame *);

#endif
