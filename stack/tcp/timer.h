/* Timer management: each connection has one entry in the heap, at or before its earliest deadline.
 * Moving a deadline later costs nothing: an early wake finds nothing due and arms again. expire.c
 * handles the expiry. */
#ifndef TCP_TIMER_H
#define TCP_TIMER_H

#include "tcp/core.h"

/* The retransmission time-out after so many attempts in vain (RFC 6298). */
rill_time timer_rto(const struct tcp *, const struct tcp_conn *, unsigned backoff);

/* Starts the one repair timer that may run, or moves it. */
void timer_repair(struct tcp *, struct tcp_conn *, enum repair, rill_time after);

/* Notes since when nothing but the peer's window has held text back; `probe`: when it is probed. */
void timer_look_at_window(struct tcp_conn *, rill_time probe);

/* How much longer text may wait for a window, where TCP_USER_TIMEOUT says how long: the peer's
 * answers do not count then (tcp(7)). As in Linux (icsk_probes_tstamp) the time begins when the
 * first probe is due. RILL_NEVER: it waits for none, or nobody has said. */
rill_time timer_window_left(const struct tcp *, const struct tcp_conn *);

/* The retransmission timer starts, whatever else runs. */
void timer_retransmit(struct tcp *, struct tcp_conn *, rill_time after);
void timer_stop_repair(struct tcp_conn *);
void timer_ack(struct tcp *, struct tcp_conn *, rill_time after);
void timer_stop_ack(struct tcp_conn *);

/* Looks which repair timer the connection needs now, and (re)starts it: RFC 6298 5.1 to 5.3 after
 * something was sent or acknowledged. */
void timer_restart(struct tcp *, struct tcp_conn *);

/* The same where SND.UNA has moved, or the peer's window has opened. */
void timer_acknowledged(struct tcp *, struct tcp_conn *);

/* Something is in flight: looks which of the three timers that watch it runs now (RFC 8985 8):
 * reordering, loss probe or retransmission, the last from when it was (re)started. */
void timer_watch(struct tcp *, struct tcp_conn *);

/* Room for the timer of one more connection or SYN record, so that timer_arm never fails: idle ones
 * may all wake up at once. False: no memory. */
bool timer_reserve(struct tcp *);

/* The connection's earliest deadline. */
rill_time timer_next(const struct tcp_conn *);
void timer_arm(struct tcp *, struct sender *, rill_time when);

/* When the next keep-alive probe is due; RILL_NEVER: none. */
rill_time timer_keepalive(const struct tcp_conn *);

#endif
