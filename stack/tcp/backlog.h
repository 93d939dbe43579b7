/* The two queues of a listener and their bounds (listen(2)), as in Linux: the connections that wait
 * to be accepted, one more of them than the backlog says, and the SYNs that wait for their third
 * ACK, as many as the backlog says and all listeners' records have room for. */
#ifndef TCP_BACKLOG_H
#define TCP_BACKLOG_H

#include "tcp/core.h"

/* No further connection may wait to be accepted: counted, whoever asked will ask again. */
bool backlog_overflows(struct tcp *, const struct tcp_listener *);

/* No further SYN of this listener may be remembered. */
bool backlog_crowded(const struct tcp *, const struct tcp_listener *);

#endif
