/* The life of a connection: how it begins, what it holds, and the ways in which it ends. */
#ifndef TCP_LIFE_H
#define TCP_LIFE_H

#include "tcp/core.h"

/* A connection in CLOSED, not in the flow table yet. NULL: no memory. */
struct tcp_conn *conn_new(struct tcp *, const struct flow *);

/* The connection has ended: CLOSED, not in the flow table, no timers, nothing to send. Received
 * data can still be read. The owner is told the error (0: none). An orphan is freed. */
void conn_end(struct tcp *, struct tcp_conn *, enum rill_reason, int error);

/* The same, and an RST is sent (ABORT, RFC 9293 3.10.5): the connection stays on `sending` until
 * output has taken the RST. */
void conn_reset(struct tcp *, struct tcp_conn *, enum rill_reason, int error);

/* A TIME_WAIT record replaces the connection in the flow table. The connection is dead, as after
 * conn_end. */
void conn_hand_over(struct tcp *, struct tcp_conn *, struct head *record);

/* The application has released the connection, which finishes on its own and is then freed. */
void conn_orphan(struct tcp_conn *);

/* The same, but without finishing: an RST if the connection is alive, then it is freed (ABORT). */
void conn_abandon(struct tcp *, struct tcp_conn *);

/* Frees the connection in any state, and tells neither owner nor peer. */
void conn_free(struct tcp *, struct tcp_conn *);

/* Puts it on the list of senders that may have something to send. */
void sender_join(struct tcp *, struct sender *);
void conn_schedule_ack(struct tcp *, struct tcp_conn *, enum rill_reason);

/* Calls on the connection may have a new outcome. */
void conn_wake_owner(struct tcp *, struct tcp_conn *, enum io_event);

/* The busy part, and the extras, allocated on first use. NULL: no memory. */
struct tcp_busy *conn_busy(struct tcp *, struct tcp_conn *);
struct tcp_extras *conn_extras(struct tcp *, struct tcp_conn *);
void conn_release_idle(struct tcp *,
                       struct tcp_conn *); /* frees what an idle connection does not need */

#endif
