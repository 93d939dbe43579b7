/* SYN cookies (RFC 4987 3.6, as Linux makes them): when no SYN record is free for a listener, the
 * sequence number of its SYN-ACK encodes the record, and nothing is stored. The ACK that returns
 * the number creates a connection in SYN_RECEIVED, as the record would have, and the connection
 * processes that same segment.
 *
 *     cookie = H0(flow) + SEG.SEQ + (count << 24) + (proof mod 2^24)
 *     proof  = H1(flow, SEG.SEQ >> 20, count) + (data << 20)
 *     data   = timestamps << 3 | index of the MSS
 *
 * H0 and H1 are keyed hashes; count moves every 64 s and is good for two steps, so that a guess is
 * right once in 2^27. The peer's window scale, SACK and ECN ride in the low bits of the timestamp
 * of the SYN-ACK, which the peer echoes; a peer without timestamps gets none of the three.
 *
 * The price: the SYN-ACK is not retransmitted, the peer's MSS is rounded down to one of eight, and
 * if both the third ACK and the peer's first data are lost, the connection ends with a reset. There
 * is no reset if we have dropped the third ACK because the accept queue was full: the segments
 * after it have no cookie, and are silently dropped for as long as the cookie is valid. So a record
 * is better while one is free. A SYN that ends TIME_WAIT always gets a record: its ISN must lie
 * beyond the old connection (RFC 9293 MAY-2), which a cookie cannot guarantee. */
#ifndef TCP_COOKIE_H
#define TCP_COOKIE_H

#include "tcp/syn.h"

/* A SYN for this listener must be answered by a cookie instead of a record (tcp.syn_cookies). */
bool cookie_is_due(const struct tcp *, const struct tcp_listener *);

/* Sends the SYN-ACK; from now on the listener accepts cookies for a while. */
void cookie_answer(struct tcp *, struct tcp_listener *, const struct tcp_arrival *,
                   struct tcp_reply *);

/* An ACK for the listener may carry a cookie, because it has sent cookies recently. */
bool cookie_is_awaited(const struct tcp *, const struct tcp_listener *);

/* An ACK that may carry a cookie. If it is valid, *made is the new connection, which takes the
 * segment. */
enum rill_drop cookie_arrives(struct tcp *, struct tcp_listener *, const struct tcp_arrival *,
                              struct tcp_reply *, struct tcp_conn **made);

#endif
