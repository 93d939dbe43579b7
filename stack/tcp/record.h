/* The ends of records (MSG_EOR of sendmsg(2)): no segment of new text reaches across one, and one
 * that ends there is pushed and does not wait for more. TCP itself knows no records: the receiver
 * sees segments that begin where a record does, which some receivers can make use of (Linux:
 * tcp_skb_can_collapse_to). What was cut so when it left stays so when it is repeated. */
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
