/* Pacing: data leaves at a rate, one millisecond's worth at a time, instead of all that cwnd allows
 * at once. RFC 9002 7.7 gives the reasons. As in Linux without a pacing queue, data is paced if the
 * congestion control has a rate, if SO_MAX_PACING_RATE is set, or if `tcp.pacing` is set. The first
 * ten segments, probes (loss and window) and segments without data are not paced.
 *
 * The busy part holds the time at which the next data may leave, and the rest of the burst that may
 * leave before it. While data waits for that time (`waits`), a timer runs; it only makes output run
 * again, and output checks the time. */
#ifndef TCP_PACE_H
#define TCP_PACE_H

#include "tcp/core.h"

/* Bytes a second: what the congestion control says, else what cwnd and the round trip make, at most
 * what SO_MAX_PACING_RATE allows. UINT64_MAX: no bound is known. Whether anything waits for it is
 * another matter. */
uint64_t pace_rate(const struct tcp_conn *);

/* Bytes that leave together: a millisecond of the rate, but `burst_segments` at least. */
uint32_t pace_burst(const struct tcp *, const struct tcp_conn *);

bool pace_is_on(const struct tcp *, const struct tcp_conn *);

/* True: there is text (new or lost) whose time has not come. */
bool pace_holds(const struct tcp *, struct tcp_conn *);

/* So many bytes of text have left. */
void pace_sent(const struct tcp *, struct tcp_conn *, uint32_t bytes);

/* When text that waits may leave; RILL_NEVER: none does. */
static inline rill_time pace_deadline(const struct tcp_conn *c)
{
    return c->busy && c->busy->pace.waits ? c->busy->pace.at : RILL_NEVER;
}

#endif
