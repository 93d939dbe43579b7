#include "socket/info.h"

#include "net/routing.h"
#include "socket/options.h"

#include <linux/inet_diag.h>
#include <linux/tcp.h>

_Static_assert(sizeof(struct tcp_info) <= INFO_MAX, "this <linux/tcp.h> says more");
_Static_assert(offsetof(struct tcp_info, tcpi_snd_wnd) + 4 == INFO_ADDED_AT, "Linux's ABI");

#define DUPLICATE_THRESHOLD 3u /* RFC 5681 3.2 */

#define RTTVAR_FIRST 250000u /* us, before the first measurement: a quarter of the initial RTO */
#define MSS_DEFAULT 536u     /* RFC 9293 MUST-15 */

#define OPT_TFO_CHILD 128 /* TCPI_OPT_TFO_CHILD of a newer <linux/tcp.h> */

/* Linux numbers the states in its own order (net/tcp_states.h). */
static const uint8_t linux_state[RILL_TCP_STATE_COUNT] = {
    [RILL_TCP_ESTABLISHED] = 1, [RILL_TCP_SYN_SENT] = 2,   [RILL_TCP_SYN_RECEIVED] = 3,
    [RILL_TCP_FIN_WAIT_1] = 4,  [RILL_TCP_FIN_WAIT_2] = 5, [RILL_TCP_TIME_WAIT] = 6,
    [RILL_TCP_CLOSED] = 7,      [RILL_TCP_CLOSE_WAIT] = 8, [RILL_TCP_LAST_ACK] = 9,
    [RILL_TCP_LISTEN] = 10,     [RILL_TCP_CLOSING] = 11,
};

uint8_t info_state(enum rill_tcp_state state)
{
    return linux_state[state];
}

static uint8_t linux_recovery(const struct tcp_status *s)
{
    switch (s->recovery) {
    case RECOVERY_REDUCED:
        return TCP_CA_CWR;
    case RECOVERY_FAST:
        return TCP_CA_Recovery;
    case RECOVERY_TIMEOUT:
        return TCP_CA_Loss;
    default:
        return s->disordered ? TCP_CA_Disorder : TCP_CA_Open;
    }
}

static uint32_t microseconds(rill_time t)
{
    return (uint32_t)(t / RILL_MICROSECONDS(1));
}

/* Linux counts windows in segments. */
static uint32_t segments(uint32_t bytes, uint32_t mss)
{
    return bytes >= INT32_MAX ? INT32_MAX : bytes / max_of(mss, 1u);
}

static void info_of(const struct tcp_status *s, struct tcp_info *i)
{
    i->tcpi_ca_state = linux_recovery(s);
    i->tcpi_retransmits = s->retransmits;
    i->tcpi_probes = s->probes;
    i->tcpi_backoff = s->backoff;
    i->tcpi_options =
        (uint8_t)((s->timestamps ? TCPI_OPT_TIMESTAMPS : 0) | (s->sack ? TCPI_OPT_SACK : 0) |
                  (s->window_scaling ? TCPI_OPT_WSCALE : 0) | (s->ecn ? TCPI_OPT_ECN : 0) |
                  (s->syn_data ? TCPI_OPT_SYN_DATA : 0) | (s->fast_open_child ? OPT_TFO_CHILD : 0));
    i->tcpi_snd_wscale = s->snd_scale & 15u;
    i->tcpi_rcv_wscale = s->rcv_scale & 15u;
    i->tcpi_rto = microseconds(s->rto);
    i->tcpi_snd_mss = s->mss;
    i->tcpi_rcv_mss = s->rcv_mss;
    i->tcpi_snd_wnd = s->snd_wnd;
    i->tcpi_unacked = s->unacked;
    i->tcpi_sacked = s->sacked;
    i->tcpi_lost = s->lost;
    i->tcpi_retrans = s->retransmitted;
    i->tcpi_rtt = microseconds(s->srtt);
    i->tcpi_rttvar = s->srtt ? microseconds(s->rttvar) : RTTVAR_FIRST;
    i->tcpi_snd_ssthresh = segments(s->ssthresh, s->mss);
    i->tcpi_snd_cwnd = segments(s->cwnd, s->mss);
    i->tcpi_rcv_space = s->rcv_space;
    i->tcpi_rcv_rtt = microseconds(s->rcv_rtt);
    i->tcpi_pacing_rate = s->pacing_rate;
    i->tcpi_max_pacing_rate = s->pacing_max;
    i->tcpi_rcv_ssthresh = s->receive_window;
    i->tcpi_total_retrans = s->total_retransmits;
    i->tcpi_bytes_acked = s->bytes_acked;
    i->tcpi_bytes_received = s->bytes_received;
    i->tcpi_notsent_bytes = (uint32_t)s->bytes_unsent;
}

