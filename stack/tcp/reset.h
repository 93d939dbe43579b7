/* Answers that belong to no connection (RFC 9293 3.10.7.1), as values for net to send, and the
 * budget of challenge ACKs (RFC 5961 7). */
#ifndef TCP_RESET_H
#define TCP_RESET_H

#include "tcp/segment.h"

/* The RST for a segment without a connection, or one that a connection refuses. An RST, or a
 * segment sent to a group, gets none. */
void reset_reply(struct tcp *, const struct tcp_arrival *, struct tcp_reply *);

/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> of a record that is not a connection; with the flow's
 * timestamps if ts_recent is not 0. */
void reset_acknowledge(const struct tcp *, const struct flow *, seq32 seq, seq32 ack,
                       uint32_t ts_recent, struct tcp_reply *);

/* Whether an empty segment of the flow that is not acceptable may be answered now; if so, this is
 * counted. Each flow gets two answers per second, challenge ACKs included, so that two confused
 * ends cannot keep each other busy. */
bool reset_may_answer(struct tcp *, const struct flow *);

/* RFC 5961 7: the same for a challenge ACK. All flows together also have a budget, drawn again each
 * second around its limit: an attacker cannot learn about other flows from its own
 * (CVE-2016-5696). */
bool reset_may_challenge(struct tcp *, const struct flow *);

/* The same for a connection, whose challenge ACK is then pending. */
void conn_challenge(struct tcp *, struct tcp_conn *);

#endif
