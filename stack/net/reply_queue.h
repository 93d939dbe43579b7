/* Replies and datagrams to be sent that belong to no connection or socket: ARP replies, RSTs
 * without a connection, ICMP, and datagrams that must be fragmented. The entries are in a byte ring
 * for each port that is allocated once, so that a reply never needs memory: rill_receive takes at
 * most one batch of frames, each frame causes at most one small reply, and long entries (echo data,
 * fragments) leave room for these.
 *
 *     bytes   | entry | entry | entry |      free      |
 *             first                   first + used
 *
 * An entry never wraps: a tail that is too short is skipped. */
#ifndef NET_REPLY_QUEUE_H
#define NET_REPLY_QUEUE_H

#include "base/memory.h"
#include "ip/fragment.h"
#include "wire/eth.h"
#include "wire/ip4.h"

#include <rill/stack.h>

#define REPLY_QUEUE_SMALL \
    640 /* bytes of the largest small entry: an ICMP error quotes up to 576 \
         */
#define REPLY_QUEUE_RESERVE \
    ((RILL_BATCH_MAX + 1) * REPLY_QUEUE_SMALL) /* one more: a tail may be skipped */

#define REPLY_QUEUE_MIN \
    67584 /* bytes for long entries: at least one datagram of 64 KB must fit \
           */

struct queued_reply {
    uint32_t size;   /* of the entry in the ring */
    uint32_t length; /* of the payload */
    uint16_t type;   /* EtherType */
    uint16_t mtu;    /* of the path, bytes of IP in a fragment; 0: that of the port */
    uint8_t reason;  /* of a TCP segment: enum rill_reason */
    uint8_t state;   /* of the entry that replies: enum rill_tcp_state */
    struct mac to;
    struct ip4 header; /* of an IPv4 datagram; length and fragment fields are set on sending */
    uint8_t payload[];
};

struct reply_queue {
    struct memory *memory;
    uint8_t *bytes;
    uint32_t room;
    uint32_t first;       /* offset of the oldest entry */
    uint32_t next;        /* offset behind the newest */
    uint32_t used;        /* bytes, the skipped tail among them */
    uint32_t skipped;     /* bytes at the end of the ring that no entry uses */
    struct fragments cut; /* of the oldest entry; valid if `cutting` */
    bool cutting;
};

/* `long_bytes`: limit for all long entries together. */
bool reply_queue_init(struct reply_queue *, struct memory *, size_t long_bytes);
void reply_queue_end(struct reply_queue *);

/* Adds an entry for a payload of so many bytes, to be filled in at once; NULL: no room. Small
 * entries may use the reserve. */
struct queued_reply *reply_queue_add(struct reply_queue *, size_t length);

struct queued_reply *reply_queue_first(const struct reply_queue *); /* NULL: it is empty */
void reply_queue_drop_first(struct reply_queue *);

#endif
