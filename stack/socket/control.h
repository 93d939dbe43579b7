/* Control messages (cmsg(3), ip(7)): requests in sendmsg and results in recvmsg. They are copied
 * byte by byte, because the caller's buffer may have any alignment. */
#ifndef SOCKET_CONTROL_H
#define SOCKET_CONTROL_H

#include "socket/socket.h"

/* ------------------------------------------------------------------- to send */

/* What this one datagram sets in place of the socket's options. */
struct control_wishes {
    struct rill_address source; /* IP_PKTINFO; all zero: no choice */
    uint32_t index;             /* of the only interface that it may leave by; 0: any */
    uint8_t ttl;                /* IP_TTL; 0: the socket's */
    uint8_t tos;                /* IP_TOS, if has_tos */
    bool has_tos;
    uint16_t segment; /* UDP_SEGMENT, if has_segment */
    bool has_segment;
};

/* 0; -EINVAL: an unknown or cut message, or one of a wrong length; -EFAULT. As in Linux, messages
 * of other levels are ignored, and for a stream those of IP as well. Of an AF_INET6 socket
 * IPV6_PKTINFO is read, too, with a mapped address. */
int control_read(const struct msghdr *, const struct socket *, struct control_wishes *);

/* ------------------------------------------------------------------- received */

/* What a received packet reports about itself. */
struct control_facts {
    rill_time when; /* time of arrival */
    struct rill_address local, remote;
    uint8_t port, tos, ttl;
    uint16_t segment; /* not 0: joined datagrams of so many bytes each */
};

/* The place of the next message. */
struct control {
    struct msghdr *message; /* msg_controllen: bytes written so far */
    size_t room;            /* bytes that are left */
};

/* Takes what it needs from the message: msg_flags must be set before. */
struct control control_begin(struct msghdr *);

/* Data that does not fit is cut, and MSG_CTRUNC is set in msg_flags. */
void control_put(struct control *, int level, int type, struct rill_span data);

/* Writes everything that the socket asked for: SO_TIMESTAMP or SO_TIMESTAMPNS, UDP_GRO,
 * IPV6_RECVPKTINFO, IP_PKTINFO, IP_RECVTTL, IP_RECVTOS. */
void control_put_facts(struct control *, const struct rill *, const struct socket *,
                       const struct control_facts *);

/* Writes the message of SO_TIMESTAMP or SO_TIMESTAMPNS, if one of them is on. */
void control_put_time(struct control *, const struct socket *, rill_time when);

/* Writes the message of SO_TIMESTAMPING, if SOF_TIMESTAMPING_SOFTWARE is on. */
void control_put_timestamping(struct control *, const struct rill *, const struct socket *,
                              rill_time when);

#endif
