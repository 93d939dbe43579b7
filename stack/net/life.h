/* Creation and destruction of all that net holds. */
#ifndef NET_LIFE_H
#define NET_LIFE_H

#include "net/net.h"

/* Creates the loopback port, and nothing else. False: ENOMEM; net_end must still be called. */
bool net_init(struct net *, const struct rill_config *, rill_time now);
void net_end(struct net *);

#endif
