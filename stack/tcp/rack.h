/* RACK (RFC 8985 6): a segment is lost if one that was sent later has arrived, and the time for
 * which the network may have reordered the two is over. Names of the RFC's variables:
 *
 *     RACK.xmit_ts, RACK.end_seq  sent_at, end        RACK.fack                fack
 *     RACK.rtt                    rtt                 RACK.reo_wnd_mult        window_mult
 *     RACK.min_RTT                min_rtt             RACK.reo_wnd_persist     window_persist
 *     RACK.dsack_round            duplicate_round     RACK.reordering_seen     conn's reordering
 */
#ifndef TCP_RACK_H
#define TCP_RACK_H

#include "tcp/segment.h"

#define DUPLICATE_THRESHOLD 3 /* DupThresh: RFC 5681 3.2 */

/* Initializes the state; until there is a sample, SRTT is the minimum round trip. */
void rack_start(struct tcp_conn *);

/* Steps 2 and 3 for a record that has arrived. */
void rack_deliver(struct tcp_conn *, const struct flight_record *, struct ack_sample *);

/* Steps 1, 2 and the D-SACK part of step 4, after all records of the ACK. Fills in ack->min_rtt. */
void rack_take_ack(struct tcp_conn *, struct ack_sample *);

/* Step 5: marks lost records, and sets `wait` to the time of the next check. Returns bytes. */
uint32_t rack_find_losses(struct tcp *, struct tcp_conn *);

/* 6.3: the retransmission timer has expired. */
void rack_time_out(struct tcp *, struct tcp_conn *);

/* Checks that every record sent before an arrived one is lost or has a due time. */
void rack_check(const struct tcp_conn *);

/* A recovery from a real loss has ended: an enlarged window lasts for sixteen of them. */
void rack_recovered(struct tcp_conn *);

#endif
