/* One try of each operation: what can be done without waiting. */
#ifndef SOCKET_TRY_H
#define SOCKET_TRY_H

#include "socket/call.h"

enum call_state accept_try(struct rill *, struct socket *, struct call *);
enum call_state connect_try(struct rill *, struct socket *, struct call *);
enum call_state stream_send_try(struct rill *, struct socket *, struct call *);
enum call_state stream_receive_try(struct rill *, struct socket *, struct call *);
enum call_state datagram_send_try(struct rill *, struct socket *, struct call *);
enum call_state datagram_receive_try(struct rill *, struct socket *, struct call *);
/* The end of a stream's send that has taken c->progress bytes: marks them for the reports that may
 * have been requested. NULL: the descriptor is closed. */
enum call_state stream_send_end(struct rill *, struct socket *, struct call *);

/* MSG_ERRQUEUE: never waits. */
enum call_state errqueue_try(struct rill *, struct socket *, struct call *);
enum call_state close_try(struct rill *, struct socket *, struct call *);
enum call_state poll_try(struct rill *, struct call *);
enum call_state epoll_try(struct rill *, struct call *);

/* Calls that never wait; a negative result is an errno value. Those with a socket parameter need
 * one. */
int64_t bind_now(struct rill *, struct socket *, const struct call *);
int64_t listen_now(struct rill *, struct socket *, const struct call *);
int64_t shutdown_now(struct rill *, struct socket *, const struct call *);
int64_t get_option_now(struct rill *, struct socket *, const struct call *);
int64_t set_option_now(struct rill *, struct socket *, const struct call *);
int64_t local_name_now(const struct socket *, const struct call *);
int64_t peer_name_now(const struct socket *, const struct call *);
int64_t ioctl_now(struct socket *, const struct call *);
int64_t socket_now(struct rill *, const struct call *);
int64_t fcntl_now(struct rill *, const struct call *);
int64_t adopt_now(struct rill *, const struct call *);
int64_t adopted_now(const struct rill *, const struct call *);
int64_t epoll_create_now(struct rill *, const struct call *);
int64_t epoll_control_now(struct rill *, const struct call *);

/* The active OPEN of an idle stream socket; CONNECTING follows. 0 or a negative errno value. */
int stream_open(struct rill *, struct socket *, const struct endpoint *to);

/* The result of an attempt: 0, and the socket is CONNECTED; or a negative errno value, and it is
 * IDLE and may try again (connect(2)). */
int stream_open_outcome(struct rill *, struct socket *);

/* A datagram socket's connect, which never waits. 0 or a negative errno value. */
int datagram_connect(struct rill *, struct socket *, const struct sockaddr *, socklen_t);

#endif
