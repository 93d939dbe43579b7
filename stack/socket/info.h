/* TCP_INFO (tcp(7)): Linux's struct, whole, as <linux/tcp.h> has it. */
#ifndef SOCKET_INFO_H
#define SOCKET_INFO_H

#include "socket/socket.h"

#define INFO_MOST 512 /* bytes of struct tcp_info, which cannot be named beside <netinet/tcp.h> */

/* Fills it in and returns its size. What rill does not know is 0: the delivery
 * rate, and reordering events. */
size_t info_get(const struct rill *, const struct socket *, uint8_t *);

/* TCP_CC_INFO, Linux's union tcp_cc_info; 0: the congestion control has nothing to tell, or no
 * state of its own at the moment. */
size_t info_congestion(const struct socket *, uint8_t *);

#endif
