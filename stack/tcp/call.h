/* The user calls of RFC 9293 3.10.1 to 3.10.6. None blocks: each does what can be done now.
 * Functions return 0 or a count, or the negative of an errno value. */
#ifndef TCP_CALL_H
#define TCP_CALL_H

#include "tcp/binding.h"
#include "tcp/buffer.h"
#include "tcp/listener.h"
#include "tcp/settings.h"
#include "tcp/status.h"
#include "tcp/urgent.h"

/* Active OPEN: flow.local_port 0 lets one be chosen. EADDRNOTAVAIL: the flow exists, no port is
 * left, or another core would get the answers; ENOBUFS: no memory. */
int tcp_connect(struct tcp *, const struct flow *, int port, uint16_t path,
                const struct tcp_settings *, struct tcp_owner *, struct tcp_conn **);

/* SEND: takes what fits into the send buffer and returns how much. EPIPE, EAGAIN: no room, ENOBUFS:
 * no memory. `more`: MSG_MORE. */
int64_t tcp_send(struct tcp *, struct tcp_conn *, struct rill_span, bool more);
/* The same with MSG_OOB: the last byte is urgent if all bytes were taken. */
int64_t tcp_send_urgent(struct tcp *, struct tcp_conn *, struct rill_span);

/* RECEIVE: shows readable text where it lies (1 or 2 spans, 0: none), up to an urgent mark;
 * tcp_consume then takes it. */
unsigned tcp_peek(struct tcp_conn *, struct rill_span out[2]);
void tcp_consume(struct tcp *, struct tcp_conn *, size_t length);
/* Both at once, into a buffer: returns how much. */
size_t tcp_read(struct tcp *, struct tcp_conn *, void *to, size_t length);

/* Queued data no longer waits for Nagle, for TCP_CORK, or for the data that MSG_MORE announced. */
void tcp_push(struct tcp *, struct tcp_conn *);
/* The same, and it ends with a PSH: the rest of the write has found no room. */
void tcp_send_cut_short(struct tcp *, struct tcp_conn *);

/* The application stops sending (a FIN follows the queued data), reading, or both. ENOTCONN. */
int tcp_shutdown_send(struct tcp *, struct tcp_conn *);
void tcp_shutdown_receive(struct tcp *, struct tcp_conn *);

/* CLOSE: the application releases the connection and must not use it any more. Unread text makes it
 * a reset (RFC 2525 2.17). */
void tcp_close(struct tcp *, struct tcp_conn *);

/* ABORT: an RST, at once; the application releases the connection. */
void tcp_abort(struct tcp *, struct tcp_conn *);

/* What reading, writing and SO_ERROR would find. Sizes in bytes. */

/* Readable text, without a separate urgent byte. */
size_t tcp_readable(const struct tcp_conn *);
/* The peer has closed, or the connection is over: reading returns at once. */
bool tcp_at_end(const struct tcp_conn *);
/* `low_water` bytes are readable, or as many as can arrive before the next read, because the window
 * is closed. */
bool tcp_read_is_worthwhile(const struct tcp_conn *, size_t low_water);
/* A third of the buffer is free, and less than half of TCP_NOTSENT_LOWAT waits to be sent
 * (sk_stream_is_writeable), so that not every acknowledgement wakes the application. */
bool tcp_write_is_worthwhile(const struct tcp *, const struct tcp_conn *);
/* Own side closed, or connection over: sending gives EPIPE. */
bool tcp_send_closed(const struct tcp_conn *);
/* Bytes that the peer has not acknowledged yet: SIOCOUTQ. */
size_t tcp_unacknowledged(const struct tcp_conn *);
/* The connection's errno, reported once: SO_ERROR. */
int tcp_take_error(struct tcp_conn *);

#endif
