/* The timestamp clock (RFC 7323 5.4), and what its ticks allow to conclude. */
#ifndef TCP_STAMP_H
#define TCP_STAMP_H

#include "base/bytes.h"
#include "tcp/cc.h"

#define STAMP_TICK RILL_MILLISECONDS(1)

/* The peer echoes a timestamp sent before `when`, within the resolution of the ticks: the ACK does
 * not answer a segment sent at that time (RFC 3522). */
static inline bool stamp_precedes(const struct ack_sample *ack, rill_time when)
{
    rill_time ticks = ack->now / STAMP_TICK - when / STAMP_TICK;
    return ack->echo_age > max_of(ticks * STAMP_TICK, 1);
}

#endif
