/* The host's side of IGMP (RFC 3376; RFC 2236 and 1112 while an older querier is present). A
 * message of a peer only sets a timer; what is sent is decided when it is due (igmp_next). No
 * reports are sent for 224.0.0.1, nor on the loopback port. */
#ifndef IP_IGMP_H
#define IP_IGMP_H

#include "ip/group.h"

/* The sources that the port's sockets want from now on. -ENOBUFS, only for a group that is new. */
int igmp_set(struct groups *, int port, uint32_t group, const struct source_filter *,
             rill_time now);

/* A query, or another host's report, which versions 1 and 2 do not repeat. */
void igmp_receive(struct groups *, int port, const struct igmp *, rill_time now);

/* The next message that is due on the port, considered sent: `room` bytes at most at `to`. Returns
 * its length and the group that it is sent to; 0: there is none. */
#define IGMP_ROOM_MINIMUM (IGMP_HEADER + IGMP_RECORD)
size_t igmp_next(struct groups *, int port, size_t room, rill_time now, uint8_t *to,
                 uint32_t *destination);

#endif
