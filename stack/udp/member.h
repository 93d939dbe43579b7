/* Memberships of sockets in multicast groups: each is one group on one port, with the sources that
 * the socket wants (RFC 3376 2). A membership ends with its socket at the latest. */
#ifndef UDP_MEMBER_H
#define UDP_MEMBER_H

#include "base/source_filter.h"
#include "udp/core.h"

struct udp_member {
    struct list_node node;    /* of its socket */
    struct list_node in_port; /* of all on its port */
    uint32_t group;           /* host order */
    uint32_t interface;       /* the address by which the port was named; 0: by none */
    uint8_t port;
    struct source_filter filter;
};

/* NULL: none. */
struct udp_member *udp_member_find(const struct udp_socket *, uint32_t group, uint8_t port);
struct udp_member *udp_member_first(const struct udp_socket *);
struct udp_member *udp_member_next(const struct udp_socket *, const struct udp_member *);

/* NULL: no memory. The filter wants nothing yet. */
struct udp_member *udp_member_add(struct udp *, struct udp_socket *, uint32_t group, uint8_t port);
void udp_member_remove(struct udp *, struct udp_socket *, struct udp_member *);

/* RFC 3376 3.2: what the members of a group on a port want together. */
void udp_members_want(const struct udp *, uint32_t group, uint8_t port, struct source_filter *);

/* Does the socket want this datagram to a group? As in Linux, IP_MULTICAST_ALL asks for the groups
 * of other sockets, too. */
bool udp_member_wants(const struct udp_socket *, const struct udp_arrival *);

#endif
