/* A socket, which a descriptor names. It holds the protocol's object and the application's options;
 * the state and the data of the connection are in the island.
 *
 * Life of a stream socket:
 *
 *     IDLE -- listen --> LISTENING
 *     IDLE -- connect --> CONNECTING -- result returned --> CONNECTED (or IDLE again)
 *     accept makes a socket that is CONNECTED
 *
 * A datagram socket has its udp_socket for its whole life and stays IDLE. */
#ifndef SOCKET_SOCKET_H
#define SOCKET_SOCKET_H

#include "socket/rill.h"
#include "socket/sockaddr.h"
#include "tcp/call.h"

/* Options that are on or off. */
enum socket_flag {
    FLAG_REUSE = 1 << 0,
    FLAG_REUSE_PORT = 1 << 1,
    FLAG_BROADCAST = 1 << 2,
    FLAG_KEEPALIVE = 1 << 3,
    FLAG_LINGER = 1 << 4,
    FLAG_NODELAY = 1 << 5,
    FLAG_CORK = 1 << 6,
    FLAG_OOB_INLINE = 1 << 7,
    FLAG_DEBUG = 1 << 8,       /* SO_DEBUG: remembered, without effect, as in Linux for TCP */
    FLAG_INTERACTIVE = 1 << 9, /* TCP_QUICKACK is 0: for a connection's start */
    FLAG_FAST_OPEN_CONNECT = 1 << 10,
    FLAG_FAST_OPEN_NO_COOKIE = 1 << 11,
    FLAG_ONLY_IP6 = 1 << 12,     /* IPV6_V6ONLY: it has no peers, because there is no IPv6 */
    FLAG_NO_COPY = 1 << 13,      /* IP_MULTICAST_LOOP is off */
    FLAG_MEMBERS_ONLY = 1 << 14, /* IP_MULTICAST_ALL is off */
    /* Control messages that recvmsg must write. */
    FLAG_ERRORS = 1 << 16, /* IP_RECVERR */
    FLAG_PACKET_INFO = 1 << 17,
    FLAG_RECEIVE_TTL = 1 << 18,
    FLAG_RECEIVE_TOS = 1 << 19,
    FLAG_TIMESTAMP = 1 << 20,
    FLAG_TIMESTAMP_NS = 1 << 21,
    FLAG_TIMESTAMPS = FLAG_TIMESTAMP | FLAG_TIMESTAMP_NS, /* at most one of them */
    FLAG_INQ = 1 << 22,                                   /* TCP_INQ */
    FLAG_ZEROCOPY = 1 << 23,
    FLAG_JOINED = 1 << 24,       /* UDP_GRO */
    FLAG_NO_PORT = 1 << 25,      /* IP_BIND_ADDRESS_NO_PORT */
    FLAG_PACKET_INFO6 = 1 << 26, /* IPV6_RECVPKTINFO */
    /* IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_RECVERR: remembered, without effect, because they
     * are for IPv6 packets */
    FLAG_HOP_LIMIT6 = 1 << 27,
    FLAG_CLASS6 = 1 << 28,
    FLAG_ERRORS6 = 1 << 29
};

enum socket_phase { SOCKET_IDLE, SOCKET_LISTENING, SOCKET_CONNECTING, SOCKET_CONNECTED };

struct socket {
    union {
        struct tcp_owner tcp;
        struct udp_owner udp;
    } owner;
    union {
        struct tcp_conn *conn;         /* CONNECTING, CONNECTED */
        struct tcp_listener *listener; /* LISTENING */
        struct udp_socket *datagram;   /* of a datagram socket */
    };
    struct tcp_binding *binding; /* of a stream socket: the port, or (port 0) only the address, that
                                    bind or listen took; else NULL */
    struct socket_values *values; /* options that are not the default; NULL: none has been set */
    struct waiter *waiters;       /* calls that wait at it: wait_queue.h */
    uint32_t flags;               /* options that are on: bits of enum socket_flag */
    uint32_t watches;             /* first of its watches: see watch.h; 0: none */
    enum socket_phase phase : 8;
    bool is_stream : 1;
    bool is_ip6 : 1; /* AF_INET6: its addresses are mapped ones */
    bool nonblocking : 1;
    bool close_on_exec : 1;  /* remembered for F_GETFD: a stack does not outlive exec(2) */
    bool read_closed : 1;    /* shutdown(SHUT_RD) of a stream without a connection */
    bool address_chosen : 1; /* by bind: a datagram socket keeps it when connect is dissolved */
    bool port_chosen : 1;
    bool was_full : 1; /* a caller saw it full: then room is an event. Linux: SOCK_NOSPACE */
};

_Static_assert(sizeof(struct socket) <= 64, "an idle connection's socket is one cache line");

static inline bool socket_has_conn(const struct socket *s)
{
    return s->is_stream && s->phase >= SOCKET_CONNECTING;
}

static inline sa_family_t socket_family(const struct socket *s)
{
    return s->is_ip6 ? AF_INET6 : AF_INET;
}

static inline bool socket_flag(const struct socket *s, enum socket_flag f)
{
    return s->flags & f;
}

/* A live connection whose SYN has not been answered. */
bool socket_connecting(const struct socket *);

/* The SYN waits for text (TCP_FASTOPEN_CONNECT), though connect(2) has succeeded. */
bool fast_open_waits(const struct socket *);

#endif
