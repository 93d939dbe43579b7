/* What SYNs negotiate, and PAWS (RFC 9293 3.7.1, RFC 7323). */
#include "tcp/option.h"

#include "base/bytes.h"
#include "unit.h"

static struct rill_config config;
static struct tcp tcp;
static struct tcp_conn conn;

static void begin(void)
{
    rill_config_init(&config);
    tcp = (struct tcp){.config = &config.tcp, .now = RILL_SECONDS(100)};
    memset(&conn, 0, sizeof conn);
    conn.sender.head.flow.remote = rill_address_ip4(0x0a000002);
}

static struct negotiated offer(struct tcp_options o)
{
    struct tcp_header h = {.flags = TCP_SYN, .options = o};
    return option_negotiate(&tcp, &cc_reno, &h);
}

static void what_both_want_is_agreed(void)
{
    begin();
    struct tcp_options all = {.has_mss = true,
                              .mss = 1400,
                              .has_window_scale = true,
                              .window_scale = 7,
                              .has_sack_permitted = true,
                              .has_timestamps = true};
    struct negotiated n = offer(all);
    CU_ASSERT_EQUAL(n.mss, 1400);
    CU_ASSERT_EQUAL(n.snd_scale, 7);
    CU_ASSERT(n.window_scaling && n.sack && n.timestamps);
    n = offer((struct tcp_options){0});
    CU_ASSERT_FALSE(n.window_scaling || n.sack || n.timestamps);
    CU_ASSERT_EQUAL(n.mss, 0);
    config.tcp.sack = config.tcp.timestamps = config.tcp.window_scaling = false;
    n = offer(all);
    CU_ASSERT_FALSE(n.window_scaling || n.sack || n.timestamps);
    CU_ASSERT_EQUAL(n.snd_scale, 0);
}

static void a_scale_is_cut_to_14(void) /* RFC 7323 2.3 */
{
    begin();
    for (unsigned s = 0; s < 256; s++) {
        struct tcp_options o = {.has_window_scale = true, .window_scale = (uint8_t)s};
        CU_ASSERT_EQUAL(offer(o).snd_scale, min_of(s, 14));
    }
}

static void a_tiny_mss_is_floored(void)
{
    begin();
    for (unsigned mss = 0; mss <= 65535; mss++) {
        struct tcp_options o = {.has_mss = true, .mss = (uint16_t)mss};
        CU_ASSERT_EQUAL_FATAL(offer(o).mss, max_of(mss, OPTION_MSS_FLOOR));
    }
}

static void the_default_mss_depends_on_the_family(void) /* MUST-15 */
{
    struct rill_address ip6 = {{0x20, 1}};
    CU_ASSERT_EQUAL(option_default_mss(rill_address_ip4(0x0a000001)), 536);
    CU_ASSERT_EQUAL(option_default_mss(ip6), 1220);
}

static void our_scale_is_the_least_that_fits(void) /* RFC 7323 2.2 */
{
    for (uint64_t size = 1; size <= UINT32_MAX; size = size * 3 + 1) {
        uint8_t s = option_scale((uint32_t)size);
        CU_ASSERT(s <= 14);
        CU_ASSERT(s == 14 || size >> s <= 65535);
        CU_ASSERT(s == 0 || size >> (s - 1) > 65535);
    }
    CU_ASSERT_EQUAL(option_scale(65535), 0);
    CU_ASSERT_EQUAL(option_scale(65536), 1);
    CU_ASSERT_EQUAL(option_scale(UINT32_MAX), 14);
}

/* A segment at RCV.NXT with that timestamp. */
static bool paws(uint32_t value, uint16_t flags)
{
    struct tcp_header h = {.flags = flags};
    h.options.has_timestamps = true;
    h.options.timestamp_value = value;
    struct segment s = {.header = &h};
    return option_paws(&tcp, &conn, &s);
}

static void remember(uint32_t value)
{
    begin();
    conn.timestamps = true;
    option_set_ts_recent(&tcp, &conn, value);
}

