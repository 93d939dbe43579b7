/* Several stacks, each on a core and with a queue of the device of its own, share an address: which
 * of them a flow belongs to. The rule needs no table and no luck, so that every stack, and whoever
 * hands a frame from one to the other, comes to the same answer:
 *
 *     a local port of the ephemeral range   is dealt out: port p is core (p % cores)'s alone, so
 *                                           that what a stack begins itself comes back to it
 *     any other local port                  a keyed hash of the remote end and the local port: what
 *                                           others begin with a server is spread
 *
 * One core alone is core 0 of 1, and everything is its own. */
#ifndef BASE_STEER_H
#define BASE_STEER_H

#include "base/hash.h"

#include <rill/address.h>
#include <rill/stack.h>

struct steer {
    unsigned core, cores;
    uint16_t first, last; /* the ephemeral range */
    struct hash_key key;  /* the same in all of them; nobody outside can aim at one core */
};

/* Each core must have a port: rill_new sees to that. */
void steer_init(struct steer *, const struct rill_config *);

/* The core of a flow; ports are 0 where a datagram has none. */
unsigned steer_core(const struct steer *, struct rill_address remote, uint16_t remote_port,
                    uint16_t local_port);

/* Our own core's ephemeral ports: how many, and the one at an offset, modulo their number. */
uint32_t steer_ports(const struct steer *);
uint16_t steer_port(const struct steer *, uint32_t offset);

#endif
