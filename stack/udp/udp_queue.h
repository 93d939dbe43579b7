/* The two queues of a UDP socket, and what the rest of the island needs of them. */
#ifndef UDP_UDP_QUEUE_H
#define UDP_UDP_QUEUE_H

#include "udp/udp.h"

/* Puts the socket's owner on the list of those who are to look again. */
void udp_wake(struct udp *, struct udp_socket *);

/* A copy of what has arrived, to the end of the receive queue. UDP_QUEUE_FULL, MEMORY: the newest
 * is the one dropped. */
enum rill_drop udp_receive(struct udp *, struct udp_socket *, const struct udp_arrival *);

/* Drops all that was received, or all that is unsent. */
void udp_drop_received(struct udp *, struct udp_socket *);
void udp_drop_unsent(struct udp *, struct udp_socket *);

/* Gives the socket's own memory back; it is on no list and its queues are empty. */
void udp_forget(struct udp *, struct udp_socket *);

#endif
