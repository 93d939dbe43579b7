/* What arrives at the peer, and how fast: the total, round trips counted in delivered data, and
 * samples of the delivery rate (draft-cheng-iccrg-delivery-rate-estimation).
 *
 * Each record that leaves remembers how far delivery had come; when it arrives, what was delivered
 * since then, over the longer of the time that sending it all took and the time that its
 * acknowledgements took, is the rate. */
#ifndef TCP_DELIVERY_H
#define TCP_DELIVERY_H

#include "tcp/segment.h"

/* `count` records from `index` on were sent together, for the first time or again. */
void delivery_sent(struct tcp *, struct tcp_conn *, uint32_t index, uint32_t count);

/* An ACK or a SACK block reports for the first time that the record has arrived: notes it in the
 * sample and for RACK. To be called before its marks change. */
void delivery_take(struct tcp_conn *, uint32_t index, struct ack_sample *);

/* All reports of this ACK were taken: completes the sample (total, rate, round_began). */
void delivery_conclude(struct tcp_conn *, struct ack_sample *);

/* Output has nothing more to send: notes whether the application limits the rate. */
void delivery_check_app_limited(struct tcp_conn *);

/* Bytes a second: the newest rate that the application did not limit; 0: none is known. */
uint64_t delivery_rate(const struct tcp_conn *);

#endif