static void older_is_rejected_modulo_2_to_the_32(void) /* RFC 7323 5.3 R1 */
{
    static const uint32_t recent[] = {0x100, 0, 0x7fffffff, 0x80000000, 0xffffffff};
    for (int i = 0; i < 5; i++) {
        remember(recent[i]);
        CU_ASSERT_FALSE(paws(recent[i], TCP_ACK));
        CU_ASSERT_FALSE(paws(recent[i] + 1, TCP_ACK));
        CU_ASSERT_FALSE(paws(recent[i] + 0x7fffffff, TCP_ACK));
        CU_ASSERT(paws(recent[i] - 1, TCP_ACK));
        CU_ASSERT(paws(recent[i] - 0x7fffffff, TCP_ACK));
    }
}

static void a_reset_and_a_long_silence_are_exempt(void) /* 5.2, 5.5 */
{
    remember(1000);
    CU_ASSERT_FALSE(paws(999, TCP_RST));
    tcp.now += RILL_SECONDS(24 * 24 * 3600);
    CU_ASSERT(paws(999, TCP_ACK));
    tcp.now += RILL_SECONDS(2);
    CU_ASSERT_FALSE(paws(999, TCP_ACK));
}

static void without_timestamps_there_is_no_test(void)
{
    remember(1000);
    conn.timestamps = false;
    CU_ASSERT_FALSE(paws(1, TCP_ACK));
    conn.timestamps = true;
    struct tcp_header h = {.flags = TCP_ACK};
    struct segment s = {.header = &h};
    CU_ASSERT_FALSE(option_paws(&tcp, &conn, &s));
}

static void take(position seq, uint32_t value)
{
    struct tcp_header h = {.flags = TCP_ACK};
    h.options.has_timestamps = true;
    h.options.timestamp_value = value;
    struct segment s = {.header = &h, .seq = seq, .from = seq};
    option_take_timestamp(&tcp, &conn, &s);
}

static void the_segment_at_the_last_ack_is_remembered(void) /* 4.3 (2) */
{
    remember(1000);
    conn.rcv.acked = conn.rcv.nxt = 500;
    take(501, 2000);
    CU_ASSERT_EQUAL(conn.ts_recent, 1000);
    take(500, 2000);
    CU_ASSERT_EQUAL(conn.ts_recent, 2000);
    tcp.now += RILL_SECONDS(5);
    take(400, 2001);
    CU_ASSERT_EQUAL(conn.ts_recent, 2001);
    CU_ASSERT_EQUAL(conn.ts_recent_age, 105);
}

static void the_clock_is_in_milliseconds_behind_a_secret(void) /* 5.4, 7.1 */
{
    begin();
    struct flow a, b;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    b.remote_port = 1;
    tcp.timestamp_key = (struct hash_key){1, 2};
    CU_ASSERT(option_timestamp_offset(&tcp, &a) != option_timestamp_offset(&tcp, &b));
    uint32_t before = option_timestamp(&tcp, 12345);
    tcp.now += RILL_MILLISECONDS(250);
    CU_ASSERT_EQUAL(option_timestamp(&tcp, 12345) - before, 250);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"what both want is agreed", what_both_want_is_agreed},
        {"a scale is cut to 14", a_scale_is_cut_to_14},
        {"a tiny MSS is floored", a_tiny_mss_is_floored},
        {"the default MSS depends on the family", the_default_mss_depends_on_the_family},
        {"our scale is the least that fits", our_scale_is_the_least_that_fits},
        {"older is rejected modulo 2^32", older_is_rejected_modulo_2_to_the_32},
        {"a reset and a long silence are exempt", a_reset_and_a_long_silence_are_exempt},
        {"without timestamps there is no test", without_timestamps_there_is_no_test},
        {"the segment at the last ACK is remembered", the_segment_at_the_last_ack_is_remembered},
        {"the clock is in milliseconds behind a secret",
         the_clock_is_in_milliseconds_behind_a_secret},
    };
    return UNIT_MAIN("option", tests);
}
