/* The common beginning of every entry of the flow table: connections, SYN records, TIME_WAIT
 * records and listeners. */
#ifndef TCP_FLOW_H
#define TCP_FLOW_H

#include "base/hash.h"
#include "base/heap.h"
#include "base/io_event.h"
#include "base/list.h"

#include <rill/address.h>
#include <rill/trace.h>

/* The four-tuple. A listener has no remote half, and no local address if it listens on all. */
struct flow {
    struct rill_address local, remote;
    uint16_t local_port, remote_port;
};

/* What is hashed of it: the same bytes on every machine. */
static inline struct flow flow_key(const struct flow *f)
{
    return (struct flow){f->local, f->remote, htole16(f->local_port), htole16(f->remote_port)};
}

enum head_kind { HEAD_CONNECTION, HEAD_SYN, HEAD_TIME_WAIT, HEAD_LISTENER };
#define HEAD_KINDS 4

/* Names an entry: its pool's index and its kind; 0: none. */
typedef uint32_t head_ref;

struct head {
    struct flow flow;
    enum rill_tcp_state state : 8; /* written by tcp_set_state alone */
    enum head_kind kind : 7;
    bool in_table : 1;
    uint8_t port;   /* the stack's port through which it sends; RILL_PORTS_MAX is below 256 */
    uint8_t events; /* bits of enum io_event, for the owner; cleared when it is informed */
    head_ref next;  /* in the flow table's bucket; outside of the table: its own name */
    head_ref queue; /* the one behind it: in the accept queue, or in TIME_WAIT's order of expiry; of
                       an accepted connection that Fast Open lets be pending: its listener */
};

_Static_assert(sizeof(struct head) == 48, "three kinds of record stand on these 48 bytes");

/* A head with timers that may have something to send: the start of connections and SYN records. */
struct sender {
    struct head head;
    struct list_node node; /* on tcp.sending, or in net's queue for an unresolved next hop */
    struct heap_node wake; /* in tcp.timers, at the earliest of its deadlines or before */
    uint16_t path;         /* net's number of the route to the remote address */
    uint8_t tos, ttl;
};

static inline struct sender *sender_of(struct list_node *n)
{
    return container_of(n, struct sender, node);
}

#endif
