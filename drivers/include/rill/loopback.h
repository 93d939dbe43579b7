/* The loop of the built-in loopback port: what a stack sends to itself comes back. */
#ifndef RILL_LOOPBACK_H
#define RILL_LOOPBACK_H

#include <rill/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pulls up to RILL_BATCH_MAX frames from RILL_LOOPBACK_PORT, feeds each back at once and returns
 * how many there were. While there are more, rill_deadline is now. */
unsigned rill_loopback_turn(struct rill *, rill_time now);

#ifdef __cplusplus
}
#endif

#endif
