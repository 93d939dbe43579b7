/* The timestamp clock (RFC 7323 5.4), and what its ticks can tell. */
#ifndef TCP_STAMP_H
#define TCP_STAMP_H

#include "base/bytes.h"
#include "tcp/cc.h"

#define STAMP_TICK RILL_MILLISECONDS(1)

/* The peer echoes what was sent before `when`, as far as ticks can tell: the ACK does not answer
 * what was sent then (RFC 3522). */
static inline bool stamp_precedes(const struct ack_news *news, rill_time when)
{
    rill_time ticks = news->now / STAMP_TICK - when / STAMP_TICK;
    return news->echo_age > max_of(ticks * STAMP_TICK, 1);
}

#endif
