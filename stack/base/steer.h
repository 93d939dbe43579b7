/* Several stacks, each with its own core and its own queue of the device, share an address: which
 * of them a flow belongs to. The rule needs no table, so every stack, and the driver that passes a
 * frame from one to another, gets the same answer:
 *
 *     a local port of the ephemeral range   port p belongs to core (p % cores), so that replies to
 *                                           a stack's own connections come back to it
 *     any other local port                  a keyed hash of the remote address and port and the
 *                                           local port: connections to a server are spread
 *
 * A single core is core 0 of 1, and owns everything. */
#ifndef BASE_STEER_H
#define BASE_STEER_H

#include "base/hash.h"

#include <rill/address.h>
#include <rill/stack.h>

struct steer {
    unsigned core, cores;
    uint16_t first, last; /* the ephemeral range */
    struct hash_key key;  /* the same in all stacks; outsiders cannot aim at one core */
};

/* Each core must have a port: rill_new checks that. */
void steer_init(struct steer *, const struct rill_config *);

/* The core of a flow; ports are 0 where a datagram has none. */
unsigned steer_core(const struct steer *, struct rill_address remote, uint16_t remote_port,
                    uint16_t local_port);

/* Our own core's ephemeral ports: how many, and the one at an offset, modulo their number. */
uint32_t steer_ports(const struct steer *);
uint16_t steer_port(const struct steer *, uint32_t offset);

#endif
