#include "ip/address.h"

#include <errno.h>

#define LIMITED_BROADCAST 0xffffffffu

/* -------------------------------------------------------- IPv4 ranges */

static bool ip4_is_this_network(uint32_t a)
{
    return a >> 24 == 0;
}

static bool ip4_is_loopback(uint32_t a)
{
    return a >> 24 == 127;
}

static bool ip4_is_multicast(uint32_t a)
{
    return a >> 28 == 0xe;
}

/* 240/4, including the limited broadcast. */
static bool ip4_is_reserved(uint32_t a)
{
    return a >> 28 == 0xf;
}

/* The bits of the host part. Subnets of one or two addresses (/32; RFC 3021 for /31) have neither
 * broadcast nor network address: 0. */
static uint32_t subnet_host_mask(const struct local_address *l)
{
    unsigned bits = PREFIX_MAX - l->prefix;
    if (bits < 2)
        return 0;
    return bits >= 32 ? UINT32_MAX : (UINT32_C(1) << bits) - 1;
}

static bool subnet_holds(const struct local_address *l, struct rill_address a)
{
    return prefix_holds(l->address, l->prefix, a);
}

/* The directed broadcast address of the subnet: all ones behind the prefix. */
static uint32_t subnet_broadcast(const struct local_address *l)
{
    uint32_t mask = subnet_host_mask(l);
    return mask ? rill_address_to_ip4(l->address) | mask : LIMITED_BROADCAST;
}

static bool subnet_names(const struct local_address *l, struct rill_address a)
{
    uint32_t mask = subnet_host_mask(l);
    return mask && (rill_address_to_ip4(a) & mask) == 0 && subnet_holds(l, a);
}

/* -------------------------------------------------------------- table */

static bool address_on_port(const struct local_address *l, int port)
{
    return port == ADDRESS_ANY_PORT || l->port == port;
}

struct local_address *address_find(struct addresses *as, int port, struct rill_address address)
{
    for (unsigned i = 0; i < as->count; i++) {
        struct local_address *l = &as->entry[i];
        if (address_on_port(l, port) && rill_address_equal(l->address, address))
            return l;
    }
    return NULL;
}

/* May a single host have this address on that port? */
static bool address_assignable(const struct local_address *l)
{
    if (!rill_address_is_ip4(l->address))
        return false;
    uint32_t a = rill_address_to_ip4(l->address);
    if (ip4_is_this_network(a) || ip4_is_multicast(a) || ip4_is_reserved(a))
        return false;
    if (ip4_is_loopback(a) && l->port != RILL_LOOPBACK_PORT)
        return false;
    return a != subnet_broadcast(l);
}

int address_add(struct addresses *as, const struct local_address *l)
{
    if (l->prefix > PREFIX_MAX)
        return EINVAL;
    if (!address_assignable(l))
        return EADDRNOTAVAIL;
    if (address_find(as, ADDRESS_ANY_PORT, l->address))
        return EEXIST;
    if (as->count == ADDRESSES_MAX)
        return ENOSPC;
    struct local_address *entry = &as->entry[as->count++];
    *entry = *l;
    entry->broadcast = subnet_broadcast(l);
    return 0;
}

int address_remove(struct addresses *as, int port, struct rill_address address)
{
    struct local_address *l = address_find(as, port, address);
    if (!l)
        return EADDRNOTAVAIL;
    as->count--;
    memmove(l, l + 1, (size_t)(as->entry + as->count - l) * sizeof *l);
    return 0;
}

/* --------------------------------------------------------------- kind */

static const struct local_address *address_ours(const struct addresses *as, int port,
                                                struct rill_address a)
{
    for (unsigned i = 0; i < as->count; i++) {
        const struct local_address *l = &as->entry[i];
        if (rill_address_equal(l->address, a) && l->state == RILL_ADDRESS_READY &&
            address_on_port(l, port))
            return l;
    }
    return NULL;
}

static bool address_is_broadcast(const struct addresses *as, int port, struct rill_address a)
{
    uint32_t ip4 = rill_address_to_ip4(a);
    if (ip4 == LIMITED_BROADCAST)
        return true;
    for (unsigned i = 0; i < as->count; i++)
        if (as->entry[i].broadcast == ip4 && address_on_port(&as->entry[i], port))
            return true;
    return false;
}

enum address_kind address_kind(const struct addresses *as, int port, struct rill_address a)
{
    if (!rill_address_is_ip4(a))
        return ADDRESS_OTHER;
    if (address_ours(as, port, a))
        return ADDRESS_OURS;
    if (ip4_is_loopback(rill_address_to_ip4(a)))
        return ADDRESS_LOOPBACK;
    if (ip4_is_multicast(rill_address_to_ip4(a)))
        return ADDRESS_MULTICAST;
    return address_is_broadcast(as, port, a) ? ADDRESS_BROADCAST : ADDRESS_OTHER;
}

bool address_martian_source(const struct addresses *as, int port, struct rill_address a)
{
    if (!rill_address_is_ip4(a))
        return true;
    uint32_t ip4 = rill_address_to_ip4(a);
    if (ip4_is_this_network(ip4) || ip4_is_multicast(ip4) || ip4_is_reserved(ip4))
        return true;
    if (port == RILL_LOOPBACK_PORT)
        return address_is_broadcast(as, port, a);
    return ip4_is_loopback(ip4) || address_is_broadcast(as, port, a) ||
           address_ours(as, ADDRESS_ANY_PORT, a);
}

bool address_on_link(const struct addresses *as, int port, struct rill_address a)
{
    bool holds = false;
    for (unsigned i = 0; i < as->count; i++) {
        const struct local_address *l = &as->entry[i];
        if (rill_address_equal(l->address, a) && l->state != RILL_ADDRESS_CONFLICT)
            return false;
        if (l->port != port || !subnet_holds(l, a))
            continue;
        if (rill_address_to_ip4(a) == l->broadcast || subnet_names(l, a))
            return false;
        holds = true;
    }
    return holds;
}

const struct local_address *address_source(const struct addresses *as, int port,
                                           struct rill_address destination,
                                           struct rill_address next_hop)
{
    const struct local_address *chosen = address_ours(as, ADDRESS_ANY_PORT, destination);
    if (chosen)
        return chosen;
    for (unsigned i = 0; i < as->count; i++) {
        const struct local_address *l = &as->entry[i];
        if (l->state != RILL_ADDRESS_READY || l->port != port)
            continue;
        if (subnet_holds(l, next_hop))
            return l;
        if (!chosen)
            chosen = l;
    }
    return chosen;
}
