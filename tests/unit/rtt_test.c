/* The retransmission timer's value against RFC 6298's own arithmetic. */
#include "tcp/rtt.h"

#include "unit.h"

#include <math.h>

static struct rill_tcp_config config(void)
{
    struct rill_config c;
    rill_config_init(&c);
    return c.tcp;
}

static void without_a_sample_it_is_the_initial_one(void) /* 2.1 */
{
    struct rill_tcp_config c = config();
    struct rtt r = {0};
    CU_ASSERT_EQUAL(rtt_timeout(&r, RILL_SECONDS(1), 0, c.minimum_rto, c.maximum_rto),
                    RILL_SECONDS(1));
    CU_ASSERT_EQUAL(rtt_timeout(&r, RTT_FALLBACK, 0, c.minimum_rto, c.maximum_rto),
                    RILL_SECONDS(3)); /* 5.7 */
}

static void the_first_sample_sets_both(void) /* 2.2 */
{
    struct rill_tcp_config c = config();
    struct rtt r = {0};
    rtt_sample(&r, RILL_MILLISECONDS(400));
    CU_ASSERT_EQUAL(r.srtt, 400000);
    CU_ASSERT_EQUAL(r.rttvar, 200000);
    CU_ASSERT_EQUAL(rtt_timeout(&r, RILL_SECONDS(1), 0, c.minimum_rto, c.maximum_rto),
                    RILL_MILLISECONDS(1200));
}

static void rttvar_takes_the_old_srtt(void) /* 2.3: the order of the two updates matters */
{
    struct rtt r = {0};
    rtt_sample(&r, RILL_MILLISECONDS(100));
    rtt_sample(&r, RILL_MILLISECONDS(200));
    CU_ASSERT_EQUAL(r.srtt, 112500);
    CU_ASSERT_EQUAL(r.rttvar, 62500); /* 3/4 * 50 + 1/4 * |100 - 200| */
}

static void it_follows_the_rfc_within_rounding(void) /* 2.3 */
{
    uint32_t random = 1;
    struct rtt r = {0};
    double srtt = 0, rttvar = 0;
    for (int i = 0; i < 10000; i++) {
        random = random * 1664525u + 1013904223u;
        uint32_t us = 1000 + (random >> 8) % 500000;
        if (i == 0) {
            srtt = us;
            rttvar = us / 2.0;
        } else {
            rttvar = 0.75 * rttvar + 0.25 * fabs(srtt - us);
            srtt = 0.875 * srtt + 0.125 * us;
        }
        rtt_sample(&r, RILL_MICROSECONDS(us));
        CU_ASSERT_TRUE_FATAL(fabs(srtt - r.srtt) < 20);
        CU_ASSERT_TRUE_FATAL(fabs(rttvar - r.rttvar) < 20);
    }
}

static void it_is_never_below_the_minimum_nor_above_the_maximum(void) /* 2.4, 2.5 */
{
    struct rill_tcp_config c = config();
    struct rtt r = {0};
    for (int i = 0; i < 50; i++) /* the minimum counts above SRTT, however steady that is */
        rtt_sample(&r, RILL_MILLISECONDS(100));
    CU_ASSERT_EQUAL(rtt_timeout(&r, RILL_SECONDS(1), 0, c.minimum_rto, c.maximum_rto),
                    RILL_MILLISECONDS(100) + c.minimum_rto);
    for (int i = 0; i < 100; i++)
        rtt_sample(&r, RILL_SECONDS(1000));
    CU_ASSERT(rtt_timeout(&r, RILL_SECONDS(1), 0, c.minimum_rto, c.maximum_rto) <= c.maximum_rto);
    CU_ASSERT(rtt_timeout(&r, RILL_SECONDS(1), 0, c.minimum_rto, c.maximum_rto) >=
              RILL_SECONDS(60));
    CU_ASSERT_EQUAL(rtt_timeout(&r, RILL_SECONDS(1), 255, c.minimum_rto, c.maximum_rto),
                    c.maximum_rto);
}

static void each_back_off_doubles(void) /* 5.5 */
{
    struct rill_tcp_config c = config();
    struct rtt r = {0};
    rtt_sample(&r, RILL_MILLISECONDS(100));
    rill_time first = rtt_timeout(&r, RILL_SECONDS(1), 0, c.minimum_rto, c.maximum_rto);
    CU_ASSERT_EQUAL(first, RILL_MILLISECONDS(300));
    for (unsigned i = 1; i < 8; i++)
        CU_ASSERT_EQUAL(rtt_timeout(&r, RILL_SECONDS(1), i, c.minimum_rto, c.maximum_rto),
                        first << i);
}

