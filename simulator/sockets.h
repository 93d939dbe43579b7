/* The table of sockets: which socket a frame belongs to. */
#ifndef SIMULATOR_SOCKETS_H
#define SIMULATOR_SOCKETS_H

#include "world.h"

#include <netinet/in.h>

/* An address and a port as the socket calls want them: of IPv4, or mapped into IPv6. */
struct socket_name {
    union {
        struct sockaddr any;
        struct sockaddr_in ip4;
        struct sockaddr_in6 ip6;
    };
    socklen_t length;
};

struct socket_name name_of(bool mapped, uint32_t address, uint16_t port); /* address 0: any */
uint32_t name_address(const struct socket_name *);
uint16_t name_port(const struct socket_name *);

/* A connection's key at its host. */
struct end_key {
    const struct rill_sim_node *node;
    uint32_t remote;
    uint16_t local_port, remote_port;
};

/* Adds an application's connection with that port of its host. */
void end_remember(struct end *, uint16_t local_port);
void end_forget(struct end *);
struct end *end_find(struct rill_sim *, const struct end_key *); /* NULL: no application's */

#endif