static uint64_t limited_us(const struct tcp_stats *s, enum stats_limit limit)
{
    return (uint64_t)s->limited[limit - 1] * 1000;
}

static void info_of_stats(const struct tcp_stats *s, struct tcp_info *i)
{
    i->tcpi_segs_in = s->segs_in;
    i->tcpi_segs_out = s->segs_out;
    i->tcpi_data_segs_in = s->data_segs_in;
    i->tcpi_data_segs_out = s->data_segs_out;
    i->tcpi_bytes_sent = s->bytes_sent;
    i->tcpi_bytes_retrans = s->bytes_retrans;
    i->tcpi_delivered = s->delivered;
    i->tcpi_delivered_ce = s->delivered_ce;
    i->tcpi_dsack_dups = s->dsack_dups;
    i->tcpi_rcv_ooopack = s->rcv_ooopack;
    i->tcpi_reord_seen = s->reord_seen;
    i->tcpi_reordering = max_of((uint32_t)s->reordering, DUPLICATE_THRESHOLD);
    i->tcpi_delivery_rate = s->delivery_rate;
    i->tcpi_delivery_rate_app_limited = s->rate_app_limited & 1u;
    i->tcpi_min_rtt = s->min_rtt ? s->min_rtt : UINT32_MAX; /* as in Linux: not known */
    i->tcpi_last_data_sent = s->data_sent_at;
    i->tcpi_last_data_recv = s->data_received_at;
    i->tcpi_last_ack_recv = s->ack_received_at;
    i->tcpi_rwnd_limited = limited_us(s, LIMIT_WINDOW);
    i->tcpi_sndbuf_limited = limited_us(s, LIMIT_BUFFER);
    i->tcpi_busy_time = limited_us(s, LIMIT_BUSY) + i->tcpi_rwnd_limited + i->tcpi_sndbuf_limited;
}

/* The facts of the path to the peer: its MTU, and the MSS that our SYN has offered. */
static void info_of_path(const struct net *net, const struct head *h, struct tcp_info *i)
{
    const struct path *path = path_find(&net->paths, h->flow.remote);
    i->tcpi_advmss = net->port[h->port].link.mtu - IP4_HEADER - TCP_HEADER;
    if (path)
        i->tcpi_pmtu = routing_mtu(net, path);
}

/* For a listener Linux puts two other numbers into these fields: the connections that wait to be
 * accepted, and their maximum. */
static void info_of_listener(const struct tcp_listener *l, struct tcp_info *i)
{
    i->tcpi_state = linux_state[RILL_TCP_LISTEN];
    i->tcpi_unacked = l->queued;
    i->tcpi_sacked = l->backlog;
}

/* What Linux tells of every socket, before it has a connection and of listeners, too. */
static void info_of_socket(const struct rill *r, const struct socket *s, struct tcp_info *i)
{
    uint64_t max = socket_pacing_max(s);
    i->tcpi_reordering = DUPLICATE_THRESHOLD;
    i->tcpi_snd_cwnd = r->net.config.tcp.initial_window;
    i->tcpi_max_pacing_rate = max ? max : UINT64_MAX;
    i->tcpi_pacing_rate = i->tcpi_max_pacing_rate;
}

/* What a connection would begin with (Linux: tcp_init_sock). */
static void info_of_beginning(const struct rill_tcp_config *config, struct tcp_info *i)
{
    i->tcpi_state = linux_state[RILL_TCP_CLOSED];
    i->tcpi_rto = microseconds(config->initial_rto);
    i->tcpi_rttvar = RTTVAR_FIRST;
    i->tcpi_snd_mss = MSS_DEFAULT;
    i->tcpi_snd_ssthresh = INT32_MAX;
    i->tcpi_min_rtt = UINT32_MAX;
    i->tcpi_delivery_rate_app_limited = 1;
}

