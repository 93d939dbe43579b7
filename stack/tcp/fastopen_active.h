/* Fast Open of an active open (RFC 7413 4.1.3, 4.2.2): the server's cookie is kept with its
 * metrics, and the next SYN to it carries the cookie and data.
 *
 *     tcp_connect -- tcp_fast_open_ask --> SYN with cookie and data, or with a cookie request
 *                                    '--> tcp_fast_open_defer: the SYN waits for the first data
 *
 * A retransmitted SYN has neither option nor data. Data that the SYN-ACK does not acknowledge is
 * sent again at once. */
#ifndef TCP_FASTOPEN_ACTIVE_H
#define TCP_FASTOPEN_ACTIVE_H

#include "tcp/core.h"

/* The SYN of this connection, which has not been sent yet, will request a cookie or use one.
 * `bare`: it carries text without a cookie (TCP_FASTOPEN_NO_COOKIE). */
void tcp_fast_open_ask(struct tcp *, struct tcp_conn *, bool bare);

/* The bytes of text that the SYN may carry. 0: no cookie is known, or Fast Open is paused for the
 * destination. segment_max: see struct tcp_path. */
uint32_t tcp_fast_open_room(struct tcp *, const struct tcp_conn *, uint16_t segment_max);

/* TCP_FASTOPEN_CONNECT: the SYN waits for text to carry; tcp_fast_open_release ends the wait. */
void tcp_fast_open_defer(struct tcp_conn *);
void tcp_fast_open_release(struct tcp *, struct tcp_conn *);
bool tcp_fast_open_is_deferred(const struct tcp_conn *);

/* Fills in the option of a SYN that is sent for the first time. */
void fast_open_write_syn(struct tcp *, struct tcp_conn *, struct tcp_options *);

/* The SYN-ACK has been processed: takes what it says about Fast Open. */
void fast_open_take_answer(struct tcp *, struct tcp_conn *, const struct tcp_header *);

/* Text of our SYN that its answer has not acknowledged is sent again at once. */
void fast_open_repeat_text(struct tcp *, struct tcp_conn *);

/* No SYN was answered. */
void fast_open_unanswered(struct tcp *, const struct tcp_conn *);

#endif
