/* Urgent data (RFC 9293 3.8.5, MUST-30; RFC 6093), as BSD sockets show it: a send with MSG_OOB ends
 * in the urgent byte, the pointer stands behind it (MUST-62), and the receiver's mark is the byte
 * before the pointer:
 *
 *        ordinary bytes   | u | ordinary bytes
 *        -----------------|---|---------------
 *                        mark pointer
 *
 * A read never crosses the mark. The byte there is taken out of the stream, for recv(MSG_OOB),
 * unless the application wants it in line (SO_OOBINLINE, which RFC 6093 6 recommends). All state is
 * in the extras, so connections without urgent data need no memory for it. */
#ifndef TCP_URGENT_H
#define TCP_URGENT_H

#include "tcp/segment.h"

/* Sixth step: the pointer only ever moves forward (EV-39). */
void urgent_take(struct tcp *, struct tcp_conn *, const struct segment *);

/* URG and the pointer on a segment that begins at seq, while urgent data is unacknowledged. */
void urgent_write(const struct tcp_conn *, position seq, struct tcp_header *);

/* A segment that begins at seq must carry its own distance to the urgent byte, so it is sent alone
 * (as in Linux). */
bool urgent_is_ahead(const struct tcp_conn *, position seq);

/* The last byte that the application has written is urgent. The connection has its extras. */
void urgent_send(struct tcp_conn *);

/* The mark, if the application has not read past it; else -1. */
position urgent_mark(const struct tcp_conn *);

/* If the urgent byte is next and not part of the stream, reading passes over it and keeps it for
 * recv(MSG_OOB). */
void urgent_pass(struct tcp_conn *);

/* recv(MSG_OOB): -EINVAL (none, taken, or in line), -EAGAIN (announced, not arrived), else 0. */
int urgent_read(struct tcp_conn *, uint8_t *byte, bool peek);

/* Urgent data is announced and was not taken yet: POLLPRI (MUST-33, with SIOCATMARK). */
bool urgent_pending(const struct tcp_conn *);

#endif
