/* Explicit congestion notification (RFC 3168): negotiation, which packets are sent as ECN-capable,
 * and how marks are echoed. A congestion control with `exact_ecn` uses the echo of RFC 8257: ECN is
 * requested whatever the configuration says, every packet of the connection is ECN-capable (3.4),
 * and the ECE of an ACK says whether the acknowledged bytes arrived with a mark (3.2).
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

/* What our SYN says. One that got no answer goes again without asking: somebody on the way may
 * drop it for that. */
uint16_t ecn_syn_flags(const struct tcp *, const struct tcp_conn *);

/* Does the other side's SYN ask and do we want it, or its SYN-ACK agree and had we asked? */
bool ecn_agreed(const struct tcp *, const struct cc_ops *, uint16_t flags);

/* Would we agree where a SYN asks? */
bool ecn_accepts(const struct tcp *, const struct cc_ops *);

/* The low two bits of the TOS field of a segment with these flags. `fresh`: new text. */
uint8_t ecn_codepoint(const struct tcp_conn *, uint16_t flags, bool fresh);

/* An acceptable segment has come: what mark it bears, and whether the peer has reduced. */
void ecn_take(struct tcp *, struct tcp_conn *, const struct segment *);

/* The next segment acknowledges what came before a change. */
bool ecn_acks_apart(const struct tcp_conn *);

/* Up to where the next segment acknowledges, and whether with ECE. */
position ecn_ack(const struct tcp_conn *);
bool ecn_echoes(const struct tcp_conn *);

/* It has left. True: there is more to acknowledge, apart from that. */
bool ecn_acked(struct tcp_conn *);

#endif
