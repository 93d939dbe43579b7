/* Whether a call on a descriptor would return at once: the only place that decides it, for poll,
 * select and epoll. The result has POLL... bits of <poll.h>, equal to those of <sys/epoll.h>, also
 * bits that the caller has not asked for. Readable and writable are computed only on request. */
#ifndef SOCKET_READINESS_H
#define SOCKET_READINESS_H

#include "socket/socket.h"
#include "socket/watch.h"

short socket_ready(const struct rill *, const struct socket *, int asked);

/* Is something in the set ready? Entries that are not ready are removed. O(entries that may be
 * ready). */
bool set_ready(struct rill *, struct watch_set *);

/* For any existing descriptor; for an epoll set, whether it has something to report. */
uint32_t descriptor_ready(struct rill *, int fd);

#endif
