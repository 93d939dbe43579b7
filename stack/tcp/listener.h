/* Passive OPEN, accepting, and the end of it (RFC 9293 3.10.1, 3.10.4). 0, or the negative of an
 * errno value. */
#ifndef TCP_LISTENER_H
#define TCP_LISTENER_H

#include "tcp/core.h"

/* EADDRINUSE: there is a listener; ENOBUFS. The settings apply to accepted connections. */
int tcp_listen(struct tcp *, struct tcp_binding *, uint32_t backlog, const struct tcp_settings *,
               struct tcp_owner *, struct tcp_listener **);
void tcp_listen_backlog(struct tcp *, struct tcp_listener *, uint32_t backlog);
/* Refuses unfinished handshakes, resets connections that were not accepted, and frees it. */
void tcp_listen_close(struct tcp *, struct tcp_listener *);

/* The next connection that has come in; NULL: none waits. It has an owner from then on. */
struct tcp_conn *tcp_accept(struct tcp *, struct tcp_listener *, struct tcp_owner *);

#endif
