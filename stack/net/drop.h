/* What was not used, counted and traced. */
#ifndef NET_DROP_H
#define NET_DROP_H

#include "net/net.h"

void net_drop(struct net *, int port, enum rill_drop);

#endif
