/* Active opens with data in the SYN (RFC 7413; tcp(7)): MSG_FASTOPEN, which connects and sends at
 * once, and TCP_FASTOPEN_CONNECT, with which connect(2) succeeds before anything is sent, and the
 * first write sends SYN and data together. */
#ifndef SOCKET_FASTOPEN_H
#define SOCKET_FASTOPEN_H

#include "socket/call.h"

/* A connect with TCP_FASTOPEN_CONNECT: the SYN waits for text if there is a cookie to send it with,
 * else it asks for one. */
void fast_open_connect(struct rill *, struct socket *);

/* The first try of a send that opens. The bytes that the SYN may bring, which are to be handed over
 * now; or a negative errno value. The call waits for the outcome where it may (too_late is set). */
int64_t fast_open_send(struct rill *, struct socket *, struct call *);

#endif
