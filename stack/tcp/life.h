/* The life of a connection: how it begins, what it holds, and the ways in which it ends. */
#ifndef TCP_LIFE_H
#define TCP_LIFE_H

#include "tcp/core.h"

/* A connection in CLOSED, not in the flow table yet. NULL: no memory. */
struct tcp_conn *conn_new(struct tcp *, const struct flow *);

/* It is over: CLOSED, out of the flow table, nothing runs and nothing waits any more; what has been
 * received can still be read. The owner is told the error (0: none). An orphan is freed. */
void conn_end(struct tcp *, struct tcp_conn *, enum rill_reason, int error);

/* The same, and an RST is sent (ABORT, RFC 9293 3.10.5): the connection stays on `sending` until it
 * is pulled. */
void conn_reset(struct tcp *, struct tcp_conn *, enum rill_reason, int error);

/* A TIME_WAIT record takes its place in the flow table; it is dead, as after conn_end. */
void conn_hand_over(struct tcp *, struct tcp_conn *, struct head *record);

/* Nobody holds the connection any more: what is left to do it does alone, and goes. */
void conn_orphan(struct tcp_conn *);

/* Nobody wants it any more either: an RST if it lives, and it goes (ABORT). */
void conn_abandon(struct tcp *, struct tcp_conn *);

/* Frees the connection whatever holds it, without a word to anybody. */
void conn_free(struct tcp *, struct tcp_conn *);

/* Puts it on the list of those that may have something to send. */
void sender_join(struct tcp *, struct sender *);
void conn_owe_ack(struct tcp *, struct tcp_conn *, enum rill_reason);

/* Calls on the connection may have a new outcome. */
void conn_wake_owner(struct tcp *, struct tcp_conn *, enum news);

/* The busy part, and the block of what is not default, made where they are not there yet. NULL: no
 * memory. */
struct tcp_busy *conn_busy(struct tcp *, struct tcp_conn *);
struct tcp_extras *conn_extras(struct tcp *, struct tcp_conn *);
void conn_settle(struct tcp *,
                 struct tcp_conn *); /* gives back what an idle connection does not need */

#endif
