/* Whether a call on a socket would return at once: the one place that says so, for poll, select and
 * whatever comes. */
#ifndef SOCKET_READINESS_H
#define SOCKET_READINESS_H

#include "socket/socket.h"

/* POLL... bits of <poll.h>, whether anybody asked for them or not. */
short socket_ready(const struct rill *, const struct socket *);

#endif
