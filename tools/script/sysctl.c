/* sysctl names of Linux and FreeBSD as fields of the stack's configuration (language page, sections
 * 14, 18, 23.7). A name without a row here, or a value that rill cannot have, is unsupported. */
#include "script/sysctl.h"

#include "tcp/cc.h"
#include "tcp/fastopen.h"
#include "tcp/rtt.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum setting_form {
    SETTING_BOOL,
    SETTING_NOT, /* a bool with the opposite meaning */
    SETTING_UNSIGNED,
    SETTING_U8,
    SETTING_U16,
    SETTING_U32,
    SETTING_SEGMENTS,
    SETTING_COUNT,
    SETTING_SECONDS,
    SETTING_PAUSE, /* seconds, 0: never */
    SETTING_MILLISECONDS,
    SETTING_INTERVAL, /* milliseconds, 0: none */
    SETTING_MICROSECONDS,
    SETTING_SYN_RETRIES, /* converted to the time that they take */
    SETTING_RETRIES,     /* of data, likewise */
    SETTING_MAXRETRIES,  /* the same in FreeBSD */
    SETTING_ECN,         /* Linux's numbers */
    SETTING_COOKIES,     /* enum rill_syn_cookies: Linux's numbers; FreeBSD's 1 is 1 */
    SETTING_COOKIES_ONLY,
    SETTING_FAST_OPEN,  /* Linux's bits, without those that rill does not have */
    SETTING_BIT_CLIENT, /* FreeBSD's two switches for them */
    SETTING_BIT_SERVER,
    SETTING_IGNORED, /* without effect here */
    SETTING_DEFAULT  /* rill has no choice: only this value is accepted */
};

struct setting {
    const char *name; /* dots between the parts */
    enum setting_form form;
    size_t offset; /* in rill_config; for SETTING_DEFAULT: the value */
};

#define FAST_OPEN_BITS \
    (RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_SERVER | RILL_FAST_OPEN_CLIENT_NO_COOKIE | \
     RILL_FAST_OPEN_SERVER_NO_COOKIE | RILL_FAST_OPEN_ALL_LISTENERS)

#define TCP(field) offsetof(struct rill_config, tcp.field)

