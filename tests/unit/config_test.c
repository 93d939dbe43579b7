/* The configuration: its defaults, its ranges, and stacks that cannot be made. */
#include "unit.h"

#include <errno.h>
#include <rill/rill.h>

static void a_configuration_out_of_range_is_refused(void)
{
    struct rill_config c;
#define REFUSED(field, value) \
    rill_config_init(&c); \
    c.field = value; \
    errno = 0; \
    CU_ASSERT_PTR_NULL(rill_new(&c, 0)); \
    CU_ASSERT_EQUAL(errno, EINVAL)
    REFUSED(memory_budget, 0);
    REFUSED(neighbours_max, 0);
    REFUSED(paths_max, 65536);
    REFUSED(reassembly_time, 0);
    REFUSED(reassembly_memory, 98303);
    REFUSED(echo_memory, (size_t)1 << 32);
    REFUSED(descriptors_max, 0);
    REFUSED(ttl, 0);
    REFUSED(core.count, 0);
    REFUSED(core.count, 28233); /* more than there are ephemeral ports */
    REFUSED(core.number, 1);
    REFUSED(trace_records, UINT32_MAX);
    REFUSED(tcp.initial_rto, RILL_MILLISECONDS(100));
    REFUSED(tcp.initial_rto, RILL_SECONDS(121));
    REFUSED(tcp.minimum_rto, 0);
    REFUSED(tcp.maximum_rto, -1);
    REFUSED(tcp.delayed_ack, RILL_MILLISECONDS(500));
    REFUSED(tcp.delayed_ack, -1);
    REFUSED(tcp.time_wait, RILL_NEVER);
    REFUSED(tcp.challenge_interval, -1);
    REFUSED(tcp.fin_wait_2, 0);
    REFUSED(tcp.user_timeout, 0);
    REFUSED(tcp.syn_timeout, 0);
    REFUSED(tcp.syn_ack_retries, 31);
    REFUSED(tcp.syn_linear_timeouts, 128);
    REFUSED(tcp.initial_window, 0);
    REFUSED(tcp.send_buffer, 100);
    REFUSED(tcp.receive_buffer, 1u << 31);
    REFUSED(tcp.send_buffer, (4 << 20) + 1);
    REFUSED(tcp.receive_buffer, (6 << 20) + 1);
    REFUSED(tcp.send_buffer_max, (1u << 30) + 1);
    REFUSED(tcp.receive_buffer_max, (1u << 30) + 1);
    REFUSED(tcp.listen_backlog_max, 0);
    REFUSED(tcp.syn_records_max, 0);
    REFUSED(tcp.connections_max, 0);
    REFUSED(tcp.time_waits_max, 0);
    REFUSED(tcp.metrics_max, 0);
    REFUSED(tcp.mtu_probing, 3);
    REFUSED(tcp.base_mss, 87);
    REFUSED(tcp.mtu_probe_floor, 47);
    REFUSED(tcp.mtu_probe_floor, 1025); /* above base_mss */
    REFUSED(tcp.fast_open_keys, 3);
    REFUSED(tcp.fast_open_pause, -1);
    REFUSED(tcp.ephemeral_first, 61000);
    REFUSED(tcp.ephemeral_first, 0);
    REFUSED(tcp.quick_acks, 32);
    REFUSED(tcp.keepalive_idle, 0);
    REFUSED(tcp.keepalive_idle, -1);
    REFUSED(tcp.keepalive_interval, RILL_SECONDS(32768));
    REFUSED(tcp.keepalive_count, 128);
    REFUSED(tcp.congestion[0], 'x');
    REFUSED(tcp.congestion[0], '\0');
#undef REFUSED
    rill_config_init(&c);
    memset(c.tcp.congestion, 'r', sizeof c.tcp.congestion); /* no end */
    CU_ASSERT_PTR_NULL(rill_new(&c, 0));
}

