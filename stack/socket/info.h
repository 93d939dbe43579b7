/* TCP_INFO (tcp(7)): Linux's struct in <linux/tcp.h>, up to Linux 7.0. */
#ifndef SOCKET_INFO_H
#define SOCKET_INFO_H

#include "socket/socket.h"

#define INFO_MAX 512 /* bytes of struct tcp_info, which cannot be named beside <netinet/tcp.h> */

/* The fields of struct tcp_info that Linux has added since 6.2, behind those of an older
 * <linux/tcp.h>. */
#define INFO_ADDED_AT 232
struct info_added {
    uint32_t rcv_wnd; /* tcpi_rcv_wnd: the window that the peer was last offered */
    uint32_t rehash;  /* tcpi_rehash: rill has no other way to choose */
    uint16_t total_rto, total_rto_recoveries; /* 6.7; not counted */
    uint32_t total_rto_time;
    uint32_t received_ce; /* 6.18: accurate ECN (RFC 9768), packets; the next six bytes of text */
    uint32_t delivered_e1_bytes, delivered_e0_bytes, delivered_ce_bytes;
    uint32_t received_e1_bytes, received_e0_bytes, received_ce_bytes;
    uint32_t ecn_bits; /* tcpi_ecn_mode: 2, tcpi_accecn_opt_seen: 2, tcpi_accecn_fail_mode: 4 */
};

/* tcpi_ecn_mode. */
enum info_ecn_mode { INFO_ECN_OFF, INFO_ECN_RFC3168, INFO_ECN_ACCURATE, INFO_ECN_PENDING };

/* Fills in the struct and returns its size. What rill does not know is 0. */
size_t info_get(const struct rill *, const struct socket *, uint8_t *);

/* Linux's number of a state. */
uint8_t info_state(enum rill_tcp_state);

/* TCP_CC_INFO, Linux's union tcp_cc_info; 0: the congestion control has no facts to report, or no
 * state of its own at the moment. */
size_t info_congestion(const struct socket *, uint8_t *);

#endif
