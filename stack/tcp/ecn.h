/* Explicit congestion notification (RFC 3168): who asks for it, what is marked as capable, and how
 * marks come back. A congestion control with `exact_ecn` speaks RFC 8257's: it is asked for
 * whatever the configuration says, everything of the connection is capable (3.4), and an ACK's ECE
 * says of each byte whether it came with a mark (3.2).
 *
 * For that the state of the receiver, DCTCP.CE, changes with each mark that comes or stays away,
 * and what came before a change is acknowledged apart, by a segment that says nothing else: who
 * has sent a FIN from LAST_ACK believes that it has told the peer all. As output is pulled, several
 * changes may wait: the busy part holds where, `ce_edge`, and ecn_echo is the state behind the last
 * of them:
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
