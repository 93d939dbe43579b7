/* Proportional rate reduction (RFC 6937, 9937): during recovery cwnd decreases to ssthresh in
 * proportion to the delivered data, and increases back to ssthresh if too much was lost. */
#ifndef TCP_PRR_H
#define TCP_PRR_H

#include "tcp/segment.h"

/* Recovery begins; ssthresh is set. */
void prr_start(struct tcp_conn *, const struct ack_sample *);

/* An ACK in recovery: sets cwnd to the flight allowed after it. */
void prr_take_ack(struct tcp_conn *, const struct ack_sample *);

/* So many bytes were sent. */
void prr_sent(struct tcp_conn *, uint32_t bytes);

#endif
