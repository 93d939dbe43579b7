/* The two queues of a UDP socket, for net, for the application, and for the other files of UDP. */
#ifndef UDP_UDP_QUEUE_H
#define UDP_UDP_QUEUE_H

#include "udp/core.h"

/* net's side: sending. */

struct udp_socket *udp_next_sender(struct udp *, int port);
/* Its first unsent datagram, which holds the destination and the port to send through. */
const struct udp_datagram *udp_first_unsent(const struct udp_socket *);

/* The part of a datagram that is sent as one packet. */
struct udp_piece {
    struct rill_span text;
    uint16_t segment; /* not 0: the device cuts it into datagrams of so much text */
};
/* The next of several datagrams; or, if the device cuts, as many as fit into `max` bytes of text
 * (0: it does not cut). */
struct udp_piece udp_next_piece(const struct udp_datagram *, uint32_t max);
/* Writes its header, UDP_HEADER bytes. The checksum field holds only the sum of the pseudo-header:
 * the device completes it, or udp_finish for datagrams that are fragmented. */
void udp_write_header(const struct udp_datagram *, const struct udp_piece *, uint8_t *to);
void udp_finish(uint8_t *payload, size_t length);
/* The piece was sent. The socket moves to the end of the list of its next datagram's port, or
 * leaves the lists (and is freed if it was closed). The text of several datagrams stays in place
 * until udp_forget_departed, because the device reads it there. */
void udp_sent(struct udp *, struct udp_socket *, const struct udp_piece *);
void udp_forget_departed(struct udp *);
/* The first unsent datagram now leaves through this port of the stack. */
void udp_move(struct udp *, struct udp_socket *, uint8_t port);
/* The first unsent datagram cannot be sent (ENETUNREACH, EHOSTUNREACH): it is dropped and reported
 * as a fatal error. The socket moves on as after udp_sent. */
void udp_fail(struct udp *, struct udp_socket *, int error, rill_time now);

/* The application's side: sending and reading. Returns 0 or a count, or the negative of an errno
 * value. */

/* Copies the parts into one datagram, or several; the socket must be bound. EMSGSIZE above
 * UDP_DATA_MAX, EAGAIN: no room now, ENOBUFS: no memory. */
int64_t udp_send(struct udp *, struct udp_socket *, const struct udp_to *, const struct iovec *,
                 size_t parts);

/* The oldest received datagram, which the socket still owns; NULL: none. udp_drop_first removes
 * it. */
const struct udp_datagram *udp_first(const struct udp_socket *);
struct rill_span udp_data(const struct udp_datagram *);
void udp_drop_first(struct udp *, struct udp_socket *);

struct udp_owner *udp_next_woken(struct udp *);

/* For the other files of UDP. */

/* Copies an arrival to the end of the receive queue. UDP_QUEUE_FULL, MEMORY: the new datagram is
 * dropped. */
enum rill_drop udp_receive(struct udp *, struct udp_socket *, const struct udp_arrival *);

/* Drops all received or all unsent datagrams. */
void udp_drop_received(struct udp *, struct udp_socket *);
void udp_drop_unsent(struct udp *, struct udp_socket *);

/* Frees the socket's own memory; it is on no list and its queues are empty. */
void udp_forget(struct udp *, struct udp_socket *);

#endif
