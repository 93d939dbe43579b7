/* Socket options: flags (socket.h) and numbers that are stored with the socket and passed to its
 * protocol object. */
#ifndef SOCKET_OPTIONS_H
#define SOCKET_OPTIONS_H

#include "socket/socket.h"
#include "tcp/fastopen_passive.h"
#include "wire/ip4.h"

/* SO_TIMESTAMPING: a flag that older <linux/net_tstamp.h> do not define yet, and the mask of all
 * flags. */
#define TIMESTAMPING_OPT_ID_TCP (1 << 16)
#define TIMESTAMPING_MAX ((1 << 17) - 1)

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
    VALUE_RTO_MIN,      /* microseconds */
    VALUE_RTO_MAX,      /* milliseconds */
    VALUE_ACK_DELAY,    /* microseconds */
    VALUE_SYN_COUNT,
    VALUE_LINGER2,      /* seconds; -1: none */
    VALUE_DEFER_ACCEPT, /* SYN-ACKs: as many as the seconds allow */
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
    VALUE_CLASS6, /* IPV6_TCLASS, IPV6_UNICAST_HOPS and 1, IPV6_MTU_DISCOVER and 1: remembered, */
    VALUE_HOPS6,  /* without effect, because they are for IPv6 packets */
    VALUE_MTU_DISCOVER6,
    VALUE_COUNT
};

/* Allocated when the first value is set. 0: the default. */
struct socket_values {
    int64_t of[VALUE_COUNT];
    struct fast_open_keys fast_open_keys;
};

/* The value that was set, or the default. */
int64_t socket_value(const struct rill *, const struct socket *, enum socket_value);

/* TCP_CONGESTION: the one that was set, or the stack's. */
const struct cc_ops *socket_congestion(const struct rill *, const struct socket *);

/* IP_MTU_DISCOVER. */
enum ip4_discovery socket_discovery(const struct rill *, const struct socket *);

/* SO_MAX_PACING_RATE, bytes a second; 0: none. */
uint64_t socket_pacing_max(const struct socket *);

/* All settings for TCP. */
struct tcp_settings socket_settings(const struct rill *, const struct socket *);

/* All Fast Open settings for a listener. */
struct fast_open_settings socket_fast_open(const struct socket *);

/* Passes flags and values to the protocol object, if any. 0 or a negative errno value. */
int socket_apply(struct rill *, struct socket *);

/* An accepted socket gets its listener's options (tcp(7)). -ENOBUFS. */
int socket_inherit(struct rill *, struct socket *, const struct socket *listener);

/* The time-out of an option; RILL_NEVER if none is set. */
rill_time socket_timeout(const struct socket *, enum socket_value);

#endif