static void a_sample_of_no_time_still_counts(void)
{
    struct rtt r = {0};
    rtt_sample(&r, 1); /* a nanosecond: SRTT of 0 would mean "none yet" */
    CU_ASSERT(r.srtt > 0);
    for (int i = 0; i < 100; i++)
        rtt_sample(&r, 1);
    CU_ASSERT(r.srtt > 0);
}

static void tries_without_a_sample_make_a_time_and_back(void) /* tcp(7): TCP_DEFER_ACCEPT */
{
    struct rill_tcp_config c = config();
    rill_time sum = 0;
    for (unsigned n = 0; n < RTT_TRIES_MAX; n++) {
        CU_ASSERT_EQUAL(rtt_time_of_tries(&c, n, c.maximum_rto), sum);
        CU_ASSERT_EQUAL(rtt_tries_in_time(&c, sum), n);
        CU_ASSERT_EQUAL(rtt_tries_in_time(&c, sum + 1), n + 1);
        sum += rtt_wait_of_try(&c, n, c.maximum_rto);
    }
    CU_ASSERT_EQUAL(rtt_time_of_tries(&c, 3, c.maximum_rto), RILL_SECONDS(1 + 2 + 4));
    CU_ASSERT_EQUAL(rtt_tries_in_time(&c, RILL_NEVER), RTT_TRIES_MAX);
    CU_ASSERT_EQUAL(rtt_tries_in_time(&c, -1), 0);
}

static void the_first_syns_wait_equally_if_so_configured(void) /* Linux's tcp_syn_linear_timeouts */
{
    struct rill_tcp_config c = config();
    c.syn_linear_timeouts = 4;
    CU_ASSERT_EQUAL(rtt_syn_backoff(&c, 4), 0);
    CU_ASSERT_EQUAL(rtt_syn_backoff(&c, 6), 2);
    CU_ASSERT_EQUAL(rtt_time_of_syns(&c, 3, c.maximum_rto), RILL_SECONDS(3));
    CU_ASSERT_EQUAL(rtt_time_of_syns(&c, 7, c.maximum_rto), RILL_SECONDS(4 + 1 + 2 + 4));
    CU_ASSERT_EQUAL(rtt_syns_in_time(&c, RILL_SECONDS(11)), 7);
    CU_ASSERT_EQUAL(rtt_syns_in_time(&c, RILL_NEVER), RTT_TRIES_MAX);
    c.syn_timeout = RILL_SECONDS(4 + 63);
    CU_ASSERT_EQUAL(rtt_syn_retries(&c), 5);
    c.syn_timeout = 1; /* not even the first is repeated */
    CU_ASSERT_EQUAL(rtt_syn_retries(&c), 0);
}

/* Linux: tcp_model_timeout. Four retransmissions take 6.2 s; the minimum RTO says nothing about it.
 */
static void a_shorter_maximum_takes_time_from_the_retransmissions(void)
{
    struct rill_tcp_config c = config();
    rill_time four = RILL_MILLISECONDS(200 + 400 + 800 + 1600 + 3200);
    rill_time less = RILL_MILLISECONDS(200 + 400 + 800 + 1000 + 1000);
    CU_ASSERT_EQUAL(rtt_time_under(&c, four, RILL_SECONDS(1)), less);
    c.minimum_rto = RILL_SECONDS(1);
    CU_ASSERT_EQUAL(rtt_time_under(&c, four, RILL_SECONDS(1)), less);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"without a sample it is the initial one", without_a_sample_it_is_the_initial_one},
        {"the first sample sets both", the_first_sample_sets_both},
        {"RTTVAR takes the old SRTT", rttvar_takes_the_old_srtt},
        {"it follows the RFC within rounding", it_follows_the_rfc_within_rounding},
        {"it stays between minimum and maximum",
         it_is_never_below_the_minimum_nor_above_the_maximum},
        {"each back-off doubles", each_back_off_doubles},
        {"a sample of no time still counts", a_sample_of_no_time_still_counts},
        {"tries without a sample make a time", tries_without_a_sample_make_a_time_and_back},
        {"the first SYNs wait equally", the_first_syns_wait_equally_if_so_configured},
        {"a shorter maximum takes time from the retransmissions",
         a_shorter_maximum_takes_time_from_the_retransmissions},
    };
    return UNIT_MAIN("rtt", tests);
}
