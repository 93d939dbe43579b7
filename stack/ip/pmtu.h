/* Path MTU discovery (RFC 1191): what routers report about a path. The transport decides first
 * whether a report is credible (RFC 5927). A report only lowers the path MTU, never below a floor,
 * and expires after ten minutes. */
#ifndef IP_PMTU_H
#define IP_PMTU_H

#include <rill/time.h>
#include <stdbool.h>
#include <stdint.h>

#define PMTU_FLOOR 552             /* as Linux's min_pmtu: 512 bytes and 40 of headers */
#define PMTU_AGE RILL_SECONDS(600) /* RFC 1191 6.3 */

/* Zero-initialized: no report yet. */
struct pmtu {
    uint16_t claimed;  /* 0: no report */
    bool may_fragment; /* the claim was below the floor: send without DF, routers may fragment */
    rill_time forget;  /* when the report expires */
};

/* The current path MTU: the port's MTU or less. */
uint16_t pmtu_current(const struct pmtu *, uint16_t port_mtu, rill_time now);

/* DF may be set. */
bool pmtu_discovers(const struct pmtu *, rill_time now);

/* An ICMP "fragmentation needed" has arrived, with its next_hop_mtu (0 from a router before RFC
 * 1191: then the plateau below the length of the quoted datagram). True if pmtu_current has
 * decreased, or DF must no longer be set. */
bool pmtu_claim(struct pmtu *, uint16_t port_mtu, uint16_t next_hop_mtu, uint16_t quoted_length,
                rill_time now);

#endif
