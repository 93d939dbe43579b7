/* Cutting an outgoing payload into fragments (RFC 791 3.2): a cursor, so that fragments leave as a
 * device has room. */
#ifndef IP_FRAGMENT_H
#define IP_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>

struct fragments {
    size_t total; /* bytes of payload */
    size_t piece; /* bytes in each but the last, a multiple of 8 */
    size_t next;  /* offset of the next one */
    bool done;    /* the last one was returned */
};

struct fragment {
    size_t offset; /* of the payload */
    size_t length;
    bool more;
};

/* Fragments a payload of `total` bytes behind headers of `header` bytes each, for an MTU with room
 * for at least 8 bytes more. A payload that fits is a single fragment with offset 0: an ordinary
 * datagram. */
void fragments_start(struct fragments *, size_t total, size_t header, size_t mtu);

/* Returns the next fragment; false: none is left. */
bool fragments_next(struct fragments *, struct fragment *);

#endif