static void presets_are_good_configurations(void)
{
    struct rill_config c;
    for (int preset = RILL_PRESET_NONE; preset <= RILL_PRESET_FREEBSD; preset++) {
        rill_config_init(&c);
        rill_config_preset(&c, (enum rill_preset)preset);
        struct rill *r = rill_new(&c, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(r);
        rill_free(r);
    }
    CU_ASSERT_EQUAL(c.tcp.syn_order, RILL_SYN_ORDER_FREEBSD);
    CU_ASSERT_EQUAL(c.tcp.minimum_rto, RILL_MILLISECONDS(230));
    rill_config_init(&c);
    rill_config_preset(&c, RILL_PRESET_LINUX);
    CU_ASSERT_EQUAL(c.tcp.ecn, RILL_ECN_OFF);
}

/* What <rill/stack.h> states. */
static void the_defaults_are_those_of_the_header(void)
{
    struct rill_config c;
    rill_config_init(&c);
    CU_ASSERT_EQUAL(c.memory_budget, 256 << 20);
    CU_ASSERT_EQUAL(c.trace_records, 0);
    CU_ASSERT_EQUAL(c.neighbours_max, 1024);
    CU_ASSERT_EQUAL(c.paths_max, 4096);
    CU_ASSERT_EQUAL(c.reassembly_memory, 4 << 20);
    CU_ASSERT_EQUAL(c.reassembly_time, RILL_SECONDS(30));
    CU_ASSERT_EQUAL(c.echo_memory, 256 << 10);
    CU_ASSERT_EQUAL(c.icmp_errors, 1000);
    CU_ASSERT_EQUAL(c.descriptors_max, 1048576);
    CU_ASSERT_EQUAL(c.ttl, 64);
    CU_ASSERT_EQUAL(c.tcp.initial_rto, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(c.tcp.minimum_rto, RILL_MILLISECONDS(200));
    CU_ASSERT_EQUAL(c.tcp.maximum_rto, RILL_SECONDS(120));
    CU_ASSERT_EQUAL(c.tcp.delayed_ack, RILL_MILLISECONDS(40));
    CU_ASSERT_EQUAL(c.tcp.time_wait, RILL_SECONDS(60));
    CU_ASSERT_EQUAL(c.tcp.fin_wait_2, RILL_SECONDS(60));
    CU_ASSERT_EQUAL(c.tcp.user_timeout, RILL_SECONDS(924));
    CU_ASSERT_EQUAL(c.tcp.syn_timeout, RILL_SECONDS(180));
    CU_ASSERT_EQUAL(c.tcp.syn_linear_timeouts, 0);
    CU_ASSERT_EQUAL(c.tcp.syn_ack_retries, 5);
    CU_ASSERT_EQUAL(c.tcp.syn_order, RILL_SYN_ORDER_LINUX);
    CU_ASSERT_TRUE(c.tcp.drop_syn_fin && !c.tcp.require_timestamps && !c.tcp.time_wait_reset);
    CU_ASSERT_EQUAL(c.tcp.quick_acks, 16);
    CU_ASSERT_EQUAL(c.tcp.keepalive_idle, RILL_SECONDS(7200));
    CU_ASSERT_EQUAL(c.tcp.keepalive_interval, RILL_SECONDS(75));
    CU_ASSERT_EQUAL(c.tcp.keepalive_count, 9);
    CU_ASSERT_EQUAL(c.tcp.initial_window, 10);
    CU_ASSERT_EQUAL(c.tcp.send_buffer, 64 << 10);
    CU_ASSERT_EQUAL(c.tcp.send_buffer_max, 4 << 20);
    CU_ASSERT_EQUAL(c.tcp.receive_buffer, 128 << 10);
    CU_ASSERT_EQUAL(c.tcp.receive_buffer_max, 6 << 20);
    CU_ASSERT_EQUAL(c.tcp.listen_backlog_max, 4096);
    CU_ASSERT_EQUAL(c.tcp.syn_records_max, 4096);
    CU_ASSERT_EQUAL(c.tcp.connections_max, 1048576);
    CU_ASSERT_EQUAL(c.tcp.time_waits_max, 65536);
    CU_ASSERT_EQUAL(c.tcp.metrics_max, 1024);
    CU_ASSERT_EQUAL(c.tcp.mtu_probing, RILL_MTU_PROBING_BLACK_HOLE);
    CU_ASSERT_EQUAL(c.tcp.base_mss, 1024);
    CU_ASSERT_EQUAL(c.tcp.mtu_probe_floor, 88);
    CU_ASSERT_TRUE(c.tcp.statistics);
    CU_ASSERT_TRUE(c.tcp.metrics && !c.tcp.metrics_ssthresh);
    CU_ASSERT_EQUAL(c.tcp.fast_open, RILL_FAST_OPEN_CLIENT);
    CU_ASSERT_EQUAL(c.tcp.fast_open_keys, 0);
    CU_ASSERT_EQUAL(c.tcp.fast_open_pause, RILL_SECONDS(60));
    CU_ASSERT_EQUAL(c.tcp.challenge_acks, 1000);
    CU_ASSERT_EQUAL(c.tcp.challenge_interval, RILL_MILLISECONDS(500));
    CU_ASSERT_TRUE(c.tcp.timestamps && c.tcp.window_scaling && c.tcp.sack);
    CU_ASSERT_EQUAL(c.tcp.ephemeral_first, 32768);
    CU_ASSERT_EQUAL(c.tcp.ephemeral_last, 60999);
    CU_ASSERT_STRING_EQUAL(c.tcp.congestion, "cubic");
}

/* Each larger budget fails a little later on the way, until one suffices. */
static void a_budget_too_small_for_a_stack_says_so(void)
{
    struct rill_config c;
    struct rill *r = NULL;
    rill_config_init(&c);
    c.trace_records = 1000;
    unsigned refused = 0;
    for (c.memory_budget = 64 << 10; !r && c.memory_budget < 4 << 20; c.memory_budget += 4 << 10) {
        errno = 0;
        r = rill_new(&c, 0);
        refused += !r && errno == ENOMEM;
    }
    CU_ASSERT_TRUE(refused > 3);
    CU_ASSERT_PTR_NOT_NULL(r);
    rill_free(r);
}

/* <rill/stack.h> says so at memory_budget. */
static void a_stack_with_a_port_fits_into(size_t budget, size_t echo_memory)
{
    struct rill_config c;
    struct rill_port_config port = {.name = "tap", .mac = {2}, .mtu = 1500};
    rill_config_init(&c);
    c.memory_budget = budget;
    c.echo_memory = echo_memory;
    struct rill *r = rill_new(&c, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(rill_port_add(r, &port), 1);
    rill_free(r);
}

static void a_new_stack_needs_no_more_memory_than_its_header_says(void)
{
    a_stack_with_a_port_fits_into((370 + 320) << 10, 256 << 10);
    a_stack_with_a_port_fits_into((165 + 115) << 10, 66 << 10);
}

static void a_new_stack_stands_at_its_time_and_waits_for_nothing(void)
{
    struct rill_config c;
    rill_config_init(&c);
    struct rill *r = rill_new(&c, 77);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(rill_now(r), 77);
    CU_ASSERT_TRUE(rill_memory_used(r) > 0);
    CU_ASSERT_TRUE(rill_memory_peak(r) >= rill_memory_used(r));
    struct rill_frame none;
    CU_ASSERT_EQUAL(rill_transmit(r, RILL_LOOPBACK_PORT, &none, 0, 100), 0);
    CU_ASSERT_EQUAL(rill_now(r), 100);
    CU_ASSERT_EQUAL(rill_transmit(r, RILL_LOOPBACK_PORT, &none, 0, 50), 0);
    CU_ASSERT_EQUAL(rill_now(r), 100); /* never back */
    rill_free(r);
    rill_free(NULL);
}

/* A run is the same with a trace and without, also where memory is scarce. */
static void a_trace_is_no_part_of_what_is_used(void)
{
    struct rill_config c;
    rill_config_init(&c);
    struct rill *without = rill_new(&c, 0);
    c.trace_records = 1024;
    struct rill *with = rill_new(&c, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(without);
    CU_ASSERT_PTR_NOT_NULL_FATAL(with);
    CU_ASSERT_EQUAL(rill_memory_used(with), rill_memory_used(without));
    CU_ASSERT_EQUAL(rill_memory_peak(with), rill_memory_peak(without));
    rill_free(with);
    rill_free(without);
}

/* Calls come before the first frame, and what they begin is dated and timed. */
static void tcp_stands_at_the_stacks_time_from_the_beginning(void)
{
    struct rill_config c;
    rill_config_init(&c);
    c.trace_records = 16;
    struct rill *r = rill_new(&c, RILL_SECONDS(77));
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    rill_use(r);
    int listener = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(rill_listen(listener, 1), 0);
    uint64_t place = 0;
    struct rill_trace_record record = {0};
    CU_ASSERT_EQUAL(rill_trace_read(r, &place, &record, 1, NULL), 1);
    CU_ASSERT_EQUAL(record.when, RILL_SECONDS(77));
    rill_free(r);
}

/* Its announcements are due until it is removed, and not afterwards. */
static void a_removed_address_has_nothing_to_announce(void)
{
    struct rill_config c;
    struct rill_port_config wire = {.name = "wire", .mac = {2, 0, 0, 0, 0, 1}, .mtu = 1500};
    struct rill_address a = rill_address_ip4(0xc0000201);
    rill_config_init(&c);
    struct rill *r = rill_new(&c, 77);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    int port = rill_port_add(r, &wire);
    CU_ASSERT_EQUAL(rill_deadline(r), RILL_NEVER);
    CU_ASSERT_EQUAL(rill_address_add(r, port, a, 24, false), 0);
    CU_ASSERT_EQUAL(rill_deadline(r), 77);
    CU_ASSERT_EQUAL(rill_address_remove(r, port, a), 0);
    CU_ASSERT_EQUAL(rill_deadline(r), RILL_NEVER);
    rill_free(r);
}

static void each_port_has_an_index_of_its_own(void)
{
    struct rill_config c;
    struct rill_port_config wire = {.mac = {2, 0, 0, 0, 0, 1}, .mtu = 1500, .index = 3};
    rill_config_init(&c);
    struct rill *r = rill_new(&c, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT(rill_port_add(r, &wire) > 0);
    CU_ASSERT_EQUAL(rill_port_add(r, &wire), -1);
    CU_ASSERT_EQUAL(errno, EINVAL);
    wire.index = 1; /* the loopback port's */
    CU_ASSERT_EQUAL(rill_port_add(r, &wire), -1);
    wire.index = 0; /* 3 is another's: takes 4 */
    CU_ASSERT(rill_port_add(r, &wire) > 0);
    wire.index = 4;
    CU_ASSERT_EQUAL(rill_port_add(r, &wire), -1);
    rill_free(r);
}

static const struct unit_test tests[] = {
    {"a configuration out of range is refused", a_configuration_out_of_range_is_refused},
    {"presets are good configurations", presets_are_good_configurations},
    {"the defaults are those of the header", the_defaults_are_those_of_the_header},
    {"a budget too small for a stack says so", a_budget_too_small_for_a_stack_says_so},
    {"a new stack needs no more memory than its header says",
     a_new_stack_needs_no_more_memory_than_its_header_says},
    {"a new stack stands at its time and waits for nothing",
     a_new_stack_stands_at_its_time_and_waits_for_nothing},
    {"a trace is no part of what is used", a_trace_is_no_part_of_what_is_used},
    {"TCP stands at the stack's time from the beginning",
     tcp_stands_at_the_stacks_time_from_the_beginning},
    {"each port has an index of its own", each_port_has_an_index_of_its_own},
    {"a removed address has nothing to announce", a_removed_address_has_nothing_to_announce},
};

int main(void)
{
    return UNIT_MAIN("config", tests);
}
