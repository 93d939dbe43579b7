/* ICMP errors that we send: for which datagrams they are allowed, and what they quote (RFC 792, RFC
 * 1122 3.2.2, RFC 1812 4.3.2.3, 4.3.2.7). */
#ifndef IP_ICMP_ERROR_H
#define IP_ICMP_ERROR_H

#include "ip/address.h"
#include "wire/icmp.h"

#define ICMP_ERROR_MAX 576 /* bytes of IP that every host accepts (RFC 1812 4.3.2.3) */

/* The datagram that causes the error. */
struct icmp_offence {
    const struct ip4 *header;
    struct rill_span payload;      /* after the header, as far as it was received */
    enum address_kind destination; /* of header->destination */
    bool link_group;               /* it arrived in a broadcast or multicast frame */
    /* Its checksum is partial: the sum from `sum_start` bytes into the payload must still be
     * written `sum_offset` bytes further on (rill_frame.checksum_partial). */
    bool sum_partial;
    size_t sum_start, sum_offset;
};

/* RFC 1122 3.2.2: never about an ICMP error, a datagram to a group or in a group frame, a later
 * fragment, or a datagram whose source is not a single host. */
bool icmp_error_allowed(const struct icmp_offence *);

/* Bytes of the message: 8, the quoted header, and as much of the payload as fits into 576 bytes
 * with the IP header. */
size_t icmp_error_length(const struct icmp_offence *);

/* Writes message and quotation, icmp_error_length bytes. The quotation is as on the wire: a partial
 * checksum is finished there. */
size_t icmp_error_write(uint8_t *at, const struct icmp *, const struct icmp_offence *);

#endif
