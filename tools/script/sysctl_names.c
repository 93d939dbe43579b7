#include "script/sysctl_names.h"

#include <string.h>

/* The first row with the name counts. */
static const struct setting settings[] = {
    {"net.ipv4.tcp_timestamps", SETTING_BOOL, TCP(timestamps)},
    {"net.ipv4.tcp_sack", SETTING_BOOL, TCP(sack)},
    {"net.ipv4.tcp_window_scaling", SETTING_BOOL, TCP(window_scaling)},
    {"net.ipv4.tcp_syn_retries", SETTING_SYN_RETRIES, TCP(syn_timeout)},
    {"net.ipv4.tcp_syn_linear_timeouts", SETTING_SYN_TIMEOUTS, TCP(syn_linear_timeouts)},
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
    {"net.ipv4.tcp_ecn_option", SETTING_ECN_OPTION, TCP(accurate_ecn_option)},
    {"net.ipv4.tcp_ecn_option_beacon", SETTING_UNSIGNED, TCP(accurate_ecn_beacon)},
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
    {"net.ipv4.tcp_max_orphans", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_retrans_collapse", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_rcvbuf_low_rtt", SETTING_IGNORED, 0},
    {"net.ipv4.tcp_tw_reuse_delay", SETTING_IGNORED, 0}, /* tcp_tw_reuse is off */
    {"net.ipv4.tcp_min_snd_mss", SETTING_DEFAULT, 48},
    {"net.ipv4.tcp_thin_dupack", SETTING_DEFAULT, 0},
    {"net.ipv4.ip_early_demux", SETTING_IGNORED, 0},
    {"net.ipv4.ip_nonlocal_bind", SETTING_DEFAULT, 0},
    {"net.ipv4.ip_forward_use_pmtu", SETTING_IGNORED, 0},
    {"net.ipv4.route.mtu_expires", SETTING_DEFAULT, 600},
    {"net.ipv4.icmp_msgs_per_sec", SETTING_COUNT, offsetof(struct rill_config, icmp_errors)},
    {"net.ipv4.icmp_echo_ignore_all", SETTING_DEFAULT, 0},
    {"net.ipv4.icmp_*", SETTING_IGNORED, 0},
    {"net.ipv4.conf.*", SETTING_IGNORED, 0}, /* of the host's interfaces and neighbours */
    {"net.ipv4.neigh.*", SETTING_IGNORED, 0},
    {"net.ipv6.*", SETTING_IGNORED, 0}, /* all packets are IPv4 */
    {"net.mptcp.*", SETTING_IGNORED, 0},
    {"net.core.*", SETTING_IGNORED, 0}, /* of the host's devices and of its own sockets */
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
    {"net.inet.tcp.hostcache.*", SETTING_IGNORED, 0},
    {"net.inet.tcp.ack_war_timewindow", SETTING_INTERVAL, TCP(challenge_interval)},
    {"net.inet.tcp.ack_war_cnt", SETTING_IGNORED, 0},
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
    {"net.inet.tcp.functions_default", SETTING_IGNORED, 0},
    {"net.inet.tcp.delayed_ack", SETTING_DEFAULT, 1},
    {"net.inet.tcp.insecure_ack", SETTING_DEFAULT, 0},
    {"net.inet.tcp.always_keepalive", SETTING_DEFAULT, 0},
    {"net.inet.tcp.fast_finwait2_recycle", SETTING_DEFAULT, 0},
    {"net.inet.tcp.nolocaltimewait", SETTING_DEFAULT, 0},
    {"net.inet.ip.ttl", SETTING_U8, offsetof(struct rill_config, ttl)},
    {"net.inet.ip.*", SETTING_IGNORED, 0},
    {"net.inet.icmp.*", SETTING_IGNORED, 0},
    {"net.inet6.*", SETTING_IGNORED, 0},
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
    {"net.inet.tcp.prr", SETTING_DEFAULT, 1},
    {"net.inet.tcp.sack.revised", SETTING_DEFAULT, 1},
    {"net.inet.tcp.sack.lrd", SETTING_DEFAULT, 1},
    {"net.inet.tcp.cc.abe", SETTING_DEFAULT, 0}, /* RFC 8511 */
    {"net.inet.tcp.rexmit_min", SETTING_DEFAULT, 30},
    {"net.inet.tcp.rexmit_max", SETTING_DEFAULT, 64000},
    {"net.inet.tcp.maxunacktime", SETTING_DEFAULT, 0},
    {"net.inet.tcp.fastopen.acceptany", SETTING_DEFAULT, 0},
    {"net.inet.tcp.fastopen.setkey", SETTING_DEFAULT, 0}, /* its cookies are others than ours */
    {"net.inet.tcp.fastopen.*", SETTING_IGNORED, 0},
    {"net.inet.tcp.recvbuf_max", SETTING_IGNORED, 0}, /* the scale follows from maxsockbuf */
    {"net.inet.tcp.sendbuf_max", SETTING_IGNORED, 0},
    {"net.inet.tcp.sendbuf_inc", SETTING_IGNORED, 0},
    {"net.inet.tcp.v6mssdflt", SETTING_IGNORED, 0},
    {"net.inet.tcp.per_cpu_timers", SETTING_IGNORED, 0},
    {"net.inet.tcp.do_tcpdrain", SETTING_IGNORED, 0},
    {"net.inet.tcp.reass.*", SETTING_IGNORED, 0},
    {"net.inet.tcp.lro.*", SETTING_IGNORED, 0},
    {"net.inet.tcp.bb.*", SETTING_IGNORED, 0},   /* its log */
    {"net.inet.tcp.hpts.*", SETTING_IGNORED, 0}, /* of its other TCPs, which are not under test */
    {"net.inet.tcp.rack.*", SETTING_IGNORED, 0},
    {"net.inet.tcp.bbr.*", SETTING_IGNORED, 0},
    {"kern.*", SETTING_IGNORED, 0},
};

bool sysctl_named(const char *row, const char *name)
{
    if (!strncmp(name, "/proc/sys/", 10))
        name += 10;
    for (; *row != '*' && *row && *name; row++, name++)
        if (*row != *name && !(*row == '.' && *name == '/'))
            return false;
    return *row == *name || *row == '*';
}

const struct setting *setting_find(const char *name)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (sysctl_named(settings[i].name, name))
            return &settings[i];
    return NULL;
}
