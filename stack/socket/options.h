/* Socket options: flags (socket.h) and numbers that are kept with the socket and handed on to its
 * protocol object. */
#ifndef SOCKET_OPTIONS_H
#define SOCKET_OPTIONS_H

#include "socket/socket.h"
#include "tcp/fastopen_passive.h"
#include "wire/ip4.h"

/* SO_TIMESTAMPING: what the <linux/net_tstamp.h> of some systems has not got yet, and all there is.
 */
#define TIMESTAMPING_OPT_ID_TCP (1 << 16)
#define TIMESTAMPING_MOST ((1 << 17) - 1)

enum socket_value {
    VALUE_SEND_BUFFER, /* bytes of text */
    VALUE_RECEIVE_BUFFER,
    VALUE_LOW_WATER,
    VALUE_RECEIVE_TIMEOUT, /* rill_time */
    VALUE_SEND_TIMEOUT,
    VALUE_LINGER, /* seconds, where FLAG_LINGER */
    VALUE_MAX_SEGMENT,
    VALUE_KEEPALIVE_IDLE, /* seconds */
    VALUE_KEEPALIVE_INTERVAL,
    VALUE_KEEPALIVE_COUNT,
    VALUE_USER_TIMEOUT, /* milliseconds */
    VALUE_SYN_COUNT,
    VALUE_LINGER2,      /* seconds; -1: none */
    VALUE_DEFER_ACCEPT, /* SYN-ACKs, as many as the seconds make */
    VALUE_TOS,
    VALUE_TTL,
    VALUE_CONGESTION,   /* cc_number + 1 */
    VALUE_TIMESTAMPING, /* SOF_TIMESTAMPING_* */
    VALUE_MTU_DISCOVER, /* enum ip4_discovery, and 1 */
    VALUE_WINDOW_CLAMP, /* bytes */
    VALUE_UNSENT,       /* TCP_NOTSENT_LOWAT, bytes */
    VALUE_FAST_OPEN,    /* pending connections of a listener */
    VALUE_PRIORITY,     /* SO_PRIORITY, SO_MARK: remembered, without effect */
    VALUE_MARK,
    VALUE_PACING_RATE, /* SO_MAX_PACING_RATE, bytes a second, and 1 */
    VALUE_SEGMENT,     /* UDP_SEGMENT, bytes of text in each datagram */
    VALUE_COUNT
};

/* Allocated when the first of them is set. 0: the default. */
struct socket_values {
    int64_t of[VALUE_COUNT];
    struct fast_open_keys fast_open_keys;
};

/* As set, or the default. */
int64_t socket_value(const struct rill *, const struct socket *, enum socket_value);

/* TCP_CONGESTION: as set, or the stack's. */
const struct cc_ops *socket_congestion(const struct rill *, const struct socket *);

/* IP_MTU_DISCOVER. */
enum ip4_discovery socket_discovery(const struct rill *, const struct socket *);

/* All that TCP is to be told. */
struct tcp_settings socket_settings(const struct rill *, const struct socket *);

/* All that a listener is to be told of Fast Open. */
struct fast_open_settings socket_fast_open(const struct socket *);

/* Hands flags and values on to the protocol object, if any. 0 or a negative errno value. */
int socket_apply(struct rill *, struct socket *);

/* A socket that is accepted has its listener's options (tcp(7)). -ENOBUFS. */
int socket_inherit(struct rill *, struct socket *, const struct socket *listener);

/* The time-out of an option; RILL_NEVER where none is set. */
rill_time socket_patience(const struct socket *, enum socket_value);

#endif
