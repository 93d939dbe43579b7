/* The only folder that knows more than one protocol. Frames pass down through the islands, and each
 * returns its result; output is pulled the same way.
 *
 *     net_receive:   frame -> link (accepted?) -> ip (checked, source, target, reassembled)
 *                    -> tcp | udp | icmp
 *     net_transmit:  queued replies, ARP, then the senders of tcp and udp in turn
 *                    -> ip header -> neighbour -> port
 */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/steer.h"
#include "ip/address.h"
#include "ip/group.h"
#include "ip/limit.h"
#include "ip/reassembly.h"
#include "ip/route.h"
#include "link/claim.h"
#include "link/neighbour.h"
#include "link/port.h"
#include "net/path.h"
#include "net/reply_queue.h"
#include "tcp/tcp.h"
#include "udp/udp.h"

/* One of our own addresses as a claim on its link (RFC 5227). */
struct net_claim {
    struct claim claim;
    struct rill_address address;
    int port;
};

/* A pair of addresses that passed the checks, with one of our own as destination. */
struct net_pair {
    uint32_t source, destination; /* IPv4, host order */
    int port;                     /* on which it arrived */
    uint32_t generation;          /* of the addresses at the time of the check; 0: unused */
};

#define NET_PAIRS 16 /* by the source's low bits */

struct net_port {
    struct port link;
    struct reply_queue replies;
    bool udp_turn; /* it is UDP's turn to send */
};

struct net {
    struct rill_config config;
    rill_time now; /* the latest time handed in */
    struct memory memory;
    struct trace trace;
    size_t trace_bytes; /* part of the configured memory that it holds */
    struct rill_counters counters;
    struct random random;   /* for values that never appear on a wire: times and odds */
    struct hash_key id_key; /* of IPv4 identifications */
    uint64_t id_count;
    uint32_t frames; /* transmitted, on all ports */

    struct net_port port[RILL_PORTS_MAX];
    unsigned ports;
    struct addresses addresses;
    struct net_pair pair[NET_PAIRS]; /* valid while paths.generation is unchanged */
    struct routes routes;
    struct neighbours neighbours;
    struct reassembly reassembly;
    struct steer steer;
    struct net_claim claim[ADDRESSES_MAX];
    unsigned claims;
    struct groups groups;
    rill_time notices_at; /* the first deadline of claims and group reports: net_notices_changed */
    struct paths paths;
    struct peer_limit errors; /* limits our own ICMP errors */
    struct limit resets;      /* limits RSTs that belong to no connection */
    struct tcp tcp;
    struct udp udp;
};

/* Time never goes back. */
void net_clock(struct net *, rill_time now);

/* An identification that reveals nothing about earlier ones (RFC 7739 5.3; CVE-2019-10638): a keyed
 * hash of a counter. The generator's output would reveal its state. */
uint16_t net_ip_id(struct net *);

void net_receive(struct net *, int port, const struct rill_frame *, unsigned n);
unsigned net_transmit(struct net *, int port, struct rill_frame *, unsigned max);
rill_time net_deadline(const struct net *);

/* A claim or a group was added, removed or has changed. */
void net_notices_changed(struct net *);

/* A sender or reply may have something for the port; claims and reports are not included, they
 * have a deadline. */
bool net_port_has_work(const struct net *, int port);

/* All output was sent and, if it is TCP's, acknowledged. */
bool net_drained(const struct net *);

#endif
