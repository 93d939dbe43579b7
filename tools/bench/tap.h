/* A TAP for the bench's peers that are not rill: opened bare; whoever starts them brings it up. */
#ifndef BENCH_TAP_H
#define BENCH_TAP_H

#include <stdbool.h>

/* A descriptor that does not block; the interface goes with it. `offload`: each frame has a
 * virtio_net_hdr of 10 bytes in front, and superframes of TCP pass. Ends the program where it
 * fails. */
int bench_tap_open(const char *name, bool offload);

#endif
