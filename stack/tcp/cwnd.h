/* Whether cwnd is used. Only a window that was filled may grow: the acknowledgements of an
 * application that sends little say nothing about the path (RFC 5681 3.1 leaves it open, RFC 7661
 * discusses it; Linux: tcp_cwnd_validate and tcp_is_cwnd_limited).
 *
 * For each window of data the busy part keeps the most bytes that were in flight
 * (`cwnd_usage_max`), from its beginning until all of it is acknowledged (`cwnd_usage_end`). */
#ifndef TCP_CWND_H
#define TCP_CWND_H

#include "tcp/core.h"

/* The estimate of the bytes in the network: conn_in_flight, but without SACK each duplicate ACK is
 * a segment that has left it. */
uint32_t cwnd_in_flight(const struct tcp_conn *);

/* Bytes that may be sent now without exceeding cwnd. */
uint32_t cwnd_allowance(const struct tcp_conn *);

/* New text is about to be sent, and nothing is in flight. */
void cwnd_resumed(struct tcp *, struct tcp_conn *);

/* Nothing was in flight for one RTO. */
void cwnd_idle(const struct tcp *, struct tcp_conn *);

/* New text was sent. */
void cwnd_sent(const struct tcp *, struct tcp_conn *);

/* Text waits, and only cwnd holds it back. */
void cwnd_limits(struct tcp_conn *);

/* May cwnd grow? In slow start also while it is less than twice the flight. */
bool cwnd_may_grow(const struct tcp_conn *);

/* Bytes by which one ACK may grow cwnd in the first slow start: RFC 9406 4.3, L. */
uint32_t cwnd_growth_max(const struct tcp *, const struct tcp_conn *);

#endif
