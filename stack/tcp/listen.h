/* LISTEN (RFC 9293 3.10.7.2): what arrives for a listener, and its accept queue. */
#ifndef TCP_LISTEN_H
#define TCP_LISTEN_H

#include "tcp/core.h"

/* The listener for a local address and port: one bound to the address before one bound to any.
 * NULL: none. If several share them (SO_REUSEPORT), the one that is in the table. */
struct tcp_listener *listen_find(const struct tcp *, struct rill_address local, uint16_t port);

/* Selects one of the listeners that share the flow's local address and port, always the same for a
 * flow, so that its SYNs and cookies reach the same listener. A keyed hash spreads flows evenly.
 * NULL: none. */
struct tcp_listener *listen_choose(const struct tcp *, const struct flow *);

/* A segment for LISTEN. `beyond`: see syn_create. */
enum rill_drop listen_arrives(struct tcp *, struct tcp_listener *, const struct tcp_arrival *,
                              struct tcp_reply *, const seq32 *beyond);

/* A connection that is established, or was opened by Fast Open, joins its listener's accept
 * queue. */
void listen_enqueue(struct tcp *, struct tcp_conn *);

#endif
