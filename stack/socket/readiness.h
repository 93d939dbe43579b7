/* Whether a call on a descriptor would return at once: the one place that says so, for poll, select
 * and epoll. POLL... bits of <poll.h>, which are those of <sys/epoll.h>, whether anybody asked for
 * them or not: but who does not care for what can be read or written is not told. */
#ifndef SOCKET_READINESS_H
#define SOCKET_READINESS_H

#include "socket/socket.h"
#include "socket/watch.h"

short socket_ready(const struct rill *, const struct socket *, int asked);

/* Something in the set is ready; what is not is let go of. O(what may be ready). */
bool set_ready(struct rill *, struct watch_set *);

/* Of any descriptor that exists; of an epoll set, whether it has something to report. */
uint32_t descriptor_ready(struct rill *, int fd);

#endif