static const struct setting settings[] = {
    {"net.ipv4.tcp_timestamps", SETTING_BOOL, TCP(timestamps)},
    {"net.ipv4.tcp_sack", SETTING_BOOL, TCP(sack)},
    {"net.ipv4.tcp_window_scaling", SETTING_BOOL, TCP(window_scaling)},
    {"net.ipv4.tcp_syn_retries", SETTING_SYN_RETRIES, TCP(syn_timeout)},
    {"net.ipv4.tcp_syn_linear_timeouts", SETTING_UNSIGNED, TCP(syn_linear_timeouts)},
    {"net.ipv4.tcp_retries1", SETTING_DEFAULT, 3},
    {"net.ipv4.tcp_retries2", SETTING_RETRIES, TCP(user_timeout)},
    {"net.ipv4.tcp_orphan_retries", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_synack_retries", SETTING_UNSIGNED, TCP(syn_ack_retries)},
    {"net.ipv4.tcp_keepalive_time", SETTING_SECONDS, TCP(keepalive_idle)},
    {"net.ipv4.tcp_keepalive_intvl", SETTING_SECONDS, TCP(keepalive_interval)},
    {"net.ipv4.tcp_keepalive_probes", SETTING_UNSIGNED, TCP(keepalive_count)},
    {"net.ipv4.tcp_rfc1337", SETTING_NOT, TCP(time_wait_reset)},
    {"net.ipv4.tcp_syncookies", SETTING_COOKIES, TCP(syn_cookies)},
    {"net.ipv4.tcp_max_syn_backlog", SETTING_COUNT, TCP(syn_records_max)},
    {"net.core.somaxconn", SETTING_COUNT, TCP(listen_backlog_max)},
    {"net.ipv4.tcp_fin_timeout", SETTING_SECONDS, TCP(fin_wait_2)},
    {"net.ipv4.tcp_rto_min_us", SETTING_MICROSECONDS, TCP(minimum_rto)},
    {"net.ipv4.tcp_invalid_ratelimit", SETTING_INTERVAL, TCP(challenge_interval)},
    {"net.ipv4.tcp_shrink_window", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_moderate_rcvbuf", SETTING_DEFAULT, 1},
    {"net.ipv4.tcp_adv_win_scale", SETTING_DEFAULT, 1},
    {"net.ipv4.tcp_workaround_signed_windows", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_comp_sack_nr", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_comp_sack_delay_ns", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_comp_sack_slack_ns", SETTING_IGNORED, 0}, /* of what those two switch off */
    {"net.ipv4.tcp_comp_sack_rtt_percent", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_reflect_tos", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_plb_enabled", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_min_rtt_wlen", SETTING_DEFAULT, 300},
    {"net.ipv4.tcp_app_win", SETTING_IGNORED, 0}, /* rings hold only text, no overhead */
    {"net.ipv4.tcp_backlog_ack_defer", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_early_demux", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_child_ehash_entries", SETTING_IGNORED, 0},
    {"net.ipv4.ip_default_ttl", SETTING_U8, offsetof(struct rill_config, ttl)},
    {"net.ipv4.tcp_abort_on_overflow", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_tw_reuse", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_stdurg", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_thin_linear_timeouts", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_pingpong_thresh", SETTING_DEFAULT, 1},
    {"net.ipv4.tcp_max_reordering", SETTING_DEFAULT, 300},
    {"net.ipv4.tcp_challenge_ack_limit", SETTING_COUNT, TCP(challenge_acks)},
    {"net.ipv4.tcp_notsent_lowat", SETTING_U32, TCP(unsent_mark)},
    {"net.ipv4.tcp_rto_max_ms", SETTING_MILLISECONDS, TCP(maximum_rto)},
    {"net.ipv4.tcp_dsack", SETTING_DEFAULT, 1},
    {"net.ipv4.tcp_ecn", SETTING_ECN, TCP(ecn)},
    {"net.ipv4.tcp_ecn_fallback", SETTING_DEFAULT, 1},
    {"net.ipv4.tcp_ecn_option", SETTING_IGNORED, 0}, /* for accurate ECN, which tcp_ecn refuses */
    {"net.ipv4.tcp_ecn_option_beacon", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_fastopen", SETTING_FAST_OPEN, TCP(fast_open)},
    {"net.inet.tcp.fastopen.client_enable", SETTING_BIT_CLIENT, TCP(fast_open)},
    {"net.inet.tcp.fastopen.server_enable", SETTING_BIT_SERVER, TCP(fast_open)},
    {"net.inet.tcp.fastopen.maxkeys", SETTING_IGNORED, 0},
    {"net.inet.tcp.fastopen.path_disable_time", SETTING_SECONDS, TCP(fast_open_pause)},
    {"net.ipv4.tcp_fastopen_blackhole_timeout_sec", SETTING_PAUSE, TCP(fast_open_pause)},
    {"net.ipv4.tcp_slow_start_after_idle", SETTING_BOOL, TCP(slow_start_after_idle)},
    {"net.ipv4.tcp_min_tso_segs", SETTING_SEGMENTS, TCP(burst_segments)},
    {"net.ipv4.tcp_tso_win_divisor", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_pacing_ss_ratio", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_pacing_ca_ratio", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_mtu_probing", SETTING_UNSIGNED, TCP(mtu_probing)},
    {"net.ipv4.tcp_base_mss", SETTING_U16, TCP(base_mss)},
    {"net.ipv4.tcp_probe_threshold", SETTING_DEFAULT, 8},
    {"net.ipv4.tcp_probe_interval", SETTING_DEFAULT, 600},
    {"net.ipv4.ip_no_pmtu_disc", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_mtu_probe_floor", SETTING_U16, TCP(mtu_probe_floor)},
    {"net.ipv4.tcp_no_metrics_save", SETTING_NOT, TCP(metrics)},
    {"net.ipv4.tcp_no_ssthresh_metrics_save", SETTING_NOT, TCP(metrics_ssthresh)},
    {"net.ipv4.tcp_frto", SETTING_BOOL, TCP(frto)},
    {"net.ipv4.tcp_recovery", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_early_retrans", SETTING_BOOL, TCP(loss_probes)},
    {"net.ipv4.tcp_reordering", SETTING_DEFAULT, 3},
    {"net.ipv4.tcp_fack", SETTING_IGNORED, 0},        /* without effect in Linux too, since 4.15 */
    {"net.ipv4.tcp_low_latency", SETTING_IGNORED, 0}, /* since 4.14 */
    {"net.ipv4.tcp_autocorking", SETTING_IGNORED, 0}, /* the device has no queue */
    {"net.ipv4.tcp_limit_output_bytes", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_tso_rtt_log", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_mem", SETTING_IGNORED, 0},
    {"net.core.default_qdisc", SETTING_IGNORED, 0},
    {"net.core.rmem_max", SETTING_IGNORED, 0},
    {"net.core.wmem_max", SETTING_IGNORED, 0},
    {"net.core.optmem_max", SETTING_IGNORED, 0},
    {"net.core.netdev_max_backlog", SETTING_IGNORED, 0},
    {"net.ipv4.ip_forward", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_max_tw_buckets", SETTING_COUNT, TCP(time_waits_max)},
    {"net.ipv4.tcp_fwmark_accept", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_l3mdev_accept", SETTING_DEFAULT, 0},
    {"net.ipv4.tcp_migrate_req", SETTING_DEFAULT, 0},
    {"net.inet.tcp.sack.enable", SETTING_BOOL, TCP(sack)},
    {"net.inet.tcp.delacktime", SETTING_MILLISECONDS, TCP(delayed_ack)},
    {"net.inet.tcp.rexmit_initial", SETTING_MILLISECONDS, TCP(initial_rto)},
    {"net.inet.tcp.insecure_rst", SETTING_DEFAULT, 0},
    {"net.inet.tcp.insecure_syn", SETTING_DEFAULT, 0},
    {"net.inet.tcp.blackhole", SETTING_DEFAULT, 0},
    {"net.inet.tcp.drop_synfin", SETTING_BOOL, TCP(drop_syn_fin)},
    {"net.inet.tcp.keepidle", SETTING_MILLISECONDS, TCP(keepalive_idle)},
    {"net.inet.tcp.keepintvl", SETTING_MILLISECONDS, TCP(keepalive_interval)},
    {"net.inet.tcp.keepcnt", SETTING_UNSIGNED, TCP(keepalive_count)},
    {"net.inet.tcp.finwait2_timeout", SETTING_MILLISECONDS, TCP(fin_wait_2)},
    {"net.inet.tcp.initcwnd_segments", SETTING_UNSIGNED, TCP(initial_window)},
    {"net.inet.tcp.ecn.enable", SETTING_ECN, TCP(ecn)},
    {"net.inet.tcp.hostcache.enable", SETTING_BOOL, TCP(metrics)},
    {"net.inet.tcp.hostcache.purgenow", SETTING_IGNORED, 0},
    {"net.inet.tcp.icmp_may_rst", SETTING_IGNORED, 0},
    {"net.inet.tcp.syncookies", SETTING_COOKIES, TCP(syn_cookies)},
    {"net.inet.tcp.syncookies_only", SETTING_COOKIES_ONLY, TCP(syn_cookies)},
    {"net.inet.tcp.rexmit_drop_options", SETTING_IGNORED, 0},
    {"net.inet.tcp.tolerate_missing_ts", SETTING_NOT, TCP(require_timestamps)},
    {"net.inet.tcp.ecn.maxretries", SETTING_IGNORED, 0},
    {"net.inet.tcp.pmtud_blackhole_detection", SETTING_UNSIGNED, TCP(mtu_probing)},
    {"net.inet.tcp.path_mtu_discovery", SETTING_DEFAULT, 1},
    {"net.inet.tcp.pmtud_blackhole_mss", SETTING_U16, TCP(base_mss)},
    {"net.inet.tcp.keepinit", SETTING_MILLISECONDS, TCP(syn_timeout)},
    {"net.inet.tcp.retries", SETTING_MAXRETRIES, TCP(user_timeout)},
    {"net.inet.tcp.maxretries", SETTING_MAXRETRIES, TCP(user_timeout)},
    {"net.inet.tcp.rfc3390", SETTING_IGNORED, 0}, /* initcwnd_segments decides */
    {"net.inet.tcp.rfc3465", SETTING_DEFAULT, 1}, /* cwnd grows by acknowledged bytes */
    {"net.inet.tcp.abc_l_var", SETTING_UNSIGNED, TCP(slow_start_segments)},
    {"kern.ipc.soacceptqueue", SETTING_COUNT, TCP(listen_backlog_max)},
    {"kern.ipc.somaxconn", SETTING_COUNT, TCP(listen_backlog_max)},
    {"kern.ipc.maxsockbuf", SETTING_IGNORED, 0},
    {"kern.timecounter.alloweddeviation", SETTING_IGNORED, 0},
    {"kern.timecounter.hardware", SETTING_IGNORED, 0},
    {"net.inet.tcp.functions_default", SETTING_IGNORED, 0},
    {"net.inet.tcp.delayed_ack", SETTING_DEFAULT, 1},
    {"net.inet.tcp.insecure_ack", SETTING_DEFAULT, 0},
    {"net.inet.tcp.always_keepalive", SETTING_DEFAULT, 0},
    {"net.inet.tcp.fast_finwait2_recycle", SETTING_DEFAULT, 0},
    {"net.inet.tcp.nolocaltimewait", SETTING_DEFAULT, 0},
    {"net.inet.ip.ttl", SETTING_U8, offsetof(struct rill_config, ttl)},
    {"net.inet.tcp.syncache.rexmtlimit", SETTING_UNSIGNED, TCP(syn_ack_retries)},
    {"net.inet.tcp.rfc3042", SETTING_DEFAULT, 1}, /* limited transmit */
    {"net.inet.tcp.rfc6675_pipe", SETTING_DEFAULT, 1},
    {"net.inet.tcp.do_prr", SETTING_DEFAULT, 1},
    {"net.inet.tcp.do_lrd", SETTING_DEFAULT, 1}, /* lost retransmissions are noticed */
    {"net.inet.tcp.mssdflt", SETTING_DEFAULT, 536},
    {"net.inet.tcp.sendbuf_auto", SETTING_DEFAULT, 1},
    {"net.inet.tcp.recvbuf_auto", SETTING_DEFAULT, 1},
    {"net.inet.tcp.ts_offset_per_conn", SETTING_DEFAULT, 1},
    {"net.inet.tcp.udp_tunneling_port", SETTING_DEFAULT, 0},
    {"net.inet.udp.blackhole", SETTING_DEFAULT, 0},
    {"net.inet.tcp.tso", SETTING_IGNORED, 0},
    {"net.inet.tcp.sack.tso", SETTING_IGNORED, 0},
    {"net.inet.tcp.log_in_vain", SETTING_IGNORED, 0},
    {"net.inet.tcp.functions_inherit_listen_socket_stack", SETTING_IGNORED, 0},
};

/* Both `net.ipv4.x`, `net/ipv4/x` and `/proc/sys/net/ipv4/x` name x. */
static bool same_name(const char *row, const char *name)
{
    if (!strncmp(name, "/proc/sys/", 10))
        name += 10;
    for (; *row && *name; row++, name++)
        if (*row != *name && !(*row == '.' && *name == '/'))
            return false;
    return *row == *name;
}

/* The shell's $((32*1024*1024)): scripts use only products. */
static bool product_parse(const char *text, int64_t *number)
{
    size_t length = strlen(text);
    if (length < 6 || strncmp(text, "$((", 3) || strcmp(text + length - 2, "))"))
        return false;
    char factor[16];
    int64_t value;
    *number = 1;
    for (const char *at = text + 3, *end = text + length - 2; at < end; at++) {
        size_t digits = strcspn(at, "*)");
        if (digits >= sizeof factor)
            return false;
        memcpy(factor, at, digits);
        factor[digits] = '\0';
        if (!number_parse(factor, false, &value) || value < 0 || value > UINT32_MAX)
            return false;
        *number = min_of(*number * value, (int64_t)UINT32_MAX + 1);
        at += digits;
    }
    return true;
}

/* The last number of a list such as "4096 87380 6291456". */
static bool last_number(const char *value, int64_t *number)
{
    size_t length = strlen(value), begin = length;
    while (begin && !isspace((unsigned char)value[begin - 1]))
        begin--;
    bool good = product_parse(value + begin, number) || number_parse(value + begin, false, number);
    return good && *number >= 0 && *number <= UINT32_MAX;
}

/* The number before the last of such a list; or its only number. */
static int64_t middle_number(const char *value, int64_t last)
{
    char words[64];
    int64_t number;
    size_t length = strlen(value);
    while (length && !isspace((unsigned char)value[length - 1]))
        length--;
    while (length && isspace((unsigned char)value[length - 1]))
        length--;
    snprintf(words, sizeof words, "%.*s", (int)length, value);
    return length && last_number(words, &number) ? number : last;
}

/* Initial and maximum size of a buffer: Linux's "min initial max"; FreeBSD's one number is the
 * initial size. */
struct buffer_setting {
    const char *name;
    size_t initial, most; /* in rill_config */
    bool alone;
};

static const struct buffer_setting buffer_settings[] = {
    {"net.ipv4.tcp_rmem", TCP(receive_buffer), TCP(receive_buffer_max), false},
    {"net.ipv4.tcp_wmem", TCP(send_buffer), TCP(send_buffer_max), false},
    {"net.inet.tcp.recvspace", TCP(receive_buffer), TCP(receive_buffer_max), true},
    {"net.inet.tcp.sendspace", TCP(send_buffer), TCP(send_buffer_max), true},
};

static uint32_t buffer_size(int64_t value)
{
    return (uint32_t)min_of(max_of(value, 4096), 1 << 30);
}

static void buffer_put(struct rill_config *c, const struct buffer_setting *s, const char *value,
                       int64_t last)
{
    uint32_t initial = buffer_size(middle_number(value, last)), most = buffer_size(last), before;
    memcpy(&before, (char *)c + s->most, sizeof before);
    if (s->alone)
        most = max_of(before, initial);
    initial = min_of(initial, most);
    memcpy((char *)c + s->initial, &initial, sizeof initial);
    memcpy((char *)c + s->most, &most, sizeof most);
}

static bool set_buffers(struct rill_config *c, const char *name, const char *value, int64_t last)
{
    for (size_t i = 0; i < sizeof buffer_settings / sizeof *buffer_settings; i++) {
        if (!same_name(buffer_settings[i].name, name))
            continue;
        buffer_put(c, &buffer_settings[i], value, last);
        return true;
    }
    return false;
}

/* FreeBSD's names that are not one of our fields. */
static bool set_freebsd(struct rill_config *c, const char *name, int64_t value)
{
    if (same_name("net.inet.tcp.rfc1323", name)) {
        c->tcp.timestamps = value == 1 || value == 3;
        c->tcp.window_scaling = value == 1 || value == 2;
    } else if (same_name("net.inet.tcp.msl", name) && value > 0 && value <= 43200000) {
        c->tcp.time_wait = 2 * RILL_MILLISECONDS(value);
    } else if (same_name("net.inet.tcp.rexmit_slop", name) && value <= 1000) {
        c->tcp.minimum_rto = RILL_MILLISECONDS(30 + value); /* rexmit_min and slop */
        c->tcp.initial_rto = max_of(c->tcp.initial_rto, c->tcp.minimum_rto);
    } else {
        return false;
    }
    return true;
}

static bool put_ecn(char *field, int64_t value)
{
    static const enum rill_ecn linux_ecn[] = {RILL_ECN_OFF, RILL_ECN_REQUEST, RILL_ECN_ACCEPT};
    if (value > 2)
        return false;
    memcpy(field, &linux_ecn[value], sizeof *linux_ecn);
    return true;
}

/* Linux counts data's retransmissions from this RTO, whatever tcp_rto_min_us says
 * (retransmits_timed_out). */
#define RETRIES_RTO RILL_MILLISECONDS(200)

/* The time-out of a segment with n retransmissions. */
static rill_time time_of_retries(const struct rill_tcp_config *c, int64_t n, rill_time first)
{
    rill_time sum = 0, wait = first;
    for (int64_t i = 0; i <= n; i++) {
        sum += wait;
        wait = min_of(2 * wait, c->maximum_rto);
    }
    return sum;
}

/* The time-out of a SYN with n retransmissions after the linear ones. */
static rill_time time_of_syn_retries(const struct rill_tcp_config *c, int64_t n)
{
    return rtt_time_of_syns(c, c->syn_linear_timeouts + (unsigned)n + 1, c->maximum_rto);
}

/* The time that so many retransmissions take. */
static bool put_retries(char *field, const struct rill_tcp_config *c, enum setting_form form,
                        int64_t value)
{
    int64_t most = form == SETTING_SYN_RETRIES ? 127 : 255, n = min_of(value, most);
    rill_time time = form == SETTING_SYN_RETRIES ? time_of_syn_retries(c, n)
                     : form == SETTING_RETRIES   ? time_of_retries(c, n, RETRIES_RTO)
                                                 : time_of_retries(c, n, c->minimum_rto);
    memcpy(field, &time, sizeof time);
    return value <= most;
}

static rill_time unit_of(enum setting_form form)
{
    return form == SETTING_SECONDS || form == SETTING_PAUSE           ? RILL_SECONDS(1)
           : form == SETTING_MILLISECONDS || form == SETTING_INTERVAL ? RILL_MILLISECONDS(1)
                                                                      : RILL_MICROSECONDS(1);
}

static void put_bits(char *field, unsigned bits, bool on)
{
    unsigned number;
    memcpy(&number, field, sizeof number);
    number = on ? number | bits : number & ~bits;
    memcpy(field, &number, sizeof number);
}

static bool set_congestion(struct rill_config *c, const char *name, const char *value)
{
    bool linux_name = same_name("net.ipv4.tcp_congestion_control", name);
    if (!linux_name && !same_name("net.inet.tcp.cc.algorithm", name))
        return false;
    if (!linux_name && !strcmp(value, "newreno"))
        value = "reno";
    snprintf(c->tcp.congestion, sizeof c->tcp.congestion, "%s", value);
    return strlen(value) < sizeof c->tcp.congestion; /* config_good checks whether it exists */
}

/* True: all in the list exist. */
static bool has_congestions(const char *name, const char *value)
{
    if (!same_name("net.ipv4.tcp_available_congestion_control", name) &&
        !same_name("net.ipv4.tcp_allowed_congestion_control", name))
        return false;
    while (*value) {
        char one[16];
        int length = 0;
        if (sscanf(value, "%15s%n", one, &length) != 1)
            break;
        if (!cc_find(one))
            return false;
        value += length;
    }
    return true;
}

/* One key or two, separated by a comma: each has four 32-bit words in hexadecimal, joined by
 * dashes. */
static bool set_fast_open_keys(struct rill_config *c, const char *name, const char *value)
{
    uint8_t key[sizeof c->tcp.fast_open_key];
    size_t at = 0;
    if (!same_name("net.ipv4.tcp_fastopen_key", name))
        return false;
    for (const char *text = value; *text && at < sizeof key; at += 4) {
        char *end;
        unsigned long word = strtoul(text, &end, 16);
        if (end == text)
            return false;
        for (unsigned i = 0; i < 4; i++)
            key[at + i] = (uint8_t)(word >> 8 * i);
        text = end + (*end == '-' || *end == ',');
    }
    if (at == 0 || at % FAST_OPEN_KEY_BYTES)
        return false;
    memcpy(c->tcp.fast_open_key, key, at);
    c->tcp.fast_open_keys = (unsigned)(at / FAST_OPEN_KEY_BYTES);
    return true;
}

static bool put_cookies(char *field, enum setting_form form, int64_t value)
{
    enum rill_syn_cookies cookies = (enum rill_syn_cookies)value;
    if (value > RILL_SYN_COOKIES_ALWAYS)
        return false;
    if (form == SETTING_COOKIES_ONLY) {
        if (!value)
            return true; /* the other switch sets the value then */
        cookies = RILL_SYN_COOKIES_ALWAYS;
    }
    memcpy(field, &cookies, sizeof cookies);
    return true;
}

/* False: rill does not support the value. */
static bool setting_put(const struct setting *s, struct rill_config *c, int64_t value)
{
    char *field = (char *)c + s->offset;
    rill_time time = unit_of(s->form) * value;
    bool time_good = value > 0 && value < 1000000000;
    unsigned number = (unsigned)value;
    bool on = value;
    switch (s->form) {
    case SETTING_NOT:
        on = !on;
        memcpy(field, &on, sizeof on);
        return true;
    case SETTING_BOOL:
        memcpy(field, &on, sizeof on);
        return true;
    case SETTING_U8:
        memcpy(field, &(uint8_t){(uint8_t)value}, sizeof(uint8_t));
        return value >= 1 && value <= UINT8_MAX;
    case SETTING_U16:
        memcpy(field, &(uint16_t){(uint16_t)value}, sizeof(uint16_t));
        return value <= UINT16_MAX;
    case SETTING_U32:
        memcpy(field, &number, sizeof number);
        return value <= UINT32_MAX;
    case SETTING_UNSIGNED:
        memcpy(field, &number, sizeof number);
        return value <= 30;
    case SETTING_SEGMENTS:
    case SETTING_COUNT:
        memcpy(field, &number, sizeof number);
        return value >= 1 && value <= (s->form == SETTING_SEGMENTS ? 1000 : 1 << 20);
    case SETTING_SECONDS:
    case SETTING_MILLISECONDS:
    case SETTING_MICROSECONDS:
        if (time_good)
            memcpy(field, &time, sizeof time);
        return time_good;
    case SETTING_SYN_RETRIES:
    case SETTING_RETRIES:
    case SETTING_MAXRETRIES:
        return put_retries(field, &c->tcp, s->form, value);
    case SETTING_ECN:
        return put_ecn(field, value);
    case SETTING_COOKIES:
    case SETTING_COOKIES_ONLY:
        return put_cookies(field, s->form, value);
    case SETTING_PAUSE:
    case SETTING_INTERVAL:
        memcpy(field, &time, sizeof time);
        return value < 1000000000;
    case SETTING_FAST_OPEN:
        put_bits(field, UINT32_MAX, false);
        put_bits(field, number & FAST_OPEN_BITS, true);
        return true;
    case SETTING_BIT_CLIENT:
        put_bits(field, RILL_FAST_OPEN_CLIENT, on);
        return true;
    case SETTING_BIT_SERVER:
        put_bits(field, RILL_FAST_OPEN_SERVER, on);
        return true;
    case SETTING_IGNORED:
        return true;
    case SETTING_DEFAULT:
        break;
    }
    return value == (int64_t)s->offset;
}

/* "first last"; config_good checks them. */
static bool set_ports(struct rill_config *c, const char *name, const char *value, int64_t last)
{
    int64_t first = middle_number(value, -1);
    if (!same_name("net.ipv4.ip_local_port_range", name) || first < 0 || last > UINT16_MAX)
        return false;
    c->tcp.ephemeral_first = (uint16_t)min_of(first, UINT16_MAX);
    c->tcp.ephemeral_last = (uint16_t)last;
    return true;
}

/* False: unknown name, or rill does not support the value. */
static bool config_put(struct rill_config *c, const char *name, const char *value)
{
    int64_t number = 0;
    bool numeric = last_number(value, &number);
    if (set_fast_open_keys(c, name, value) || set_congestion(c, name, value) ||
        has_congestions(name, value))
        return true;
    if (numeric && (set_freebsd(c, name, number) || set_buffers(c, name, value, number) ||
                    set_ports(c, name, value, number)))
        return true;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (same_name(settings[i].name, name))
            return numeric ? setting_put(&settings[i], c, number)
                           : settings[i].form == SETTING_IGNORED;
    return false;
}

static unsigned retries_in_time(const struct rill_tcp_config *c, rill_time time)
{
    unsigned n = 0;
    while (time_of_retries(c, n, RETRIES_RTO) < time)
        n++;
    return n;
}

/* Linux knows how many retransmissions there are, not their time: a new maximum of the RTO, and
 * linear time-outs of SYNs, change the time of as many. */
static void keep_retries(struct rill_tcp_config *c, const struct rill_tcp_config *before)
{
    if (c->maximum_rto == before->maximum_rto &&
        c->syn_linear_timeouts == before->syn_linear_timeouts)
        return;
    c->syn_timeout = time_of_syn_retries(c, rtt_syn_retries(before));
    unsigned retries = retries_in_time(before, before->user_timeout);
    c->user_timeout = time_of_retries(c, retries, RETRIES_RTO);
}

/* A running stack keeps the ranges with which it was created. */
void sysctl_set(struct run *r, const char *name, const char *value)
{
    struct rill_config tried = *run_config(r);
    if (config_put(&tried, name, value) && config_good(&tried)) {
        keep_retries(&tried.tcp, &run_config(r)->tcp);
        *run_config(r) = tried;
    } else {
        run_unsupported(r, "sysctl %s=%s", name, value);
    }
}
