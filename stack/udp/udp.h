/* UDP (RFC 768, RFC 1122 4.1). A socket has two queues of datagrams, each bounded in bytes; what it
 * sends waits there until net pulls it. Ports are found through a small hash by local port.
 *
 * Life of a socket: udp_open (no port) -> udp_bind (in its port's bucket) -> udp_close, which gives
 * the port back at once; what it has not sent yet still leaves, and the last datagram taken frees
 * it. */
#ifndef UDP_UDP_H
#define UDP_UDP_H

#include "base/hash.h"
#include "base/list.h"
#include "base/memory.h"
#include "wire/udp_header.h"

#include <rill/counters.h>
#include <rill/stack.h>
#include <sys/uio.h>

#define UDP_BUFFER 212992  /* bytes of each queue of a new socket, as Linux's rmem_default */
#define UDP_DATA_MAX 65507 /* 65,535 less the headers of IPv4 and UDP */

/* Told (by way of udp_next_woken) when calls on the socket may have a new outcome. */
struct udp_owner {
    struct list_node woken;
};

/* One datagram, header included: its bytes are the IP payload. */
struct udp_datagram {
    struct list_node node;
    struct rill_address local, remote;
    uint16_t local_port, remote_port;
    uint8_t tos, ttl;
    uint8_t port;    /* of the stack: where it came in, or leaves */
    uint32_t length; /* of the payload, UDP header included */
    uint8_t payload[];
};

struct udp_socket {
    struct list_node node; /* in its port's bucket, or in udp.portless */
    struct list_node
        sender; /* in udp.sending, or where net lets it wait; linked: something is unsent */
    struct udp_owner *owner;               /* NULL: closed, and freed with its last datagram */
    struct rill_address local, remote;     /* all zero: any, not connected */
    uint16_t local_port, remote_port;      /* local_port 0: not bound */
    struct list received, unsent;          /* struct udp_datagram */
    uint32_t received_bytes, unsent_bytes; /* overhead counted */
    uint32_t receive_buffer,
        send_buffer; /* the most of each; a queue that is empty takes one datagram of any size */
    uint8_t tos, ttl;
    uint8_t error; /* errno to report once: an ICMP error about a connected socket's datagram (RFC
                      1122 4.1.3.3) */
    bool reuse, reuse_port; /* SO_REUSEADDR, SO_REUSEPORT */
    bool read_closed, write_closed;
};

struct udp {
    struct memory *memory;
    struct rill_counters *counters;
    struct list *bucket;  /* by local port, UDP_BUCKETS */
    struct list portless; /* sockets that are not bound, or closed */
    struct list sending[RILL_PORTS_MAX];
    struct list woken;
    struct hash_key port_key; /* with `drawn`, a counter: where the search for a free port begins */
    uint64_t drawn;
    uint16_t ephemeral_first, ephemeral_last;
    uint8_t ttl; /* of new sockets */
};

bool udp_init(struct udp *, struct memory *, const struct rill_config *, struct rill_counters *);
void udp_end(struct udp *); /* sockets still open are freed with all that waits in them */

/* net's side. */

struct udp_arrival {
    struct rill_address source, destination;
    struct udp_header header;
    struct rill_span data;
    uint8_t port; /* of the stack */
    uint8_t tos;
    bool to_group; /* broadcast or multicast: every socket that fits gets it, and nobody answers
                      with an error */
};

/* To the socket that fits best (connected before bound before any). UDP_PORT: no socket; net may
 * answer with an ICMP error. */
enum rill_drop udp_input(struct udp *, const struct udp_arrival *);

struct udp_socket *udp_next_sender(struct udp *, int port);
/* Its first unsent datagram, whose addresses and port say where it goes; the header is written by
 * udp_take. */
const struct udp_datagram *udp_first_unsent(const struct udp_socket *);
/* Takes it out: the caller owns it and gives it back with udp_free. The header is complete,
 * checksum included. The socket goes to the tail of the list of its next datagram's port, or leaves
 * the lists (and is gone, if it was closed). */
struct udp_datagram *udp_take(struct udp *, struct udp_socket *);
void udp_free(struct udp *, struct udp_datagram *);
/* The first unsent datagram cannot leave: it is dropped, and the error kept for the app if the
 * socket is connected. The socket moves on as after udp_take. */
void udp_fail(struct udp *, struct udp_socket *, int error);

/* An ICMP error that quotes a datagram of ours. False: no connected socket fits. */
struct udp_icmp {
    struct rill_address local, remote;
    uint16_t local_port, remote_port;
    int error; /* errno */
};
bool udp_icmp(struct udp *, const struct udp_icmp *);

struct udp_owner *udp_next_woken(struct udp *);

/* The application's side: 0 or a count, or the negative of an errno value. */

struct udp_socket *udp_open(struct udp *, struct udp_owner *); /* NULL: no memory */
void udp_close(struct udp *, struct udp_socket *); /* what it has not sent yet still leaves */

/* Port 0: one is drawn (RFC 6056). EINVAL: bound already; EADDRINUSE. Whether the address is ours
 * is the caller's to check. */
int udp_bind(struct udp *, struct udp_socket *, struct rill_address local, uint16_t port);
/* The port goes back; the socket is as udp_open made it. */
void udp_unbind(struct udp *, struct udp_socket *);

/* Takes datagrams of this peer only, and ICMP errors about those sent to it. All zero: of
 * everybody. */
void udp_connect(struct udp_socket *, struct rill_address remote, uint16_t port);

static inline bool udp_connected(const struct udp_socket *s)
{
    return !rill_address_equal(s->remote, (struct rill_address){{0}});
}

/* Where to, from where, and by which port of the stack. */
struct udp_to {
    struct rill_address local, remote;
    uint16_t remote_port;
    uint8_t port;
};
/* Copies the parts into one datagram; the socket must be bound. EMSGSIZE above UDP_DATA_MAX,
 * EAGAIN: no room now, ENOBUFS: no memory. */
int64_t udp_send(struct udp *, struct udp_socket *, const struct udp_to *, const struct iovec *,
                 size_t parts);

/* The oldest datagram received, still the socket's; NULL: none. udp_drop_first takes it away. */
const struct udp_datagram *udp_first(const struct udp_socket *);
struct rill_span udp_data(const struct udp_datagram *);
void udp_drop_first(struct udp *, struct udp_socket *);

#endif
