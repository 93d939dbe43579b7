/* The two queues of a UDP socket, and what the rest of the island needs of them. */
#ifndef UDP_UDP_QUEUE_H
#define UDP_UDP_QUEUE_H

#include "udp/core.h"

/* net's side: what leaves. */

struct udp_socket *udp_next_sender(struct udp *, int port);
/* Its first unsent datagram, whose addresses and port say where it goes. */
const struct udp_datagram *udp_first_unsent(const struct udp_socket *);

/* What of it leaves as one packet. */
struct udp_piece {
    struct rill_span text;
    uint16_t segment; /* not 0: the device cuts it into datagrams of so much text */
};
/* Of several datagrams the next, or where the device cuts as many as go into `most` bytes of text
 * (0: it does not). */
struct udp_piece udp_next_piece(const struct udp_datagram *, uint32_t most);
/* Writes its header, UDP_HEADER bytes. Of the checksum only the pseudo-header's part stands there:
 * the rest is the device's, or udp_finish's, which is for those that no device sees as a whole. */
void udp_write_header(const struct udp_datagram *, const struct udp_piece *, uint8_t *to);
void udp_finish(uint8_t *payload, size_t length);
/* The piece has left. The socket goes to the tail of the list of its next datagram's port, or
 * leaves the lists (and is gone, if it was closed). The text of several datagrams stays where it is
 * until udp_forget_departed: the device takes it from there. */
void udp_sent(struct udp *, struct udp_socket *, const struct udp_piece *);
void udp_forget_departed(struct udp *);
/* The first unsent datagram leaves by this port of the stack now. */
void udp_move(struct udp *, struct udp_socket *, uint8_t port);
/* The first unsent datagram cannot leave (ENETUNREACH, EHOSTUNREACH): it is dropped and reported,
 * as a fatal error. The socket moves on as after udp_sent. */
void udp_fail(struct udp *, struct udp_socket *, int error, rill_time now);

/* The application's side: what it sends and reads. 0 or a count, or a negative errno value. */

/* Copies the parts into one datagram, or several; the socket must be bound. EMSGSIZE above
 * UDP_DATA_MAX, EAGAIN: no room now, ENOBUFS: no memory. */
int64_t udp_send(struct udp *, struct udp_socket *, const struct udp_to *, const struct iovec *,
                 size_t parts);

/* The oldest datagram received, still the socket's; NULL: none. udp_drop_first takes it away. */
const struct udp_datagram *udp_first(const struct udp_socket *);
struct rill_span udp_data(const struct udp_datagram *);
void udp_drop_first(struct udp *, struct udp_socket *);

struct udp_owner *udp_next_woken(struct udp *);

/* The rest of the island's. */

/* A copy of what has arrived, to the end of the receive queue. UDP_QUEUE_FULL, MEMORY: the newest
 * is the one dropped. */
enum rill_drop udp_receive(struct udp *, struct udp_socket *, const struct udp_arrival *);

/* Drops all that was received, or all that is unsent. */
void udp_drop_received(struct udp *, struct udp_socket *);
void udp_drop_unsent(struct udp *, struct udp_socket *);

/* Gives the socket's own memory back; it is on no list and its queues are empty. */
void udp_forget(struct udp *, struct udp_socket *);

#endif
