/* Configurations for packet scripts that were written against other systems (docs/choices.md). */
#include "socket/rill.h"

/* The defaults.sh of the test suites: tcp_rmem 4096 540000 15728640, tcp_wmem 4096 262144 4194304.
 * 15 MB give a window scale of 8. */
static void preset_linux(struct rill_config *c)
{
    c->tcp.receive_buffer = 540000;
    c->tcp.receive_buffer_max = 15 << 20;
    c->tcp.send_buffer = 256 << 10;
    c->tcp.send_buffer_max = 4 << 20;
    c->tcp.syn_linear_timeouts = 4;
    c->tcp.syn_timeout = RILL_SECONDS(4 + 63); /* tcp_syn_retries = 5, after those */
    c->tcp.syn_ack_retries = 5;
    c->tcp.timestamps = true;
    c->tcp.sack = true;
    c->tcp.slow_start_after_idle = false;
    c->tcp.delay_fin_ack = true;
    c->tcp.soft_errors_end_connect = true;
    c->tcp.window_scaling = true;
    c->tcp.ecn = RILL_ECN_OFF;
    c->tcp.mtu_probing = RILL_MTU_PROBING_OFF;
    c->tcp.slow_start_segments = 0; /* like Linux's cubic */
    c->tcp.time_wait_reset = true;  /* tcp_rfc1337 = 0 */
}

/* FreeBSD 14's default sysctls: net.inet.tcp.rexmit_min and rexmit_slop (30 and 200 ms), keepinit
 * (75 s), keepcnt, drop_synfin, tolerate_missing_ts; 64 s is its TCPTV_REXMTMAX, 3 its
 * SYNCACHE_MAXREXMTS, and it has no quick ACKs. Socket buffers of 65536 give a window scale of 6,
 * because kern.ipc.maxsockbuf is 2 MB. */
static void preset_freebsd(struct rill_config *c)
{
    c->tcp.syn_order = RILL_SYN_ORDER_FREEBSD;
    c->tcp.maximum_rto = RILL_SECONDS(64);
    c->tcp.syn_timeout = RILL_SECONDS(75);
    c->tcp.syn_ack_retries = 3;
    c->tcp.quick_acks = 0;
    c->tcp.keepalive_count = 8;
    c->tcp.drop_syn_fin = false;
    c->tcp.require_timestamps = true;
    c->tcp.receive_buffer = 65536;
    c->tcp.receive_buffer_max = 2 << 20;
    c->tcp.send_buffer = 32768;
    c->tcp.send_buffer_max = 2 << 20;
    c->tcp.minimum_rto = RILL_MILLISECONDS(230);
    c->tcp.slow_start_segments = 2; /* net.inet.tcp.abc_l_var */
    c->tcp.mtu_probing = RILL_MTU_PROBING_OFF;
}

void rill_config_preset(struct rill_config *c, enum rill_preset preset)
{
    if (preset == RILL_PRESET_LINUX)
        preset_linux(c);
    else if (preset == RILL_PRESET_FREEBSD)
        preset_freebsd(c);
}
