/* The two queues of a listener and their limits (listen(2)), as in Linux: connections that wait to
 * be accepted, at most one more than the backlog; and SYNs that wait for their third ACK, at most
 * as many as the backlog, and as the records of all listeners allow. */
#ifndef TCP_BACKLOG_H
#define TCP_BACKLOG_H

#include "tcp/core.h"

/* The accept queue is full: counted. The peer will retransmit. */
bool backlog_overflows(struct tcp *, const struct tcp_listener *);

/* The listener has no room for another SYN record. */
bool backlog_crowded(const struct tcp *, const struct tcp_listener *);

#endif
