/* Address prefixes, on 16-byte addresses: an IPv4 /n is a /(n + 96) of the mapped address. */
#ifndef IP_PREFIX_H
#define IP_PREFIX_H

#include <assert.h>
#include <rill/address.h>
#include <string.h>

#define PREFIX_MAX 128

static inline unsigned prefix_of_ip4(unsigned n)
{
    assert(n <= 32);
    return n + 96;
}

/* The address with all bits behind the prefix cleared. */
static inline struct rill_address prefix_network(struct rill_address a, unsigned prefix)
{
    assert(prefix <= PREFIX_MAX);
    for (unsigned i = 0; i < sizeof a.byte; i++) {
        unsigned kept = prefix > 8 * i ? prefix - 8 * i : 0; /* bits of this byte */
        if (kept < 8)
            a.byte[i] &= (uint8_t)(0xff00u >> kept);
    }
    return a;
}

/* The address lies in network/prefix. Called for every packet, so whole bytes are compared at
 * once. */
static inline bool prefix_holds(struct rill_address network, unsigned prefix, struct rill_address a)
{
    assert(prefix <= PREFIX_MAX);
    unsigned whole = prefix / 8, bits = prefix % 8;
    return memcmp(a.byte, network.byte, whole) == 0 &&
           (bits == 0 || (a.byte[whole] ^ network.byte[whole]) >> (8 - bits) == 0);
}

#endif
