/* Control messages (cmsg(3), ip(7)): requests in sendmsg and results in recvmsg. They are copied
 * byte by byte, because the caller's buffer may have any alignment. */
#ifndef SOCKET_CONTROL_H
#define SOCKET_CONTROL_H

#include "socket/socket.h"

/* ------------------------------------------------------------------- to send */

/* What the socket does not say, or says otherwise, for this one datagram. */
struct control_wishes {
    struct rill_address source; /* IP_PKTINFO; all zero: whatever fits */
    int port;                   /* of the stack, the only one that it may leave by; -1: any */
    uint8_t ttl;                /* IP_TTL; 0: the socket's */
    uint8_t tos;                /* IP_TOS, where has_tos */
    bool has_tos;
    uint16_t segment; /* UDP_SEGMENT, where has_segment */
    bool has_segment;
};

/* 0; -EINVAL: a message that is not understood, of a wrong length, or cut; -EFAULT. As in Linux
 * messages of foreign levels are passed over, and for a stream those of IP, too. */
int control_read(const struct msghdr *, bool is_stream, struct control_wishes *);

/* ------------------------------------------------------------------- received */

/* What a packet tells about itself. */
struct control_facts {
    rill_time when; /* it arrived */
    struct rill_address local, remote;
    uint8_t port, tos, ttl;
    uint16_t segment; /* not 0: datagrams of so many bytes, joined */
};

/* Where the next message goes. */
struct control {
    struct msghdr *message; /* msg_controllen: what has been written so far */
    size_t room;            /* bytes behind that */
};

/* The message has what it needs from now on: msg_flags must be set before. */
struct control control_begin(struct msghdr *);

/* What does not fit is cut, and msg_flags has MSG_CTRUNC. */
void control_put(struct control *, int level, int type, struct rill_span data);

/* All that the socket has asked for: SO_TIMESTAMP or SO_TIMESTAMPNS, UDP_GRO, IP_PKTINFO,
 * IP_RECVTTL, IP_RECVTOS. */
void control_put_facts(struct control *, const struct rill *, const struct socket *,
                       const struct control_facts *);

/* SO_TIMESTAMP's or SO_TIMESTAMPNS's message, where one of them asks for it. */
void control_put_time(struct control *, const struct socket *, rill_time when);

/* SO_TIMESTAMPING's, where SOF_TIMESTAMPING_SOFTWARE asks for it. */
void control_put_timestamping(struct control *, const struct rill *, const struct socket *,
                              rill_time when);

#endif
