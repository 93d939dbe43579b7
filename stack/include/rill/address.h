/* One address type for both families: 16 bytes, IPv4 as the mapped ::ffff:a.b.c.d (RFC
 * 4291 2.5.5.2). Equality, hashing, routing and the flow table need no family switch. The family
 * matters only in code that writes headers, in the neighbour protocols and in path data. */
#ifndef RILL_ADDRESS_H
#define RILL_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_address {
    uint8_t byte[16];
};

#define RILL_ADDRESS_TEXT 46 /* room for any address as text, with its NUL */

/* The mapped address of an IPv4 address given in host order: 0xc0000201 is 192.0.2.1. */
static inline struct rill_address rill_address_ip4(uint32_t host_order)
{
    struct rill_address a;
    memset(a.byte, 0, sizeof a.byte);
    a.byte[10] = a.byte[11] = 0xff;
    for (int i = 0; i < 4; i++)
        a.byte[12 + i] = (uint8_t)(host_order >> (24 - 8 * i));
    return a;
}

static inline bool rill_address_is_ip4(struct rill_address a)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(a.byte, mapped, sizeof mapped) == 0;
}

/* The IPv4 address in host order; meaningful only if rill_address_is_ip4. */
static inline uint32_t rill_address_to_ip4(struct rill_address a)
{
    return (uint32_t)a.byte[12] << 24 | (uint32_t)a.byte[13] << 16 | (uint32_t)a.byte[14] << 8 |
           a.byte[15];
}

static inline bool rill_address_equal(struct rill_address a, struct rill_address b)
{
    return memcmp(a.byte, b.byte, sizeof a.byte) == 0;
}

/* All 16 bytes are zero: no particular address. A socket's 0.0.0.0 is stored this way. */
static inline bool rill_address_is_any(struct rill_address a)
{
    static const struct rill_address any = {{0}};
    return rill_address_equal(a, any);
}

#ifdef __cplusplus
}
#endif

#endif
