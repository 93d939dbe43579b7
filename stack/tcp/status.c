#include "tcp/status.h"

#include "tcp/fastopen.h"
#include "tcp/pace.h"
#include "tcp/text.h"
#include "tcp/timer.h"
#include "tcp/tuning.h"

/* Counts the records of the flight by their marks. As in Linux, the SYN-ACK of a Fast Open does not
 * count. */
static void count_flight(const struct tcp_conn *c, struct tcp_status *s)
{
    const struct flight *f = &c->flight;
    uint32_t all = flight_count(f), first = all && !c->snd.una && fast_open_is_pending(c);
    s->unacked = all - first;
    for (uint32_t i = first; i < all; i++) {
        const struct flight_record *r = flight_at(f, i);
        s->sacked += r->sacked;
        s->lost += !r->sacked && (r->lost || r->retransmitted); /* sent again or not, as in Linux */
        s->retransmitted += r->retransmitted && !r->lost && !r->sacked;
    }
    if (c->busy && !c->sack) /* each duplicate ACK is a segment that has arrived */
        s->sacked = min_of(c->busy->recovery.duplicates, s->unacked);
    s->disordered = s->sacked || s->lost || s->retransmitted;
}

void tcp_status(const struct tcp *t, const struct tcp_conn *c, struct tcp_status *s)
{
    *s = (struct tcp_status){
        .state = conn_state(c),
        .recovery = c->busy ? c->busy->recovery.state : RECOVERY_NONE,
        .retransmits = c->timer == TIMER_RETRANSMIT ? c->unanswered : 0,
        .probes = c->timer == TIMER_PERSIST ? c->unanswered : 0,
        .backoff = c->backoff,
        .timestamps = c->timestamps,
        .sack = c->sack,
        .window_scaling = c->window_scaling,
        .ecn = c->ecn,
        .syn_data = c->syn_data,
        .fast_open_child = c->fast_open >= FAST_OPEN_PENDING,
        .snd_scale = c->snd_scale,
        .rcv_scale = c->rcv_scale,
        .rto = conn_rto(t, c, c->backoff),
        .srtt = RILL_MICROSECONDS(c->rtt.srtt),
        .rttvar = RILL_MICROSECONDS(c->rtt.rttvar),
        .mss = c->mss,
        .rcv_mss = text_peer_mss(c),
        .cwnd = c->window.cwnd,
        .ssthresh = c->window.ssthresh,
        .snd_wnd = c->snd.wnd,
        .receive_window = (uint32_t)(c->rcv.edge - c->rcv.nxt),
        .offered_window = (uint32_t)(c->rcv.edge - c->rcv.acked),
        .total_retransmits = c->total_retransmits,
        .bytes_acked = (uint64_t)max_of(c->snd.una - 1, 0),
        .bytes_received = (uint64_t)max_of(conn_read_limit(c) - 1, 0),
        .bytes_unsent = conn_unsent(c),
        .pacing = pace_is_on(t, c),
        .pacing_waits = pace_deadline(c) != RILL_NEVER,
        .pacing_rate = pace_rate(c),
        .pacing_max = c->extras && c->extras->pacing_max ? c->extras->pacing_max : UINT64_MAX,
        .rcv_rtt = c->busy ? c->busy->tuning.rtt : 0,
        .rcv_space = tuning_read_max(c),
        .stats = stats_read(t, c),
    };
    count_flight(c, s);
    s->accurate_ecn = conn_accurate(c);
    if (!conn_accurate(c))
        return;
    s->accurate = *conn_accurate(c);
    s->stats.delivered_ce = conn_accurate(c)->delivered_ce; /* with the handshake's mark */
}
