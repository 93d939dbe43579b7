/* A connection has said all that it may say now. Why it says no more is noted: for the delivery
 * rate, for TCP_INFO, and when text that is paced goes on. */
#ifndef TCP_REST_H
#define TCP_REST_H

#include "tcp/life.h"

/* It leaves `sending`, if it was there; whoever changes what holds it back puts it there again. */
void conn_rest(struct tcp *, struct tcp_conn *);

/* Something has changed: it joins `sending` where it has to say something, else it rests. */
static inline void conn_speak(struct tcp *t, struct tcp_conn *c)
{
    if (conn_has_to_say(c))
        sender_join(t, &c->sender);
    else
        conn_rest(t, c);
}

#endif
