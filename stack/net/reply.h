/* Small replies that belong to no connection or socket, put into the port's owed ring. */
#ifndef NET_REPLY_H
#define NET_REPLY_H

#include "ip/icmp_error.h"
#include "net/net.h"

/* An arrived datagram, whole, with all that was found out about it. */
struct arrival {
    int port;
    struct eth eth;
    bool link_group;                /* the frame was a broadcast or multicast */
    bool checksum_good;             /* the device vouches for the transport checksum */
    const struct rill_frame *frame; /* that it came in; NULL: it came in several */
    struct ip4 ip;
    struct rill_address source, destination;
    enum address_kind kind; /* of the destination */
    struct rill_span payload;
    uint16_t joined; /* not 0: a superframe, joined of segments with so many bytes of text */
};

/* To the sender of what has arrived, from the address that it was sent to: room for `length` bytes
 * of payload, NULL where there is none (counted). */
struct owed_entry *reply_to(struct net *, const struct arrival *, enum ip_protocol, size_t length);

/* An ICMP error about the arrival, if one may be sent and the budget allows. */
void reply_error(struct net *, const struct arrival *, const struct icmp *);

/* A segment that TCP returned. */
void reply_segment(struct net *, const struct arrival *, const struct tcp_reply *);

/* Such a segment leaves: a record for the trace. */
void reply_note(struct net *, const struct owed_entry *);

/* ICMP time exceeded about a datagram that stayed incomplete; the way back is looked up. */
void reply_reassembly_timeout(struct net *, const struct reassembly_expired *);

#endif
