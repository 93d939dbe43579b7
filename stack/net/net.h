/* The only room that knows more than one protocol. Frames come in and go down through the islands, each of which
 * returns what it found; what is to be sent is pulled the same way.
 *
 *     net_receive:  frame -> link (accepted?) -> ip (checked, source, target, reassembled) -> tcp | udp | icmp
 *     net_transmit: owed replies, ARP, then the senders of tcp and udp in turn -> ip header -> neighbour -> port
 */
#ifndef NET_NET_H
#define NET_NET_H

#include "ip/address.h"
#include "ip/limit.h"
#include "ip/reassembly.h"
#include "ip/route.h"
#include "link/claim.h"
#include "link/neighbour.h"
#include "link/port.h"
#include "net/owed.h"
#include "net/path.h"
#include "tcp/call.h"
#include "udp/udp.h"

struct net_port {
    struct port link;
    bool present;
    bool udp_turn; /* whose turn it is to send */
};

struct net {
    struct rill_config config;
    rill_time now; /* the latest time handed in */
    struct memory memory;
    struct trace trace;
    struct rill_counters counters;
    struct random random;

    struct net_port port[RILL_PORTS_MAX];
    unsigned ports;
    struct addresses addresses;
    struct routes routes;
    struct neighbours neighbours;
    struct reassembly reassembly;
    struct paths paths;
    struct owed owed;
    struct limit errors; /* ICMP errors and stray resets */
    struct tcp tcp;
    struct udp udp;
};

/* False: ENOMEM. */
bool net_init(struct net *, const struct rill_config *, rill_time now);
void net_end(struct net *);

/* Time never goes back. */
void net_clock(struct net *, rill_time now);

void net_receive(struct net *, int port, const struct rill_frame *, unsigned n);
unsigned net_transmit(struct net *, int port, struct rill_frame *, unsigned max);
rill_time net_deadline(const struct net *);

/* Which way to a destination: the source address that fits, the port and the path's number. 0 or an errno value: ENETUNREACH, EADDRNOTAVAIL,
 * EACCES for a group without permission, ENOBUFS. `local` all zero lets it be chosen. */
struct net_way {
    struct rill_address local;
    int port;
    uint16_t path;
    bool broadcast; /* or multicast */
};
int net_find_way(struct net *, struct rill_address local, struct rill_address remote, struct net_way *);

#endif
