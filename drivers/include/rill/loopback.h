/* The built-in loopback port: passes frames that a stack sends to itself back into it. */
#ifndef RILL_LOOPBACK_H
#define RILL_LOOPBACK_H

#include <rill/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pulls up to RILL_BATCH_MAX frames from RILL_LOOPBACK_PORT, passes each to rill_receive at once,
 * and returns how many there were. While there are more, rill_deadline is rill_now. */
unsigned rill_loopback_turn(struct rill *, rill_time now);

#ifdef __cplusplus
}
#endif

#endif
