/* The beginning and the end of all that net holds. */
#ifndef NET_LIFE_H
#define NET_LIFE_H

#include "net/net.h"

/* With the loopback port, and nothing else. False: ENOMEM; net_end is still to be called. */
bool net_init(struct net *, const struct rill_config *, rill_time now);
void net_end(struct net *);

#endif
