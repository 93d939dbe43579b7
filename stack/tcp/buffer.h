/* How large a connection's two buffers are, in bytes of text (what a stream costs beyond its text
 * does not count). What the application has fixed (SO_SNDBUF, SO_RCVBUF) stands. Else the send
 * buffer follows cwnd, and the receive buffer what tuning.c finds the application to read; both
 * between the two bounds of the configuration, and neither grows while memory is scarce. The last
 * eighth of the budget is for those who have nothing, or little, to be sent: every send buffer is
 * one smallest ring then, what arrives finds the room of a scarce window, whatever had been
 * offered, and what arrives too early none: or who lets text wait in enough connections, for a
 * reader or for what lies before it, had all memory. A buffer is a bound, not memory: rings are as
 * large as what lies in them.
 *
 * Many that receive much at once share what they offer. A receive_buffer_max is there to fill a
 * path, and two of them fill the paths of all: what is offered beyond that waits in queues, and
 * makes round trips longer, which lets windows grow on, until the queue is full, or the memory. So
 * each is worth its share of them, and not less than what a connection begins with; it shrinks
 * where others begin, by offering nothing new for a while, and grows where they end.
 */
#ifndef TCP_BUFFER_H
#define TCP_BUFFER_H

#include "tcp/core.h"

/* As they are now. */
uint32_t tcp_send_buffer(const struct tcp *, const struct tcp_conn *);
uint32_t tcp_receive_buffer(const struct tcp *, const struct tcp_conn *);

/* What the application has said about them. */
const struct tcp_buffers *conn_buffers(const struct tcp_conn *);

/* The most the receive window may ever become: the window scale follows from it (RFC 7323 2.3). */
uint32_t buffer_receive_most(const struct tcp *, const struct tcp_buffers *);

/* What a SYN promises: its window is never scaled (RFC 7323 2.2). */
uint16_t buffer_first_window(const struct tcp *, const struct tcp_buffers *);

/* The largest window that may be offered now for its receive buffer, if nothing were held there. */
uint32_t buffer_window_most(const struct tcp *, const struct tcp_conn *, uint32_t buffer);

/* One more receives much, or (-1) one less; 0: at the beginning. */
void buffer_count_receivers(struct tcp *, int change);

/* Text that has arrived may be kept: in order up to there, and too early. What may not is as if it
 * had been lost, and comes again. */
bool buffer_may_hold(const struct tcp *, const struct tcp_conn *, position to);
bool buffer_may_hold_early(const struct tcp *);

/* Growing is forbidden: the stack's memory runs short. */
bool buffer_must_not_grow(const struct tcp *);

#endif
