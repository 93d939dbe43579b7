/* The data structures of the UDP island: sockets, datagrams, and the values of its interface. */
#ifndef UDP_CORE_H
#define UDP_CORE_H

#include "base/error_queue.h"
#include "base/hash.h"
#include "base/io_event.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/steer.h"
#include "wire/ip4.h"
#include "wire/udp_header.h"

#include <rill/counters.h>
#include <rill/stack.h>
#include <sys/uio.h>

#define UDP_BUFFER 212992    /* bytes of each queue of a new socket, as Linux's rmem_default */
#define UDP_DATA_MAX 65507   /* 65,535 less the headers of IPv4 and UDP */
#define UDP_SEGMENTS_MAX 128 /* datagrams of one call: Linux's UDP_MAX_SEGMENTS */

/* The application's side: udp_next_woken reports it when calls on the socket may have a new
 * outcome. */
struct udp_owner {
    struct list_node woken;
};

/* One datagram, header included: its bytes are the IP payload. Or several of the same length
 * (except the last), one after another behind one header: UDP_SEGMENT, UDP_GRO. */
struct udp_datagram {
    struct list_node node;
    struct rill_address local, remote;
    uint16_t local_port, remote_port;
    uint8_t tos, ttl;
    uint8_t port;      /* of the stack: on which it arrived, or leaves */
    uint8_t discovery; /* enum ip4_discovery */
    uint16_t segment;  /* bytes of text of each of several datagrams; 0: it is one */
    uint32_t length;   /* of the payload, UDP header included */
    uint32_t sent;     /* bytes of its text that were sent already */
    rill_time when;    /* when it arrived */
    uint8_t payload[];
};

struct udp_socket {
    struct list_node node; /* in its port's bucket, or in udp.portless */
    struct list_node
        sender; /* in udp.sending, or in net's waiting list; linked: something is unsent */
    struct udp_owner *owner;               /* NULL: closed, and freed with its last datagram */
    struct rill_address local, remote;     /* all zero: any, not connected */
    uint16_t local_port, remote_port;      /* local_port 0: not bound */
    struct list received, unsent;          /* struct udp_datagram */
    uint32_t received_bytes, unsent_bytes; /* overhead counted */
    uint32_t receive_buffer,
        send_buffer; /* limits of the two; an empty queue accepts one datagram of any size */
    uint8_t tos, ttl;
    uint8_t discovery;         /* enum ip4_discovery, as IP_MTU_DISCOVER has it */
    uint8_t error;             /* errno to report once: see udp_error.h */
    struct error_queue errors; /* IP_RECVERR */
    uint8_t events;         /* bits of enum io_event, for the owner; cleared when it is informed */
    bool reuse, reuse_port; /* SO_REUSEADDR, SO_REUSEPORT */
    bool read_closed, write_closed;
    bool joined;       /* UDP_GRO: several datagrams may arrive as one */
    bool recverr;      /* IP_RECVERR: reports every error, with all details */
    bool members_only; /* IP_MULTICAST_ALL is off */
    uint8_t member_count;
    uint8_t multicast_ttl;
    uint32_t multicast_index;     /* IP_MULTICAST_IF: the interface's; 0: as the routes say */
    uint32_t multicast_interface; /* the address that named it, our source then; 0: none did */
    struct list members;          /* struct udp_member */
};

struct udp {
    struct memory *memory;
    struct rill_counters *counters;
    struct list *bucket;  /* by local port */
    uint32_t buckets;     /* a power of two */
    uint32_t bound;       /* sockets in them */
    struct list portless; /* sockets that are not bound, or closed */
    struct list sending[RILL_PORTS_MAX];
    struct list departed; /* struct udp_datagram: see udp_sent */
    struct list woken;
    struct list members[RILL_PORTS_MAX]; /* struct udp_member, of all sockets */
    struct hash_key port_key; /* with the counter `drawn`: where the search for a port begins */
    uint64_t drawn;
    struct steer steer; /* which ports are ours, if several cores share an address */
    uint8_t ttl;        /* of new sockets */
};

/* Puts the socket's owner on the list of owners to be informed. */
static inline void udp_wake(struct udp *u, struct udp_socket *s, enum io_event events)
{
    s->events |= (uint8_t)events;
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
    bool to_group; /* broadcast or multicast: every matching socket gets it, and no error is sent */
    bool to_members; /* multicast: only sockets that want the group */
};

/* The destination, the source, and the stack's port. */
struct udp_to {
    struct rill_address local, remote;
    uint16_t remote_port;
    uint8_t port;
    uint8_t ttl;      /* of this datagram; 0: the socket's */
    uint8_t tos;      /* used if has_tos */
    bool has_tos;     /* else the socket's */
    uint16_t segment; /* as in struct udp_datagram */
};

/* Bytes of an IP datagram with so much text. */
static inline size_t udp_packet_length(size_t text)
{
    return IP4_HEADER + UDP_HEADER + text;
}

static inline bool udp_connected(const struct udp_socket *s)
{
    return !rill_address_is_any(s->remote);
}

/* How the socket's datagrams use the path MTU. By default only a connected socket sets DF: an
 * attacker can forge an ICMP error for an unconnected one (RFC 5927 7), and ignoring errors with DF
 * set would cause a black hole. */
static inline enum ip4_discovery udp_discovery(const struct udp_socket *s)
{
    bool unsure = s->discovery == IP4_DISCOVERY_WANT && !udp_connected(s);
    return unsure ? IP4_DISCOVERY_DONT : s->discovery;
}

#endif
