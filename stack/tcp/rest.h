/* A connection has sent all that it may send now. The reason is recorded: for the delivery rate,
 * for TCP_INFO, and to continue paced data. */
#ifndef TCP_REST_H
#define TCP_REST_H

#include "tcp/life.h"

/* The connection leaves `sending`, if it is there. Code that removes the obstacle puts it back. */
void conn_rest(struct tcp *, struct tcp_conn *);

/* After a change: the connection joins `sending` if it has something to send, else it rests. */
static inline void conn_join_or_rest(struct tcp *t, struct tcp_conn *c)
{
    if (conn_may_have_output(c))
        sender_join(t, &c->sender);
    else
        conn_rest(t, c);
}

#endif
