/* When a connection is on the list `sending`. It leaves the list when it has sent all that it may
 * send now; the reason is recorded: for the delivery rate, for TCP_INFO, and to continue paced
 * data. */
#ifndef TCP_SENDING_H
#define TCP_SENDING_H

#include "tcp/life.h"

/* The connection leaves `sending`, if it is there. Code that removes the obstacle puts it back. */
void conn_stop_sending(struct tcp *, struct tcp_conn *);

/* After a change: the connection joins `sending` if it has something to send, else it leaves. */
static inline void conn_update_sending(struct tcp *t, struct tcp_conn *c)
{
    if (conn_may_have_output(c))
        sender_join(t, &c->sender);
    else
        conn_stop_sending(t, c);
}

#endif
