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

/* One of our own addresses as a claim on its link (RFC 5227). */
struct net_claim {
    struct claim claim;
    struct rill_address address;
    int port;
};

enum { NET_WAITS_TCP, NET_WAITS_UDP }; /* who waits for a neighbour */

struct net_port {
    struct port link;
    struct owed owed;
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
    struct net_claim claim[ADDRESSES_MAX];
    unsigned claims;
    struct paths paths;
    struct peer_limit errors; /* ICMP errors of our own */
    struct limit resets;      /* RSTs that no connection owes */
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

/* Which way to a destination: the source address that fits, the port, and the path's number. `local` all zero lets the
 * source be chosen. 0, or the negative of: ENETUNREACH (no route, or an address that is none), EADDRNOTAVAIL (`local` is
 * not ours), ENOBUFS. */
struct net_way {
    struct rill_address local;
    int port;
    uint16_t path;
    bool group; /* broadcast or multicast */
};
int net_find_way(struct net *, struct rill_address local, struct rill_address remote, struct net_way *);

/* The embedder's configuration: a number or 0, or the negative of an errno value, as <rill/stack.h> says. */
int net_port_add(struct net *, const struct rill_port_config *);
int net_port_mtu(struct net *, int port, uint16_t mtu);
int net_address_add(struct net *, int port, struct rill_address, unsigned prefix, bool probe);
int net_address_remove(struct net *, int port, struct rill_address);
enum rill_address_state net_address_state(const struct net *, struct rill_address);
int net_route_add(struct net *, struct rill_address destination, unsigned prefix, int port,
                  struct rill_address gateway);
int net_route_remove(struct net *, struct rill_address destination, unsigned prefix);
int net_neighbour_add(struct net *, int port, struct rill_address, const uint8_t mac[6]);

/* Counts a drop and puts it into the trace. */
void net_drop(struct net *, int port, enum rill_drop);

/* Whoever waited for this neighbour may send now. */
void net_neighbour_found(struct net *, struct neighbour *);

/* Runs what is due, once for each call of rill_transmit. */
void net_expire(struct net *);

/* The address is one of ours and ready, or a wildcard: a socket may be bound to it. */
bool net_may_bind(const struct net *, struct rill_address);

#endif
