/* The retransmission timer's value (RFC 6298), in microseconds. */
#ifndef TCP_RTT_H
#define TCP_RTT_H

#include <rill/stack.h>

struct rtt {
    uint32_t srtt;   /* us; 0: no sample yet */
    uint32_t rttvar; /* us */
};

/* MUST-18. RFC 6298 2.2 and 2.3: one measurement R > 0. */
void rtt_sample(struct rtt *, rill_time measured);

/* RFC 4015 step 11: after a spurious time-out the first measurement of new text counts as much as
 * all measurements before. */
void rtt_widen(struct rtt *, const struct rtt *before, rill_time measured);

#define RTT_FALLBACK \
    RILL_SECONDS(3) /* 5.7: after a handshake that lost its SYN and gave no sample */

/* RFC 6298 2.1, 2.3, 2.4: clamp(SRTT + max(G, 4 RTTVAR)), doubled for each back-off (5.5), with
 * `min` for G and never above `max`: TCP_RTO_MIN_US and TCP_RTO_MAX_MS, or the configuration's
 * bounds. */
rill_time rtt_timeout(const struct rtt *, rill_time initial, unsigned backoff, rill_time min,
                      rill_time max);

/* For attempts without any RTT sample (SYN-ACK), counted from 0: how long the n-th waits; how long
 * n of them wait together; how many are needed to wait at least so long under the configuration's
 * maximum, at most RTT_TRIES_MAX. */
#define RTT_TRIES_MAX 250
rill_time rtt_wait_of_try(const struct rill_tcp_config *, unsigned n, rill_time max);
rill_time rtt_time_of_tries(const struct rill_tcp_config *, unsigned n, rill_time max);
unsigned rtt_tries_in_time(const struct rill_tcp_config *, rill_time);

/* The same for SYNs, of which the first `syn_linear_timeouts` do not lengthen the wait: how often
 * the wait of the n-th has doubled, and its sums. */
unsigned rtt_syn_backoff(const struct rill_tcp_config *, unsigned n);
rill_time rtt_time_of_syns(const struct rill_tcp_config *, unsigned n, rill_time max);
unsigned rtt_syns_in_time(const struct rill_tcp_config *, rill_time);

/* How many retransmissions the configuration's time-out of SYNs has room for after the linear
 * ones. */
unsigned rtt_syn_retries(const struct rill_tcp_config *);

/* Linux turns a number of retransmissions of data into a time as if the RTO were this at first,
 * whatever the round trip and the minimum RTO are (TCP_RTO_MIN in retransmits_timed_out). */
#define RTT_RETRIES_RTO RILL_MILLISECONDS(200)

/* A time that data may be retransmitted, when no wait exceeds `max`: the same number of
 * retransmissions takes less time (Linux: tcp_model_timeout). */
rill_time rtt_time_under(const struct rill_tcp_config *, rill_time, rill_time max);

#endif
