/* SEGMENT ARRIVES, seventh and eighth: text and FIN (RFC 9293 3.10.7.4; RFC 2018, RFC 2883; RFC
 * 5681 4.2 for when to acknowledge). */
#ifndef TCP_TEXT_H
#define TCP_TEXT_H

#include "tcp/segment.h"

/* Copies the segment's text to its place in the receive ring, and moves RCV.NXT over all contiguous
 * data. Afterwards s->fin is true only if the peer's FIN is next in order. RILL_DROP_TCP_MEMORY:
 * nothing was taken. */
enum rill_drop text_take(struct tcp *, struct tcp_conn *, struct segment *);

/* The same for text on a SYN, limited to the window that our own SYN offers. False: there was none,
 * or no memory; it is not acknowledged, and the peer sends it again. */
bool text_take_with_syn(struct tcp *, struct tcp_conn *, const struct tcp_arrival *);

/* The FIN has moved RCV.NXT: what the peer has sent behind it is neither text nor another FIN. */
void text_forget_beyond(struct tcp *, struct tcp_conn *);

/* The peer's FIN has moved RCV.NXT, and the application may still send. */
void text_acknowledge_fin(struct tcp *, struct tcp_conn *);

/* Stores a range that has arrived again, for a D-SACK. */
void text_note_duplicate(struct tcp *, struct tcp_conn *, const struct segment *);

/* The length of the peer's full segments, as observed so far: bytes. */
uint32_t text_peer_mss(const struct tcp_conn *);

/* The right edge that would be offered now, without silly windows (RFC 9293 3.8.6.2.2). */
position text_window_edge(const struct tcp *, const struct tcp_conn *);

/* The application has read: is the free window worth a segment of its own? As in Linux, only if at
 * most half of the window was left, and it would double. */
bool text_window_update_due(const struct tcp *, const struct tcp_conn *);

#endif
