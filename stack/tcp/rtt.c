#include "tcp/rtt.h"

#include "base/bytes.h"

#define RTT_GRANULARITY 1000 /* us: RFC 6298's G, the resolution of timestamps */
#define RTT_MAX_US 64000000u

void rtt_sample(struct rtt *r, rill_time measured)
{
    rill_time us = measured / 1000;
    uint32_t m = us < 1 ? 1 : us > RTT_MAX_US ? RTT_MAX_US : (uint32_t)us;
    if (r->srtt == 0) { /* RFC 6298 2.2 */
        r->srtt = m;
        r->rttvar = m / 2;
        return;
    }
    uint32_t deviation = r->srtt > m ? r->srtt - m : m - r->srtt; /* 2.3, with the old SRTT */
    r->rttvar = r->rttvar - r->rttvar / 4 + deviation / 4;
    r->srtt = max_of(r->srtt - r->srtt / 8 + m / 8, 1u);
}

rill_time rtt_timeout(const struct rtt *r, rill_time initial, unsigned backoff,
                      const struct rill_tcp_config *config)
{
    rill_time rto = initial;
    if (r->srtt)
        rto = RILL_MICROSECONDS(r->srtt + (rill_time)max_of(RTT_GRANULARITY, 4 * r->rttvar));
    rto = max_of(rto, config->minimum_rto);
    for (unsigned i = 0; i < backoff && rto < config->maximum_rto; i++)
        rto *= 2;
    return min_of(rto, config->maximum_rto);
}
