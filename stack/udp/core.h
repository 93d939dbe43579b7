/* The data structures of the UDP island: sockets, datagrams, and the values of its interface. */
#ifndef UDP_CORE_H
#define UDP_CORE_H

#include "base/error_queue.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/news.h"
#include "base/steer.h"
#include "wire/ip4.h"
#include "wire/udp_header.h"

#include <rill/counters.h>
#include <rill/stack.h>
#include <sys/uio.h>

#define UDP_BUFFER 212992    /* bytes of each queue of a new socket, as Linux's rmem_default */
#define UDP_DATA_MAX 65507   /* 65,535 less the headers of IPv4 and UDP */
#define UDP_SEGMENTS_MAX 128 /* datagrams of one call: Linux's UDP_MAX_SEGMENTS */

/* Told (by way of udp_next_woken) when calls on the socket may have a new outcome. */
struct udp_owner {
    struct list_node woken;
};

/* One datagram, header included: its bytes are the IP payload. Or several of the same length (but
 * for the last), one behind the other behind one header: UDP_SEGMENT, UDP_GRO. */
struct udp_datagram {
    struct list_node node;
    struct rill_address local, remote;
    uint16_t local_port, remote_port;
    uint8_t tos, ttl;
    uint8_t port;      /* of the stack: where it came in, or leaves */
    uint8_t discovery; /* enum ip4_discovery */
    uint16_t segment;  /* bytes of text of each of several; 0: it is one */
    uint32_t length;   /* of the payload, UDP header included */
    uint32_t sent;     /* bytes of its text that have left already */
    rill_time when;    /* it came */
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
    uint8_t discovery;         /* enum ip4_discovery, as IP_MTU_DISCOVER has it */
    uint8_t error;             /* errno to report once: see udp_error.h */
    struct error_queue errors; /* IP_RECVERR */
    uint8_t news;              /* bits of enum news, for the owner; cleared when it is informed */
    bool reuse, reuse_port;    /* SO_REUSEADDR, SO_REUSEPORT */
    bool read_closed, write_closed;
    bool joined;  /* UDP_GRO: several datagrams may come as one */
    bool recverr; /* IP_RECVERR: every error, and with all that is known about it */
};

struct udp {
    struct memory *memory;
    struct rill_counters *counters;
    struct list *bucket;  /* by local port, UDP_BUCKETS */
    struct list portless; /* sockets that are not bound, or closed */
    struct list sending[RILL_PORTS_MAX];
    struct list departed; /* struct udp_datagram: see udp_sent */
    struct list woken;
    struct hash_key port_key; /* with `drawn`, a counter: where the search for a free port begins */
    uint64_t drawn;
    struct steer steer; /* which ports are ours, of those that share an address */
    uint8_t ttl;        /* of new sockets */
};

/* Puts the socket's owner on the list of owners to be informed. */
static inline void udp_wake(struct udp *u, struct udp_socket *s, enum news news)
{
    s->news |= (uint8_t)news;
    if (s->owner && !list_linked(&s->owner->woken))
        list_append(&u->woken, &s->owner->woken);
}

struct udp_arrival {
    struct rill_address source, destination;
    struct udp_header header;
    struct rill_span data;
    uint8_t port; /* of the stack */
    uint8_t tos, ttl;
    uint16_t segment; /* as in struct udp_datagram */
    rill_time when;
    bool to_group; /* broadcast or multicast: every socket that fits gets it, and nobody answers
                      with an error */
};

/* Where to, from where, and by which port of the stack. */
struct udp_to {
    struct rill_address local, remote;
    uint16_t remote_port;
    uint8_t port;
    uint8_t ttl;      /* of this datagram; 0: the socket's */
    uint8_t tos;      /* where has_tos */
    bool has_tos;     /* else the socket's */
    uint16_t segment; /* as in struct udp_datagram */
};

/* Bytes of IP that a datagram with so much text takes. */
static inline size_t udp_packet_length(size_t text)
{
    return IP4_HEADER + UDP_HEADER + text;
}

static inline bool udp_connected(const struct udp_socket *s)
{
    return !rill_address_is_any(s->remote);
}

/* How the socket's datagrams use the path MTU. By default DF is set only on a connected socket: an
 * ICMP error about an unconnected one could be forged by anybody (RFC 5927 7), and with DF,
 * ignoring it would cause a black hole. */
static inline enum ip4_discovery udp_discovery(const struct udp_socket *s)
{
    bool unsure = s->discovery == IP4_DISCOVERY_WANT && !udp_connected(s);
    return unsure ? IP4_DISCOVERY_DONT : s->discovery;
}

#endif
