/* Local ports (RFC 9293 3.9.1.1, RFC 6056): which binding holds which port. */
#ifndef TCP_BINDING_H
#define TCP_BINDING_H

#include "tcp/core.h"

/* The bindings by their port: a table that grows with their number. False: no memory. */
bool bindings_init(struct bindings *, struct memory *);
void bindings_end(struct bindings *, struct memory *); /* also if bindings_init has failed */

/* Puts the binding in force; port 0: chooses one (RFC 6056). EADDRINUSE. The caller checks for
 * EADDRNOTAVAIL. */
int tcp_bind(struct tcp *, struct tcp_binding *);
void tcp_unbind(struct tcp *, struct tcp_binding *);

/* A port for an active open: free for this flow, and not bound. -EADDRNOTAVAIL: none is left. */
int binding_choose(struct tcp *, struct flow *);

/* No other binding of this port prevents listening. */
bool binding_may_listen(const struct tcp *, const struct tcp_binding *);

#endif
