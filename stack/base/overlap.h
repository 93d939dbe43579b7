/* When two sockets may be bound to the same port: their local addresses have no destination in
 * common. */
#ifndef BASE_OVERLAP_H
#define BASE_OVERLAP_H

#include <rill/address.h>

/* All zero stands for every IPv4 address. An address of IPv6 has only itself in common. */
static inline bool addresses_overlap(struct rill_address a, struct rill_address b)
{
    if (rill_address_is_any(a))
        return rill_address_is_any(b) || rill_address_is_ip4(b);
    return rill_address_equal(a, b) || (rill_address_is_any(b) && rill_address_is_ip4(a));
}

#endif
