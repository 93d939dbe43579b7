/* Explicit congestion notification (RFC 3168): negotiation, which packets are sent as ECN-capable,
 * and how marks are echoed. If accurate ECN (RFC 9768) was agreed on, accecn.h does this instead. A
 * congestion control with `exact_ecn` uses the echo of RFC 8257: ECN is requested whatever the
 * configuration says, every packet of the connection is ECN-capable (3.4), and the ECE of an ACK
 * says whether the acknowledged bytes arrived with a mark (3.2).
 *
 * For this the receiver's state, DCTCP.CE, changes when marks begin or end, and the bytes before a
 * change are acknowledged separately, by a segment without data or FIN: a host that has sent a FIN
 * from LAST_ACK assumes that it has nothing more to tell. Because output is pulled, several changes
 * may wait: `ce_edge` in the busy part holds their positions, and ecn_echo is the state after the
 * last of them:
 *
 *        rcv.acked       edge 0          edge 1            rcv.nxt
 *           |--- ECE -------|--- no ECE -----|--- ECE ---------|      two edges, ecn_echo
 */
#ifndef TCP_ECN_H
#define TCP_ECN_H

#include "tcp/segment.h"

/* The ECN flags of our SYN. A retransmitted SYN does not request ECN, because a middlebox may drop
 * the SYN for it. The first retransmission still requests accurate ECN (RFC 9768 3.1.4.1). */
uint16_t ecn_syn_flags(const struct tcp *, const struct tcp_conn *);

/* The same of our SYN-ACK; its connection exists already. */
uint16_t ecn_syn_ack_flags(struct tcp_conn *);

/* Does the peer's SYN request ECN and do we accept it, or does its SYN-ACK accept our request? */
bool ecn_agreed(const struct tcp *, const struct cc_ops *, uint16_t flags);

/* Would we accept ECN if a SYN requested it? */
bool ecn_accepts(const struct tcp *, const struct cc_ops *);

/* The low two bits of the TOS field of a segment with these flags. `fresh`: new text. */
uint8_t ecn_codepoint(const struct tcp_conn *, uint16_t flags, bool fresh);

/* An acceptable segment has arrived: takes its mark, and the peer's CWR. */
void ecn_take(struct tcp *, struct tcp_conn *, const struct segment *);

/* The next segment must acknowledge only the bytes before a change. */
bool ecn_acks_apart(const struct tcp_conn *);

/* The position that the next segment acknowledges, and its flags: ECE, or the ACE field. */
position ecn_ack(const struct tcp_conn *);
uint16_t ecn_flags(struct tcp_conn *);

/* That segment was sent. True: there is more to acknowledge in another one. */
bool ecn_acked(struct tcp_conn *);

#endif
