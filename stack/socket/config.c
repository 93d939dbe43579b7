/* The configuration's defaults and ranges. docs/choices.md says where each default comes from. */
#include "socket/rill.h"

#define KILOBYTES(n) ((uint32_t)(n) << 10)
#define MEGABYTES(n) ((uint32_t)(n) << 20)

static const struct rill_tcp_config tcp_defaults = {
    .initial_rto = RILL_SECONDS(1),
    .minimum_rto = RILL_MILLISECONDS(200),
    .maximum_rto = RILL_SECONDS(120),
    .delayed_ack = RILL_MILLISECONDS(40),
    .time_wait = RILL_SECONDS(60),
    .fin_wait_2 = RILL_SECONDS(60),
    .user_timeout = RILL_SECONDS(924),
    .syn_timeout = RILL_SECONDS(180),
    .syn_ack_retries = 5,
    .initial_window = 10,
    .burst_segments = 2,
    .send_buffer = KILOBYTES(64),
    .send_buffer_max = MEGABYTES(4),
    .receive_buffer = KILOBYTES(128),
    .receive_buffer_max = MEGABYTES(6),
    .listen_backlog_max = 4096,
    .syn_records_max = 4096,
    .syn_cookies = RILL_SYN_COOKIES_FULL,
    .connections_max = 1u << 20,
    .time_waits_max = 1u << 16,
    .metrics_max = 1024,
    .metrics = true,
    .statistics = true,
    .mtu_probing = RILL_MTU_PROBING_BLACK_HOLE,
    .base_mss = 1024,
    .mtu_probe_floor = 88,
    .challenge_acks = 1000,
    .challenge_interval = RILL_MILLISECONDS(500),
    .timestamps = true,
    .window_scaling = true,
    .sack = true,
    .slow_start_after_idle = true,
    .loss_probes = true,
    .frto = true,
    .ecn = RILL_ECN_ACCEPT,
    .accurate_ecn_option = RILL_ECN_OPTION_FULL,
    .accurate_ecn_beacon = 3,
    .syn_order = RILL_SYN_ORDER_LINUX,
    .drop_syn_fin = true,
    .quick_acks = 16,
    .keepalive_idle = RILL_SECONDS(7200), /* MUST-28 */
    .keepalive_interval = RILL_SECONDS(75),
    .keepalive_count = 9,
    .ephemeral_first = 32768,
    .ephemeral_last = 60999,
    .fast_open = RILL_FAST_OPEN_CLIENT,
    .fast_open_pause = RILL_SECONDS(60),
    .congestion = "cubic",
    .slow_start_segments = 8,
};

void rill_config_init(struct rill_config *c)
{
    *c = (struct rill_config){
        .memory_budget = MEGABYTES(256),
        .neighbours_max = 1024,
        .paths_max = 4096,
        .reassembly_memory = MEGABYTES(4),
        .reassembly_time = RILL_SECONDS(30),
        .echo_memory = KILOBYTES(256),
        .icmp_errors = 1000,
        .descriptors_max = 1u << 20,
        .ttl = 64,
        .core = {.count = 1},
        .tcp = tcp_defaults,
    };
}

static bool within(uint64_t value, uint64_t min, uint64_t max)
{
    return value >= min && value <= max;
}

/* A time that is neither zero nor so large (100 years) that a deadline could overflow. */
static bool time_good(rill_time t)
{
    return t > 0 && t <= RILL_SECONDS(3155760000);
}

static bool times_good(const struct rill_tcp_config *t)
{
    return time_good(t->minimum_rto) && time_good(t->maximum_rto) && /* the RTO's bounds in order */
           t->initial_rto >= t->minimum_rto && t->initial_rto <= t->maximum_rto &&
           t->delayed_ack >= 0 && t->delayed_ack < RILL_MILLISECONDS(500) && /* MUST-40 */
           t->maximum_rto <= RILL_SECONDS(86400) && time_good(t->time_wait) &&
           t->challenge_interval >= 0 && t->challenge_interval <= RILL_SECONDS(86400) &&
           t->time_wait <= RILL_SECONDS(86400) && /* records count in 32 bits of ms */
           (t->fast_open_pause == 0 || time_good(t->fast_open_pause)) && time_good(t->fin_wait_2) &&
           time_good(t->user_timeout) && time_good(t->syn_timeout);
}

