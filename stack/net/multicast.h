/* Multicast (RFC 1112, RFC 3376): the memberships of sockets and what they make of their port's,
 * the reports to the routers, and the copy that a sender's own host gets. Functions return 0 or the
 * negative of an errno value, as in Linux. Groups and sources are IPv4 addresses in host order. */
#ifndef NET_MULTICAST_H
#define NET_MULTICAST_H

#include "net/reply.h"
#include "udp/member.h"

#define MULTICAST_MEMBERSHIPS_MAX 20 /* of a socket: Linux's igmp_max_memberships */
#define MULTICAST_SOURCES_MAX 10     /* of a membership: Linux's igmp_max_msf */

/* A group on a port, which is named by its index, or one of its addresses, or not at all. */
struct multicast_place {
    uint32_t group;
    uint32_t index;     /* 0: none */
    uint32_t interface; /* 0: none */
};

/* The port: if none is named, the one to which the group's route leads. -ENODEV; -EINVAL: it is not
 * a group. */
int multicast_port(const struct net *, const struct multicast_place *);

/* `all`: from any source; else from none yet. EADDRINUSE: it is a member; ENOBUFS. */
int multicast_join(struct net *, struct udp_socket *, const struct multicast_place *, bool all);

/* EADDRNOTAVAIL: it is no member. */
int multicast_leave(struct net *, struct udp_socket *, const struct multicast_place *);
void multicast_leave_all(struct net *, struct udp_socket *);

/* Adds a source to the list of a membership, or removes it. EINVAL: it is no member, or its list
 * has the other mode; EADDRNOTAVAIL: that changes nothing; ENOBUFS. */
struct multicast_source {
    uint32_t source;
    bool exclude, add;
};
int multicast_list(struct net *, struct udp_socket *, const struct multicast_place *,
                   const struct multicast_source *);

/* An IGMP message has arrived. */
enum rill_drop multicast_receive(struct net *, const struct arrival *);

/* The next report that is due on the port: its IPv4 header and payload. Returns the payload's
 * length; 0: there is none. */
size_t multicast_report(struct net *, int port, struct ip4 *, uint8_t *to);

/* RFC 1112 6.1: the datagram is delivered to this host's own members. */
void multicast_loop(struct net *, const struct udp_socket *, const struct udp_to *,
                    struct rill_span text);

#endif
