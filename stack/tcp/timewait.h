/* TIME_WAIT (RFC 9293 3.6.1): 64 bytes that remember a connection for 2 MSL, in one queue in order
 * of expiry. */
#ifndef TCP_TIMEWAIT_H
#define TCP_TIMEWAIT_H

#include "tcp/core.h"

struct tcp_time_wait {
    struct head head;
    seq32 snd_nxt, rcv_nxt;
    uint32_t ts_recent; /* 0: the connection had no timestamps */
    uint32_t expires;   /* ms of the stack's clock, modulo 2^32 */
};

_Static_assert(sizeof(struct tcp_time_wait) <= 64, "the memory budget is part of the design");

/* Enters TIME_WAIT for 2 MSL (MUST-13): a record replaces the connection in the flow table. The
 * connection is dead from then on: freed if it is an orphan, else its owner can read the remaining
 * data. `last_ack` acknowledges the peer's FIN (NULL: done already). */
void timewait_enter(struct tcp *, struct tcp_conn *, enum rill_reason, struct tcp_reply *last_ack);

/* SEGMENT ARRIVES in TIME_WAIT. A SYN that is newer than the old connection (RFC 6191, MAY-2) ends
 * the record. Then the listener gets the segment, and *reopened is the old SND.NXT, beyond which
 * the new ISN must lie. */
enum rill_drop timewait_arrives(struct tcp *, struct head *, const struct tcp_arrival *,
                                struct tcp_reply *, seq32 *reopened);

void timewait_expire(struct tcp *);
rill_time timewait_deadline(const struct tcp *);

#endif
