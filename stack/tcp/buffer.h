/* The sizes of a connection's two buffers, in bytes of payload (overhead does not count). A size
 * that the application has set (SO_SNDBUF, SO_RCVBUF) is kept. Otherwise the send buffer follows
 * cwnd, and the receive buffer follows what the application reads (tuning.c); both stay within the
 * configuration's limits, and neither grows while memory is scarce. A buffer is a limit, not
 * memory: a ring is only as large as the data in it.
 *
 * A peer could occupy all memory with many connections, by data that waits for its window, for a
 * reader or for a missing segment. So the budget has a ladder:
 *
 *     above 5/8    buffers do not grow, and a window has room for four segments
 *     above 6/8    every send buffer is one smallest ring; in-order data is kept only up to four
 *                  segments, whatever was offered; out-of-order data is dropped; no more than
 *                  eight segments are in flight, unless records for more are there
 *     above 7/8    in-order data is kept up to one segment; connections whose peers take nothing
 *                  end sooner: expire.c
 *     above 15/16  memory is for rings only: a connection that exists can be served
 *
 * The last quarter holds the records and the smallest rings of more than ten thousand connections
 * by default: new ones are served, and those that take and read what they get.
 *
 * Connections that receive much at the same time share the offered windows. One receive_buffer_max
 * fills a path, and two of them fill the paths of all. A larger offer would wait in the network's
 * queues and lengthen round trips, so that windows would grow further, until the queues or the
 * memory are full. So each such connection offers its share, but at least the initial buffer. If
 * others begin, a share shrinks by offering nothing new for a while; if others end, it grows.
 */
#ifndef TCP_BUFFER_H
#define TCP_BUFFER_H

#include "tcp/core.h"

/* Their present sizes. */
uint32_t tcp_send_buffer(const struct tcp *, const struct tcp_conn *);
uint32_t tcp_receive_buffer(const struct tcp *, const struct tcp_conn *);

/* What the application has set. */
const struct tcp_buffers *conn_buffers(const struct tcp_conn *);

/* TCP_NOTSENT_LOWAT, in bytes: the application's, or the configuration's. 0: none. */
uint32_t buffer_unsent_mark(const struct tcp *, const struct tcp_conn *);

/* The most the receive window may ever become: the window scale follows from it (RFC 7323 2.3). */
uint32_t buffer_receive_max(const struct tcp *, const struct tcp_buffers *);

/* The window of a SYN, which is never scaled (RFC 7323 2.2). */
uint16_t buffer_first_window(const struct tcp *, const struct tcp_buffers *);

/* The largest window that may be offered now for its receive buffer, if nothing were held there. */
uint32_t buffer_window_max(const struct tcp *, const struct tcp_conn *, uint32_t buffer);

/* One more connection receives much, or (-1) one less; 0: recomputes, at the beginning. */
void buffer_count_receivers(struct tcp *, int change);

/* May text that has arrived in order be kept up to `to`? Refused text is treated as lost; the peer
 * retransmits it. */
bool buffer_may_hold(const struct tcp *, const struct tcp_conn *, position to);

/* Memory is tight: buffers must not grow. */
bool buffer_must_not_grow(const struct tcp *);

/* Little is left: nothing is kept out of order, and no more than the fewest segments are in flight,
 * because each has a record, however short it is. */
bool buffer_is_scarce(const struct tcp *);

/* Hardly any is left: connections that only hold it should end. */
bool buffer_is_very_scarce(const struct tcp *);

#endif
