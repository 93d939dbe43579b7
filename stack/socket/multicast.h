/* The options for multicast of ip(7), RFC 1112 and RFC 3678. Errors are those of Linux. */
#ifndef SOCKET_MULTICAST_H
#define SOCKET_MULTICAST_H

#include "net/multicast.h"
#include "socket/option_table.h"

/* IP_ADD_MEMBERSHIP, MCAST_JOIN_SOURCE_GROUP and so on. 0 or a negative errno value. */
int multicast_member_set(struct rill *, struct socket *, int name, struct rill_span from);

/* IP_MULTICAST_IF and IP_MULTICAST_TTL. */
int multicast_interface_set(const struct rill *, struct socket *, struct rill_span from);
int multicast_ttl_set(struct socket *, const struct option *, int value);

/* RFC 1112 6.1: a datagram that was sent is also delivered here, if IP_MULTICAST_LOOP is on. */
void multicast_send_copy(struct rill *, const struct socket *, const struct udp_to *,
                         const struct msghdr *, size_t length);

#endif
