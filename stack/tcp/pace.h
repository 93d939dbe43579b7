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

/* Bytes a second: the rate of the congestion control, or else of cwnd and the round trip, limited
 * by SO_MAX_PACING_RATE. UINT64_MAX: no limit is known. pace_is_on tells whether the rate is
 * applied. */
uint64_t pace_rate(const struct tcp_conn *);

/* The bytes of one burst: a millisecond of the rate, but at least `burst_segments` segments, or one
 * if a `rate_based` plug-in is slow. */
uint32_t pace_burst(const struct tcp *, const struct tcp_conn *);

bool pace_is_on(const struct tcp *, const struct tcp_conn *);

/* True: text (new or lost) waits for its time. */
bool pace_holds(const struct tcp *, struct tcp_conn *);

/* The time for the waiting text has come. If the timer is late, because the processor was busy,
 * what could have left meanwhile leaves now, up to ten segments: the bucket of RFC 9002 7.7. */
void pace_expired(const struct tcp *, struct tcp_conn *);

/* So many bytes of text were sent. */
void pace_sent(const struct tcp *, struct tcp_conn *, uint32_t bytes);

/* When waiting text may be sent; RILL_NEVER: none waits. */
static inline rill_time pace_deadline(const struct tcp_conn *c)
{
    return c->busy && c->busy->pace.waits ? c->busy->pace.at : RILL_NEVER;
}

#endif
