/* Which of several stacks that share an address gets a frame, by base/steer's rule applied to the
 * frame's contents. */
#ifndef NET_STEERING_H
#define NET_STEERING_H

#include "base/steer.h"
#include "wire/ip4.h"

/* The core of a complete datagram; an ICMP error goes to the core of the flow that it quotes. */
unsigned steering_datagram(const struct steer *, const struct ip4 *, struct rill_span payload);

/* The same for a frame; or RILL_CORE_ALL. Our own core gets unusable frames, to count them. */
int steering_frame(const struct steer *, struct rill_span frame);

#endif
