/* TCP_INFO (tcp(7)): Linux's struct in <linux/tcp.h>, up to Linux 6.2. */
#ifndef SOCKET_INFO_H
#define SOCKET_INFO_H

#include "socket/socket.h"

#define INFO_MAX 512 /* bytes of struct tcp_info, which cannot be named beside <netinet/tcp.h> */

/* The fields of struct tcp_info that Linux 6.2 has added, behind those of an older <linux/tcp.h>.
 */
#define INFO_ADDED_AT 232
struct info_added {
    uint32_t rcv_wnd; /* tcpi_rcv_wnd: the window that the peer was last offered */
    uint32_t rehash;  /* tcpi_rehash: rill has no other way to choose */
};

/* Fills in the struct and returns its size. What rill does not know is 0. */
size_t info_get(const struct rill *, const struct socket *, uint8_t *);

/* Linux's number of a state. */
uint8_t info_state(enum rill_tcp_state);

/* TCP_CC_INFO, Linux's union tcp_cc_info; 0: the congestion control has no facts to report, or no
 * state of its own at the moment. */
size_t info_congestion(const struct socket *, uint8_t *);

#endif
