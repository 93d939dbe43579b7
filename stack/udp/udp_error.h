/* Error reports for a UDP socket (RFC 1122 4.1.3.3; ip(7) IP_RECVERR): one pending errno for the
 * next call, and with IP_RECVERR also a queue of reports. */
#ifndef UDP_UDP_ERROR_H
#define UDP_UDP_ERROR_H

#include "udp/core.h"

/* Reports an error about a datagram of this socket with the text `data`. A connected socket gets
 * fatal errors; all other errors, and those of an unconnected socket, are reported only with
 * IP_RECVERR (udp(7)). False: nothing was reported. */
bool udp_report(struct udp *, struct udp_socket *, const struct error_report *,
                struct rill_span data, bool fatal);

/* The call itself returns the error, so no errno is pending: only the queue gets a report. */
void udp_refused(struct udp *, struct udp_socket *, const struct error_report *);

/* The pending errno, returned once; 0: none. */
int udp_take_error(struct udp_socket *);

/* The oldest report was read: the pending errno is now that of the next one (recvmsg(2)). */
void udp_drop_error(struct udp *, struct udp_socket *);

/* IP_RECVERR; switching it off drops the queued reports. */
void udp_want_errors(struct udp *, struct udp_socket *, bool on);

#endif
