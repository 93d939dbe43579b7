#include "tcp/synsent.h"

#include "tcp/ack.h"
#include "tcp/buffer.h"
#include "tcp/fastopen_active.h"
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/option.h"
#include "tcp/progress.h"
#include "tcp/reset.h"
#include "tcp/share.h"
#include "tcp/state.h"
#include "tcp/stats.h"
#include "tcp/text.h"
#include "tcp/timer.h"

#include <errno.h>

/* Takes the peer's SYN: its sequence number, its options, its (never scaled) window. */
static void take_syn(struct tcp *t, struct tcp_conn *c, const struct tcp_arrival *in)
{
    const struct tcp_header *h = in->header;
    struct negotiated n = option_negotiate(t, conn_cc(c), h);
    n.rcv_scale = c->rcv_scale; /* as in our SYN */
    option_agree(t, c, &n);
    if (conn_accurate(c))
        accecn_take_syn(c, in);
    c->irs = h->seq;
    c->rcv.nxt = 1;
    c->rcv.acked = 0;
    c->rcv.edge = 1 + buffer_first_window(t, conn_buffers(c)); /* as offered in our SYN */
    option_set_ts_recent(t, c, h->options.timestamp_value);
    c->snd.wnd = c->snd.wnd_max = h->window;
    c->snd.wl1 = 0;
}

/* Our SYN is acknowledged, maybe with its Fast Open text: removes them from the flight, and
 * measures the round trip. */
static void take_ack_of_syn(struct tcp *t, struct tcp_conn *c, const struct tcp_header *h)
{
    struct flight_record syn = *flight_at(&c->flight, 0);
    c->snd.una = h->ack.n - c->iss.n;
    while (flight_acknowledge(&c->flight, c->snd.una))
        continue;
    if (c->snd.una == c->snd.end)
        ring_release(&t->rings, &c->send_ring);
    progress_acked(t, c);
    rill_time rtt = ack_measure(t, c, &h->options, &syn);
    if (rtt)
        rtt_sample(&c->rtt, rtt);
    stats_opened(t, c, rtt);
    if (c->backoff > 1)     /* lost, not just late: RFC 6928 2 */
        c->window.cwnd = 1; /* one segment: RFC 5681 3.1 */
    c->backoff = c->unanswered = 0;
}

/* At once. But if TCP_QUICKACK is 0, the application's first text is expected to carry the ACK. */
static void acknowledge_syn(struct tcp *t, struct tcp_conn *c)
{
    if (c->interactive)
        timer_ack(t, c, conn_ack_delay(t, c));
    else
        conn_schedule_ack(t, c, RILL_REASON_ACK_NOW);
}

enum rill_drop synsent_arrives(struct tcp *t, struct tcp_conn *c, const struct tcp_arrival *in,
                               struct tcp_reply *reply)
{
    const struct tcp_header *h = in->header;
    bool has_ack = h->flags & TCP_ACK;
    uint32_t acked = h->ack.n - c->iss.n;
    if (has_ack && (acked == 0 || acked > c->snd.nxt)) { /* first: EV-8, EV-9 */
        reset_reply(t, in, reply);
        return RILL_DROP_TCP_SYN_SENT;
    }
    if (h->flags & TCP_RST) { /* second: EV-10, EV-11 */
        if (!has_ack)
            return RILL_DROP_TCP_SYN_SENT;
        t->counters->value[RILL_TcpAttemptFails]++;
        conn_end(t, c, RILL_REASON_RESET, ECONNREFUSED);
        return RILL_DROP_NONE;
    }
    if (!(h->flags & TCP_SYN)) /* fifth: EV-14 */
        return RILL_DROP_TCP_SYN_SENT;
    /* Fourth. DEVIATION: text (without Fast Open) and FIN are not taken; the peer sends them
     * again. */
    take_syn(t, c, in);
    if (has_ack) { /* EV-12 */
        take_ack_of_syn(t, c, h);
        share_start(t, c);
        mtu_start(t, c);
        tcp_set_state(t, &c->sender.head, RILL_TCP_ESTABLISHED, RILL_REASON_SEGMENT);
        acknowledge_syn(t, c);
        fast_open_take_answer(t, c, h);
        if (c->fast_open) /* RFC 7413 4.2.2: the server MAY put data on its SYN-ACK */
            text_take_with_syn(t, c, in);
        conn_wake_owner(t, c, EVENT_STATE);
    } else { /* EV-13, MUST-10: simultaneous open. Our SYN is sent again, as a SYN-ACK */
        tcp_set_state(t, &c->sender.head, RILL_TCP_SYN_RECEIVED, RILL_REASON_SEGMENT);
        if (c->snd.nxt)
            flight_set_lost(&c->flight, 0);
        c->snd.end = max_of(c->snd.end, 1);
        c->backoff = c->unanswered = (uint8_t)rtt_syn_backoff(t->config, c->backoff);
        sender_join(t, &c->sender);
    }
    timer_restart(t, c);
    return RILL_DROP_NONE;
}
