/* Error reports for a UDP socket (RFC 1122 4.1.3.3; ip(7) IP_RECVERR): one pending errno for the
 * next call, and with IP_RECVERR also a queue of reports. */
#ifndef UDP_UDP_ERROR_H
#define UDP_UDP_ERROR_H

#include "udp/core.h"

/* Something about a datagram of this socket, whose text is `data`. A fatal error is told to every
 * connected socket; any other one, and an unconnected socket, only with IP_RECVERR (udp(7)). False:
 * the socket does not want to know. */
bool udp_report(struct udp *, struct udp_socket *, const struct error_report *,
                struct rill_span data, bool fatal);

/* The call itself says what was wrong, so nothing is pending: only the queue is told. */
void udp_refused(struct udp *, struct udp_socket *, const struct error_report *);

/* The pending errno, told once; 0: none. */
int udp_take_error(struct udp_socket *);

/* The oldest report has been read: the pending errno becomes the next one's (recvmsg(2)). */
void udp_drop_error(struct udp *, struct udp_socket *);

/* IP_RECVERR; what is queued goes when it is switched off. */
void udp_want_errors(struct udp *, struct udp_socket *, bool on);

#endif
