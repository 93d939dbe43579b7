/* Configuration by the embedder: ports, addresses, routes, static neighbours. Functions return a
 * number or 0, or the negative of an errno value, as <rill/stack.h> says. */
#ifndef NET_CONFIG_H
#define NET_CONFIG_H

#include "net/net.h"

int net_port_add(struct net *, const struct rill_port_config *);
bool net_has_index(const struct net *, uint32_t index); /* is it a port's? */
int net_port_mtu(struct net *, int port, uint16_t mtu);
int net_address_add(struct net *, int port, struct rill_address, unsigned prefix, bool probe);
int net_address_remove(struct net *, int port, struct rill_address);
enum rill_address_state net_address_state(const struct net *, struct rill_address);
int net_route_add(struct net *, struct rill_address destination, unsigned prefix, int port,
                  struct rill_address gateway);
int net_route_remove(struct net *, struct rill_address destination, unsigned prefix);
int net_neighbour_add(struct net *, int port, struct rill_address, const uint8_t mac[6]);

#endif
