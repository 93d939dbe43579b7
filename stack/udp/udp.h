/* UDP (RFC 768, RFC 1122 4.1). A socket has two queues of datagrams, each bounded in bytes; what it
 * sends waits there until net pulls it. Ports are found through a small hash by local port.
 *
 * Life of a socket: udp_open (no port) -> udp_bind (in its port's bucket) -> udp_close, which gives
 * the port back at once; what it has not sent yet still leaves, and the last datagram taken frees
 * it. */
#ifndef UDP_UDP_H
#define UDP_UDP_H

#include "udp/udp_error.h"
#include "udp/udp_queue.h"

bool udp_init(struct udp *, struct memory *, const struct rill_config *, struct rill_counters *);
void udp_end(struct udp *); /* sockets still open are freed with all that waits in them */

/* Delivers to the best match (connected before bound before any). UDP_PORT: no socket matches; net
 * may answer with an ICMP error. */
enum rill_drop udp_input(struct udp *, const struct udp_arrival *);

/* UDP_GRO: it would be delivered to one socket, which accepts several datagrams as one. */
bool udp_takes_joined(const struct udp *, const struct udp_arrival *);

/* An ICMP error that quotes a datagram of ours. False: no socket matches, or it does not want
 * errors. */
struct udp_icmp {
    struct rill_address local; /* the datagram's source */
    uint16_t local_port;
    bool fatal;                 /* a retry would not help */
    struct error_report report; /* remote and remote_port are the datagram's destination */
    struct rill_span data;      /* the quoted part of its text */
};
bool udp_icmp(struct udp *, const struct udp_icmp *);

/* Is the report plausible that the quoted datagram was too long for a router? Its socket must set
 * DF, and use ICMP errors about the path. */
bool udp_mtu_plausible(const struct udp *, const struct udp_icmp *);

/* The application's side: returns 0 or a count, or the negative of an errno value. */

struct udp_socket *udp_open(struct udp *, struct udp_owner *); /* NULL: no memory */
void udp_close(struct udp *, struct udp_socket *);             /* unsent datagrams are still sent */

/* Port 0: chooses one (RFC 6056). EINVAL: bound already; EADDRINUSE. The caller checks that the
 * address is ours. */
int udp_bind(struct udp *, struct udp_socket *, struct rill_address local, uint16_t port);
/* Releases the port; the socket is as udp_open made it. */
void udp_unbind(struct udp *, struct udp_socket *);

/* Accepts only datagrams from this peer, and ICMP errors about those sent to it. All zero: from any
 * peer. */
void udp_connect(struct udp_socket *, struct rill_address remote, uint16_t port);

#endif