static enum info_ecn_mode ecn_mode(const struct rill *r, const struct tcp_status *s)
{
    if (s->accurate_ecn)
        return INFO_ECN_ACCURATE;
    bool waits = s->state == RILL_TCP_SYN_SENT && accecn_requests(&r->net.tcp);
    return waits ? INFO_ECN_PENDING : s->ecn ? INFO_ECN_RFC3168 : INFO_ECN_OFF;
}

static struct info_added added_of(const struct rill *r, const struct tcp_status *s)
{
    const struct accecn *a = &s->accurate;
    unsigned bits =
        (unsigned)ecn_mode(r, s) | (unsigned)a->option_seen << 2 | (unsigned)a->failures << 4;
    return (struct info_added){
        .rcv_wnd = s->offered_window,
        .received_ce = a->received_ce,
        .delivered_e1_bytes = a->delivered[ECN_ECT1 - 1],
        .delivered_e0_bytes = a->delivered[ECN_ECT0 - 1],
        .delivered_ce_bytes = a->delivered[ECN_CE - 1],
        .received_e1_bytes = a->received[ECN_ECT1 - 1],
        .received_e0_bytes = a->received[ECN_ECT0 - 1],
        .received_ce_bytes = a->received[ECN_CE - 1],
        .ecn_bits = bits,
    };
}

size_t info_get(const struct rill *r, const struct socket *s, uint8_t *out)
{
    struct tcp_info info = {0};
    struct info_added added = {0};
    info_of_socket(r, s, &info);
    if (s->phase == SOCKET_LISTENING) {
        info_of_listener(s->listener, &info);
    } else if (!socket_has_conn(s)) {
        info_of_beginning(&r->net.config.tcp, &info);
    } else {
        struct tcp_status status;
        tcp_status(&r->net.tcp, s->conn, &status);
        info.tcpi_state = linux_state[status.state];
        info_of(&status, &info);
        info_of_stats(&status.stats, &info);
        info_of_path(&r->net, &s->conn->sender.head, &info);
        added = added_of(r, &status);
    }
    memcpy(out, &info, sizeof info);
    memcpy(out + INFO_ADDED_AT, &added, sizeof added);
    return max_of(sizeof info, INFO_ADDED_AT + sizeof added);
}

static struct tcp_bbr_info bbr_of(const struct cc_facts *f)
{
    bool known = f->min_rtt != RILL_NEVER;
    return (struct tcp_bbr_info){.bbr_bw_lo = (uint32_t)f->bandwidth,
                                 .bbr_bw_hi = (uint32_t)(f->bandwidth >> 32),
                                 .bbr_min_rtt = known ? microseconds(f->min_rtt) : UINT32_MAX,
                                 .bbr_pacing_gain = f->pacing_gain,
                                 .bbr_cwnd_gain = f->cwnd_gain};
}

/* Linux: without ECN, DCTCP acts as Reno. */
static struct tcp_dctcp_info dctcp_of(const struct tcp_conn *c, const struct cc_facts *f)
{
    if (!c->ecn)
        return (struct tcp_dctcp_info){0};
    return (struct tcp_dctcp_info){.dctcp_enabled = 1,
                                   .dctcp_ce_state = c->ecn_echo,
                                   .dctcp_alpha = f->alpha,
                                   .dctcp_ab_ecn = (uint32_t)f->marked,
                                   .dctcp_ab_tot = (uint32_t)f->acked};
}

size_t info_congestion(const struct socket *s, uint8_t *out)
{
    union tcp_cc_info info;
    const struct tcp_conn *c = socket_has_conn(s) ? s->conn : NULL;
    if (!c || !c->busy || !conn_cc(c)->facts)
        return 0;
    struct cc_facts facts = conn_cc(c)->facts(&c->busy->cc);
    size_t size = conn_cc(c)->rate_based ? sizeof info.bbr : sizeof info.dctcp;
    if (conn_cc(c)->rate_based)
        info.bbr = bbr_of(&facts);
    else
        info.dctcp = dctcp_of(c, &facts);
    memcpy(out, &info, size);
    return size;
}
