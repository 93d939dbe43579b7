/* Senders that wait for their next hop to be resolved. The neighbour cache only links their nodes;
 * this module knows to which protocol they belong. */
#ifndef NET_WAITING_H
#define NET_WAITING_H

#include "net/net.h"

enum { NET_WAITS_TCP, NET_WAITS_UDP }; /* the lists of a neighbour */

/* The neighbour is resolved: its waiters return to the lists of senders. */
void waiting_release(struct net *, struct neighbour *);

/* The neighbour does not answer: EHOSTUNREACH for each waiter. */
void waiting_fail(struct net *, struct neighbour *);

#endif
