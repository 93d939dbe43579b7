/* Active opens with data in the SYN (RFC 7413; tcp(7)): MSG_FASTOPEN, which connects and sends at
 * once, and TCP_FASTOPEN_CONNECT, with which connect(2) succeeds before anything is sent, and the
 * first write sends SYN and data together. */
#ifndef SOCKET_FASTOPEN_H
#define SOCKET_FASTOPEN_H

#include "socket/call.h"

/* A connect with TCP_FASTOPEN_CONNECT: the SYN waits for text if there is a cookie to send with it,
 * else the SYN requests one. */
void fast_open_connect(struct rill *, struct socket *);

/* The first try of a send that also opens. Returns how many bytes the SYN may carry, which the
 * caller hands over now, or a negative errno value. If the call may wait, it waits for the result
 * of the open (too_late is set). */
int64_t fast_open_send(struct rill *, struct socket *, struct call *);

#endif
