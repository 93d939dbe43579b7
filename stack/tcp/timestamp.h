/* The timestamp clock (RFC 7323 5.4), and what its ticks allow to conclude. */
#ifndef TCP_TIMESTAMP_H
#define TCP_TIMESTAMP_H

#include "base/bytes.h"
#include "tcp/cc.h"

#define TIMESTAMP_TICK RILL_MILLISECONDS(1)

/* The peer echoes a timestamp sent before `when`, within the resolution of the ticks: the ACK does
 * not answer a segment sent at that time (RFC 3522). */
static inline bool timestamp_precedes(const struct ack_sample *ack, rill_time when)
{
    rill_time ticks = ack->now / TIMESTAMP_TICK - when / TIMESTAMP_TICK;
    return ack->echo_age > max_of(ticks * TIMESTAMP_TICK, 1);
}

#endif
