/* The state of an entry of the flow table, and the only place that writes it. */
#ifndef TCP_STATE_H
#define TCP_STATE_H

#include "tcp/core.h"

/* Moves an entry to `state` because of `reason`. Break here to see every transition of every
 * connection: it asserts that the transition stands in the diagram of RFC 9293 3.3.2. */
void tcp_set_state(struct tcp *, struct head *, enum rill_tcp_state, enum rill_reason);

/* An entry replaces another one of the same flow, and takes its state: no transition. */
void tcp_inherit_state(struct head *heir, const struct head *from);

/* Both SYNs have been exchanged; RFC 9293 3.10.7.4 often names these states together. */
static inline bool state_is_synchronized(enum rill_tcp_state s)
{
    return s >= RILL_TCP_ESTABLISHED;
}

/* Our side may still send text: in this state our FIN is not queued yet. */
static inline bool state_can_send(enum rill_tcp_state s)
{
    return s == RILL_TCP_ESTABLISHED || s == RILL_TCP_CLOSE_WAIT;
}

/* The peer may still send text. */
static inline bool state_can_receive(enum rill_tcp_state s)
{
    return s == RILL_TCP_ESTABLISHED || s == RILL_TCP_FIN_WAIT_1 || s == RILL_TCP_FIN_WAIT_2;
}

#endif
