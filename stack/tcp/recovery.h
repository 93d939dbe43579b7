/* Loss found and repaired (RFC 5681, RFC 6582 without SACK, RFC 6675 with it, RFC 6298 for
 * time-outs). Finding only marks records lost; output sends them again when the congestion window
 * has room. */
#ifndef TCP_RECOVERY_H
#define TCP_RECOVERY_H

#include "tcp/segment.h"

/* Marks what the segment's SACK blocks say has arrived. Adds to news->sacked. */
void recovery_take_sack(struct tcp_conn *, const struct segment *, struct ack_news *);

/* Draws the conclusions of one acknowledgement: what is lost, whether recovery begins or ends, how
 * cwnd moves. */
void recovery_take_ack(struct tcp *, struct tcp_conn *, struct ack_news *);

/* RFC 6298 5.4 to 5.7: the retransmission timer has run out. */
void recovery_time_out(struct tcp *, struct tcp_conn *);

#endif
