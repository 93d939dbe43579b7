/* Local ports (RFC 9293 3.9.1.1, RFC 6056). tcp_bind and tcp_unbind are in call.h. */
#ifndef TCP_BINDING_H
#define TCP_BINDING_H

#include "tcp/call.h"

#define TCP_BINDING_BUCKETS 256

/* A port for an active open: free for this very flow, and nobody's binding. -EADDRNOTAVAIL: none is left. */
int binding_choose(struct tcp *, struct flow *);

/* Nobody else who is bound here stands in the way of listening. */
bool binding_may_listen(const struct tcp *, const struct tcp_binding *);

#endif
