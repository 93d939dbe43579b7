/* Control messages of the network: ARP and ICMP. */
#ifndef NET_MESSAGE_H
#define NET_MESSAGE_H

#include "net/reply.h"

enum rill_drop message_receive_arp(struct net *, const struct arrival *, struct rill_span body);
enum rill_drop message_receive(struct net *, const struct arrival *); /* ICMP */

#endif
