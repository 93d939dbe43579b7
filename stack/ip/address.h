/* Our own addresses, and the kind of any address relative to them (RFC 1122 3.2.1.3, 3.3.4, 3.3.6;
 * RFC 6890). Strong host model: an address belongs to its port, and a datagram for it that arrives
 * on another port is not ours (CVE-2019-14899). */
#ifndef IP_ADDRESS_H
#define IP_ADDRESS_H

#include "ip/prefix.h"

#include <rill/stack.h>

#define ADDRESSES_MAX 64
#define ADDRESS_ANY_PORT (-1)
#define ADDRESS_LOCALHOST rill_address_ip4(0x7f000001)

struct local_address {
    struct rill_address address;
    unsigned prefix; /* of its subnet: prefix_of_ip4 for IPv4 */
    int port;
    enum rill_address_state state; /* set by net; only a READY address is ours */
    uint32_t broadcast;            /* IPv4, of its subnet, else 255.255.255.255: by address_add */
};

struct addresses {
    struct local_address entry[ADDRESSES_MAX];
    unsigned count;
};

/* 0; EEXIST; EADDRNOTAVAIL for an address that no single host can have: 0/8, groups, 240/4, the
 * subnet's own broadcast, and 127/8 on a port other than loopback; EINVAL for a prefix above 128;
 * ENOSPC. */
int address_add(struct addresses *, const struct local_address *);

/* 0 or EADDRNOTAVAIL. Moves the entries behind it, so pointers into the table become invalid. */
int address_remove(struct addresses *, int port, struct rill_address);

/* The entry in any state; NULL: not one of ours. ADDRESS_ANY_PORT: on any port. */
struct local_address *address_find(struct addresses *, int port, struct rill_address);

enum address_kind {
    ADDRESS_OTHER,
    ADDRESS_OURS,      /* READY */
    ADDRESS_BROADCAST, /* 255.255.255.255, or the broadcast address of one of the port's subnets */
    ADDRESS_MULTICAST, /* 224/4 */
    ADDRESS_LOOPBACK   /* 127/8, which is never seen on a wire */
};

/* The kind of a destination. For an arriving datagram: with its port (ADDRESS_ANY_PORT on the
 * loopback port, which carries what we send to ourselves). For a departing one: ADDRESS_ANY_PORT to
 * ask whether it is ours, the port for broadcasts. */
enum address_kind address_kind(const struct addresses *, int port, struct rill_address);

/* An invalid source of a datagram that arrives on this port: 0/8, 127/8, 224/4, 240/4, broadcasts,
 * and our own addresses. On the loopback port, 127/8 and our own are valid. */
bool address_martian_source(const struct addresses *, int port, struct rill_address);

/* The address is in the subnet of one of the port's addresses, and is neither its broadcast nor its
 * network address nor ours; that which another host has (CONFLICT) is its own. Only such addresses
 * may enter the neighbour cache. */
bool address_on_link(const struct addresses *, int port, struct rill_address);

/* The source for a destination that is routed to the port: the destination itself if it is ours,
 * else the first READY address in the next hop's subnet, else the port's first READY one, else
 * NULL. */
const struct local_address *address_source(const struct addresses *, int port,
                                           struct rill_address destination,
                                           struct rill_address next_hop);

#endif
