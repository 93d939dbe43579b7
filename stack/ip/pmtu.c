#include "ip/pmtu.h"

#include <stddef.h>

/* RFC 1191 7: common MTUs, for routers that do not report theirs. */
static const uint16_t plateau[] = {65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};

#define PMTU_MIN 68 /* RFC 791: no link has a smaller MTU, so a smaller claim is false */

static bool pmtu_valid(const struct pmtu *p, rill_time now)
{
    return p->claimed && now < p->forget;
}

uint16_t pmtu_current(const struct pmtu *p, uint16_t port_mtu, rill_time now)
{
    return pmtu_valid(p, now) && p->claimed < port_mtu ? p->claimed : port_mtu;
}

bool pmtu_discovers(const struct pmtu *p, rill_time now)
{
    return !pmtu_valid(p, now) || !p->may_fragment;
}

/* The largest plateau below the length that did not pass. */
static uint16_t pmtu_guess(uint16_t too_long)
{
    for (size_t i = 0; i < sizeof plateau / sizeof *plateau; i++)
        if (plateau[i] < too_long)
            return plateau[i];
    return PMTU_MIN;
}

bool pmtu_claim(struct pmtu *p, uint16_t port_mtu, uint16_t next_hop_mtu, uint16_t quoted_length,
                rill_time now)
{
    uint16_t before = pmtu_current(p, port_mtu, now);
    bool discovered = pmtu_discovers(p, now);
    uint16_t mtu = next_hop_mtu ? next_hop_mtu : pmtu_guess(quoted_length);
    if (mtu < PMTU_MIN || mtu >= before) /* RFC 1191 3: "MUST NOT increase" */
        return false;
    uint16_t claimed = mtu < PMTU_FLOOR ? PMTU_FLOOR : mtu;
    *p = (struct pmtu){.claimed = claimed < before ? claimed : before,
                       .may_fragment = mtu < PMTU_FLOOR,
                       .forget = now + PMTU_AGE};
    return p->claimed < before || (discovered && p->may_fragment);
}
