/* The ends of records (MSG_EOR of sendmsg(2)): no segment of new data crosses the end of a record,
 * and a segment that ends there has PSH and does not wait for more data. TCP itself has no records:
 * the receiver only sees segments that begin at a record, which some receivers can use (Linux:
 * tcp_skb_can_collapse_to). A retransmission keeps these boundaries. */
#ifndef TCP_RECORD_H
#define TCP_RECORD_H

#include "tcp/core.h"

/* A record ends at snd.end. If more than RECORD_ENDS ends are queued, it is joined with the next
 * record. */
void record_end(struct tcp_conn *);

/* The first end beyond SND.NXT; RECORD_NONE: none. */
position record_next_end(struct tcp_conn *);

/* Does a queued record end at `to`? */
bool record_ends_at(const struct tcp_conn *, position to);

#define RECORD_NONE INT64_MAX

#endif
