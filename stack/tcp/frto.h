/* F-RTO (RFC 5682): detects spurious time-outs. After the first retransmission the sender sends new
 * data instead of retransmitting the rest, and checks which data the ACKs of the second round
 * acknowledge. The basic algorithm (2.1) is a special case of the SACK-enhanced one (3.1). */
#ifndef TCP_FRTO_H
#define TCP_FRTO_H

#include "tcp/segment.h"

/* Step 1: a time-out. */
void frto_start(const struct tcp *, struct tcp_conn *);

/* Steps 2 and 3. True: the time-out was spurious. */
bool frto_take_ack(struct tcp_conn *, const struct ack_sample *);

/* Step 2b: new text is sent first, at most two segments: up to frto_limit (otherwise `limit`). */
bool frto_sends_new(const struct tcp_conn *);
position frto_limit(const struct tcp_conn *, position limit);

/* There is no new text, or no room for it: conventional recovery. */
void frto_give_up(struct tcp_conn *);

#endif
