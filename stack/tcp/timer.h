/* Timer management: each connection has one entry in the heap, at or before its earliest deadline.
 * Moving a deadline later costs nothing: an early wake finds nothing due and arms again. expire.c
 * handles the expiry. */
#ifndef TCP_TIMER_H
#define TCP_TIMER_H

#include "tcp/core.h"

#define TIMER_R1 3 /* R1 of RFC 1122 4.2.3.5: so many retransmissions without an answer */

/* Starts the one main timer that may run, or changes it. */
void timer_set(struct tcp *, struct tcp_conn *, enum main_timer, rill_time after);

/* Stores since when only the peer's window has held text back; `probe`: when it is probed. */
void timer_look_at_window(struct tcp_conn *, rill_time probe);

/* How much longer text may wait for the window under TCP_USER_TIMEOUT, even if the peer answers the
 * probes (tcp(7)). As in Linux (icsk_probes_tstamp), the time begins when the first probe is due.
 * RILL_NEVER: no text waits, or the option is not set. */
rill_time timer_window_left(const struct tcp *, const struct tcp_conn *);

/* Starts the retransmission timer, whatever else runs. */
void timer_retransmit(struct tcp *, struct tcp_conn *, rill_time after);
void timer_stop(struct tcp_conn *);
void timer_ack(struct tcp *, struct tcp_conn *, rill_time after);
void timer_stop_ack(struct tcp_conn *);

/* Selects the main timer that the connection needs now, and (re)starts it: RFC 6298 5.1 to 5.3
 * after something was sent or acknowledged. */
void timer_restart(struct tcp *, struct tcp_conn *);

/* The same after SND.UNA has moved, or the peer's window has opened. */
void timer_acknowledged(struct tcp *, struct tcp_conn *);

/* Data is in flight: selects one of the three timers that watch it (RFC 8985 8): reordering, loss
 * probe or retransmission. The last keeps its start time. */
void timer_watch(struct tcp *, struct tcp_conn *);

/* Reserves room for the timer of one more connection or SYN record, so that timer_arm never fails,
 * even if all idle ones wake up at once. False: no memory. */
bool timer_reserve(struct tcp *);

/* The connection's earliest deadline. */
rill_time timer_next(const struct tcp_conn *);
void timer_arm(struct tcp *, struct sender *, rill_time when);

/* When the next keep-alive probe is due; RILL_NEVER: none. */
rill_time timer_keepalive(const struct tcp_conn *);

#endif
