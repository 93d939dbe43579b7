/* Metrics that one connection leaves for the next with the same destination (RFC 9040, temporal
 * sharing): the round trip, the slow-start threshold, the path MTU. They expire within an hour, as
 * in Linux (net/ipv4/tcp_metrics.c), and tcp.metrics turns this off. cwnd is not kept, because it
 * says nothing about the path a moment later. */
#ifndef TCP_SHARE_H
#define TCP_SHARE_H

#include "tcp/core.h"

/* What is known of the connection's destination; NULL: nothing. */
const struct metrics_shared *share_find(struct tcp *, const struct tcp_conn *);

/* The same, for writing; NULL: off, or no memory. */
struct metrics_shared *share_for(struct tcp *, const struct tcp_conn *);

/* The handshake is complete, and its round trip was measured if possible. */
void share_start(struct tcp *, struct tcp_conn *);

/* Both sides have closed normally. */
void share_end(struct tcp *, const struct tcp_conn *);

#endif