/* The ranges of tcp(7). */
static bool keepalive_good(const struct rill_tcp_config *t)
{
    return within((uint64_t)t->keepalive_idle, RILL_SECONDS(1), RILL_SECONDS(32767)) &&
           within((uint64_t)t->keepalive_interval, RILL_SECONDS(1), RILL_SECONDS(32767)) &&
           within(t->keepalive_count, 1, 127);
}

static bool congestion_good(const struct rill_tcp_config *t)
{
    return memchr(t->congestion, '\0', sizeof t->congestion) && cc_find(t->congestion);
}

static bool mtu_good(const struct rill_tcp_config *t)
{
    return t->mtu_probing <= RILL_MTU_PROBING_ALWAYS && within(t->base_mss, 88, 65000) &&
           within(t->mtu_probe_floor, 48, t->base_mss);
}

/* RFC 7323 2.3: no window is larger than 1 GB. */
static bool buffers_good(const struct rill_tcp_config *t)
{
    return within(t->send_buffer, RING_SMALLEST, t->send_buffer_max) &&
           within(t->receive_buffer, RING_SMALLEST, t->receive_buffer_max) &&
           t->send_buffer_max <= MEGABYTES(1024) && t->receive_buffer_max <= MEGABYTES(1024);
}

static bool ecn_good(const struct rill_tcp_config *t)
{
    return t->ecn <= RILL_ECN_REQUEST_ACCURATE &&
           t->accurate_ecn_option <= RILL_ECN_OPTION_PERSISTENT && t->accurate_ecn_beacon <= 63;
}

static bool tcp_config_good(const struct rill_tcp_config *t)
{
    return times_good(t) && keepalive_good(t) && congestion_good(t) && mtu_good(t) &&
           within(t->quick_acks, 0, 31) && t->syn_ack_retries <= 30 &&
           t->syn_linear_timeouts <= 127 && within(t->initial_window, 1, 1000) &&
           within(t->burst_segments, 1, 1000) && buffers_good(t) &&
           within(t->listen_backlog_max, 1, 1u << 20) && within(t->syn_records_max, 1, 1u << 24) &&
           within(t->connections_max, 1, 1u << 28) && within(t->time_waits_max, 1, 1u << 28) &&
           within(t->metrics_max, 1, 1u << 20) && t->slow_start_segments <= 1000 &&
           t->fast_open_keys <= 2 && ecn_good(t) && t->syn_cookies <= RILL_SYN_COOKIES_ALWAYS &&
           t->ephemeral_first >= 1 && t->ephemeral_first <= t->ephemeral_last;
}

/* Each core has an ephemeral port. */
static bool core_good(const struct rill_config *c)
{
    unsigned ports = c->tcp.ephemeral_last - c->tcp.ephemeral_first + 1u;
    return within(c->core.count, 1, ports) && c->core.number < c->core.count;
}

bool config_good(const struct rill_config *c)
{
    return within(c->memory_budget, KILOBYTES(64), SIZE_MAX) && c->trace_records <= 1u << 26 &&
           within(c->neighbours_max, 1, 1u << 20) && within(c->paths_max, 1, UINT16_MAX) &&
           time_good(c->reassembly_time) &&
           within(c->reassembly_memory, REASSEMBLY_MIN, SIZE_MAX) &&
           within(c->echo_memory, REPLY_QUEUE_MIN, 1u << 30) &&
           within(c->descriptors_max, 1, 1u << 28) && c->ttl >= 1 && tcp_config_good(&c->tcp) &&
           core_good(c);
}
