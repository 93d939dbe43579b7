/* Passive OPEN, accept and closing of listeners (RFC 9293 3.10.1, 3.10.4). Returns 0, or the
 * negative of an errno value. */
#ifndef TCP_LISTENER_H
#define TCP_LISTENER_H

#include "tcp/core.h"

/* EADDRINUSE: there is a listener; ENOBUFS. The settings apply to accepted connections. */
int tcp_listen(struct tcp *, struct tcp_binding *, uint32_t backlog, const struct tcp_settings *,
               struct tcp_owner *, struct tcp_listener **);
void tcp_listen_backlog(struct tcp *, struct tcp_listener *, uint32_t backlog);
/* Refuses unfinished handshakes, resets connections that were not accepted, and frees the
 * listener. */
void tcp_listen_close(struct tcp *, struct tcp_listener *);

/* The oldest connection in the accept queue, which now has this owner; NULL: the queue is empty. */
struct tcp_conn *tcp_accept(struct tcp *, struct tcp_listener *, struct tcp_owner *);

#endif
