/* The socket options as a table: one row for each option gives its type, where it is stored and its
 * range. setsockopt.c and getsockopt.c work by the type; only read-only facts (properties of the
 * socket instead of settings) need code of their own. */
#ifndef SOCKET_OPTION_TABLE_H
#define SOCKET_OPTION_TABLE_H

#include "socket/socket.h"

/* Not in older <netinet/tcp.h>. */
#define TCP_MULTIPATH 43  /* TCP_IS_MPTCP of Linux 5.16 */
#define TCP_RTO_MAX 44    /* of Linux 6.15: TCP_RTO_MAX_MS, */
#define TCP_RTO_MIN 45    /* TCP_RTO_MIN_US, */
#define TCP_DELACK_MAX 46 /* TCP_DELACK_MAX_US */

enum option_form {
    FORM_FLAG,
    FORM_FLAG_OFF, /* the flag says that the option is off */
    FORM_NUMBER,
    FORM_BUFFER,    /* reported doubled, clamped to its range: socket(7) */
    FORM_TIME,      /* struct timeval */
    FORM_RATE,      /* 64 bits, or 32 if there is no room for more */
    FORM_LINGER,    /* struct linger */
    FORM_NAME,      /* name of a congestion control */
    FORM_KEY,       /* one or two keys of Fast Open */
    FORM_FACT,      /* a read-only number */
    FORM_INFO,      /* struct tcp_info */
    FORM_CC_INFO,   /* union tcp_cc_info */
    FORM_QUICKACK,  /* temporary: tcp(7) */
    FORM_PATH_MTU,  /* a number that only a connected socket has */
    FORM_MEMBER,    /* write-only: a change of the memberships in groups */
    FORM_GROUP_TTL, /* a number of datagram sockets, -1: the default */
    FORM_GROUP_IF,  /* struct in_addr, ip_mreq or ip_mreqn: multicast.h */
    FORM_ULP, /* the name of an upper layer such as tls: none exists, as in a kernel without them */
    FORM_NONE /* none exist, and none can be set: zero bytes */
};

struct option {
    int level, name;
    enum option_form form;
    int which;    /* enum socket_flag or enum socket_value */
    int min, max; /* of a flag 0, 0: any other number switches it on */
};

/* Options of this level exist for such a socket. */
bool option_level_known(const struct socket *, int level);

/* NULL: the socket has no such option. */
const struct option *option_find(const struct socket *, int level, int name);

#endif
