#include "tcp/rtt.h"

#include "base/bytes.h"

#define RTT_MAX_US 64000000u

static uint32_t in_microseconds(rill_time measured)
{
    rill_time us = measured / 1000;
    return us < 1 ? 1 : us > RTT_MAX_US ? RTT_MAX_US : (uint32_t)us;
}

void rtt_widen(struct rtt *r, const struct rtt *before, rill_time measured)
{
    uint32_t m = in_microseconds(measured);
    r->srtt = max_of(before->srtt, m);
    r->rttvar = max_of(before->rttvar, m / 2);
}

void rtt_sample(struct rtt *r, rill_time measured)
{
    uint32_t m = in_microseconds(measured);
    if (r->srtt == 0) { /* RFC 6298 2.2 */
        r->srtt = m;
        r->rttvar = m / 2;
        return;
    }
    uint32_t deviation = r->srtt > m ? r->srtt - m : m - r->srtt; /* 2.3, with the old SRTT */
    r->rttvar = r->rttvar - r->rttvar / 4 + deviation / 4;
    r->srtt = max_of(r->srtt - r->srtt / 8 + m / 8, 1u);
}

rill_time rtt_timeout(const struct rtt *r, rill_time initial, unsigned backoff, rill_time min,
                      rill_time max)
{
    rill_time rto = max_of(initial, min);
    rill_time spread = RILL_MICROSECONDS((rill_time)4 * r->rttvar);
    if (r->srtt) /* 2.3; the minimum replaces G, so that a constant RTT has a margin, too */
        rto = RILL_MICROSECONDS((rill_time)r->srtt) + max_of(spread, min);
    for (unsigned i = 0; i < backoff && rto < max; i++)
        rto *= 2;
    return min_of(rto, max);
}

rill_time rtt_wait_of_try(const struct rill_tcp_config *config, unsigned n, rill_time max)
{
    static const struct rtt unmeasured;
    return rtt_timeout(&unmeasured, config->initial_rto, n, config->minimum_rto, max);
}

rill_time rtt_time_of_tries(const struct rill_tcp_config *config, unsigned n, rill_time max)
{
    rill_time sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += rtt_wait_of_try(config, i, max);
    return sum;
}

unsigned rtt_tries_in_time(const struct rill_tcp_config *config, rill_time time)
{
    unsigned n = 0;
    for (rill_time sum = 0; sum < time && n < RTT_TRIES_MAX; n++)
        sum += rtt_wait_of_try(config, n, config->maximum_rto);
    return n;
}

unsigned rtt_syn_backoff(const struct rill_tcp_config *config, unsigned n)
{
    return n - min_of(n, config->syn_linear_timeouts);
}

rill_time rtt_time_of_syns(const struct rill_tcp_config *config, unsigned n, rill_time max)
{
    unsigned doubling = rtt_syn_backoff(config, n);
    return (n - doubling) * rtt_wait_of_try(config, 0, max) +
           rtt_time_of_tries(config, doubling, max);
}

unsigned rtt_syns_in_time(const struct rill_tcp_config *config, rill_time time)
{
    unsigned n = 0;
    while (n < RTT_TRIES_MAX && rtt_time_of_syns(config, n, config->maximum_rto) < time)
        n++;
    return n;
}

unsigned rtt_syn_retries(const struct rill_tcp_config *config)
{
    return rtt_syn_backoff(config, rtt_syns_in_time(config, config->syn_timeout) - 1);
}

rill_time rtt_time_under(const struct rill_tcp_config *config, rill_time time, rill_time max)
{
    rill_time wait = RTT_RETRIES_RTO, usual = 0, sum = 0;
    for (unsigned n = 0; usual < time && n < RTT_TRIES_MAX; n++) {
        usual += wait;
        sum += min_of(wait, max);
        wait = min_of(2 * wait, config->maximum_rto);
    }
    return sum;
}
