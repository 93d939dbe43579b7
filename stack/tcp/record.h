/* The ends of records (MSG_EOR of sendmsg(2)): no segment of new data crosses the end of a record,
 * and a segment that ends there has PSH and does not wait for more data. TCP itself has no records:
 * the receiver only sees segments that begin at a record, which some receivers can use (Linux:
 * tcp_skb_can_collapse_to). A retransmission keeps these boundaries. */
#ifndef TCP_RECORD_H
#define TCP_RECORD_H

#include "tcp/core.h"

/* A record ends at snd.end. Beyond RECORD_ENDS of them in the queue, it and the next run together.
 */
void record_end(struct tcp_conn *);

/* The first end beyond SND.NXT; RECORD_NONE where none is. */
position record_next_end(struct tcp_conn *);

/* Does one of those that wait end at `to`? */
bool record_ends_at(const struct tcp_conn *, position to);

#define RECORD_NONE INT64_MAX

#endif
