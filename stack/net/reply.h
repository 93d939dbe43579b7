/* Small replies that belong to no connection or socket, put into the port's reply queue. */
#ifndef NET_REPLY_H
#define NET_REPLY_H

#include "ip/icmp_error.h"
#include "net/net.h"

/* An arrived datagram, complete, with all that is known about it. */
struct arrival {
    int port;
    struct eth eth;
    bool link_group;                /* the frame was a broadcast or multicast */
    bool checksum_good;             /* the device has verified the transport checksum */
    const struct rill_frame *frame; /* in which it arrived; NULL: in several */
    struct ip4 ip;
    struct rill_address source, destination;
    enum address_kind kind; /* of the destination */
    struct rill_span payload;
    uint16_t joined; /* not 0: a superframe, merged from segments with so many bytes of text */
};

/* An entry for a reply to the sender of `arrival`, from the address that it was sent to, with room
 * for `length` bytes of payload; NULL: no room (counted). */
struct queued_reply *reply_to(struct net *, const struct arrival *, enum ip_protocol,
                              size_t length);

/* An ICMP error about the arrival, if one may be sent and the budget allows. */
void reply_error(struct net *, const struct arrival *, const struct icmp *);

/* A segment that TCP returned. */
void reply_segment(struct net *, const struct arrival *, const struct tcp_reply *);

/* A reply segment leaves: writes a trace record. */
void reply_trace(struct net *, const struct queued_reply *);

/* ICMP time exceeded for a datagram that stayed incomplete; the route back is looked up. */
void reply_reassembly_timeout(struct net *, const struct reassembly_expired *);

#endif
