/* The interface of TCP. net passes in segments and path data, and pulls segments; socket uses the
 * calls of RFC 9293 3.10 (call.h). TCP never calls out: it returns replies that belong to no
 * connection, and tcp_next_woken reports what has changed for an application. */
#ifndef TCP_TCP_H
#define TCP_TCP_H

#include "tcp/core.h"

bool tcp_init(struct tcp *, struct memory *, const struct rill_config *, struct trace *,
              struct rill_counters *);
void tcp_end(struct tcp *);

/* SEGMENT ARRIVES. Returns why the segment, or its text, was not used; RILL_DROP_NONE: it was. */
enum rill_drop tcp_input(struct tcp *, const struct tcp_arrival *, struct tcp_reply *);

/* The next sender of a port; NULL: none waits. It stays on the list until tcp_output finds that it
 * has nothing more to send. */
struct sender *tcp_next_sender(struct tcp *, int port);

/* Builds the next segment of this sender. False: nothing to send (it has left the list, and may be
 * freed). */
bool tcp_output(struct tcp *, struct sender *, const struct tcp_path *, struct tcp_emission *);

/* Runs all timers that are due at tcp.now. */
void tcp_expire(struct tcp *);
rill_time tcp_deadline(const struct tcp *);

/* False if no flow matches, or the quoted sequence number is not in flight (RFC 5927 4.1). */
bool tcp_icmp(struct tcp *, const struct tcp_icmp *);

/* The port's largest segment has shrunk: longer ones in flight are sent again at once, in pieces.
 * Visits every connection. */
void tcp_narrow_port(struct tcp *, int port, uint16_t segment_max);

/* The next hop cannot be reached: EHOSTUNREACH for unfinished handshakes, a soft error for
 * others. */
void tcp_unreachable(struct tcp *, struct sender *);

/* The sender uses another port from now on. */
void tcp_move(struct tcp *, struct sender *, uint8_t port);

/* All sent data and FINs are acknowledged, and no RST waits. Visits every connection. */
bool tcp_drained(const struct tcp *);

/* The next owner for whom something may have changed; NULL: none. */
struct tcp_owner *tcp_next_woken(struct tcp *);

#endif
