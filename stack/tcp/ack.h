/* SEGMENT ARRIVES, fifth: the ACK field (RFC 9293 3.10.7.4; RFC 7323 4 for the round trip; RFC 5961
 * 5 for forgeries). */
#ifndef TCP_ACK_H
#define TCP_ACK_H

#include "tcp/segment.h"

/* Takes what the segment acknowledges and the window that it offers. RILL_DROP_NONE: go on with the
 * segment; else it is dropped (and an ACK becomes pending where the RFC wants one). */
enum rill_drop ack_take(struct tcp *, struct tcp_conn *, const struct segment *);

/* The time since the newest segment that this ACK covers was sent. Karn: no sample from a
 * retransmitted segment, unless the echoed timestamp identifies the transmission (RFC 7323 4.1). */
rill_time ack_measure(const struct tcp *, const struct tcp_conn *, const struct tcp_options *,
                      const struct flight_record *newest);

#endif
