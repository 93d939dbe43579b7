#include "tcp/synsent.h"

#include "tcp/ack.h"
#include "tcp/buffer.h"
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/option.h"
#include "tcp/recovery.h"
#include "tcp/reset.h"
#include "tcp/settings.h"
#include "tcp/share.h"
#include "tcp/state.h"
#include "tcp/timer.h"

#include <errno.h>

/* What the peer's SYN says: its numbers, its options, its (never scaled) window. */
static void take_syn(struct tcp *t, struct tcp_conn *c, const struct tcp_header *h)
{
    struct negotiated n = option_negotiate(t, h);
    option_agree(t, c, &n);
    c->irs = h->seq;
    c->rcv.nxt = 1;
    c->rcv.acked = 0;
    c->rcv.edge = 1 + buffer_first_window(t, conn_buffers(c)); /* as our SYN has promised */
    c->ts_recent = h->options.timestamp_value;
    c->ts_recent_age = (uint32_t)(t->now / RILL_SECONDS(1));
    c->snd.wnd = c->snd.wnd_max = h->window;
    c->snd.wl1 = 0;
}

/* Our SYN is acknowledged: it leaves the flight, and the round trip is known. */
static void take_ack_of_syn(struct tcp *t, struct tcp_conn *c, const struct tcp_header *h)
{
    struct flight_record syn = flight_acknowledge(&c->flight, 1);
    c->snd.una = 1;
    rill_time rtt = ack_measure(t, c, &h->options, &syn);
    if (rtt)
        rtt_sample(&c->rtt, rtt);
    if (c->backoff > 1)     /* lost, not just late: RFC 6928 2 */
        c->window.cwnd = 1; /* one segment: RFC 5681 3.1 */
    c->backoff = c->unanswered = 0;
}

/* At once, unless TCP_QUICKACK is 0: then the application means to send the first text along with
 * it. */
static void acknowledge_syn(struct tcp *t, struct tcp_conn *c)
{
    if (c->interactive)
        timer_ack(t, c, t->config->delayed_ack);
    else
        conn_owe_ack(t, c, RILL_REASON_ACK_NOW);
}

enum rill_drop synsent_arrives(struct tcp *t, struct tcp_conn *c, const struct tcp_arrival *in,
                               struct tcp_reply *reply)
{
    const struct tcp_header *h = in->header;
    bool has_ack = h->flags & TCP_ACK;
    if (has_ack && h->ack.n != c->iss.n + 1) { /* first: EV-8, EV-9 (nothing but the SYN is out) */
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
    take_syn(
        t, c,
        h); /* fourth. DEVIATION: text and FIN on it are not taken; the peer sends them again */
    if (has_ack) { /* EV-12 */
        take_ack_of_syn(t, c, h);
        share_start(t, c);
        mtu_start(t, c);
        tcp_set_state(t, &c->sender.head, RILL_TCP_ESTABLISHED, RILL_REASON_SEGMENT);
        acknowledge_syn(t, c);
        conn_wake_owner(t, c);
    } else { /* EV-13, MUST-10: both opened at once. Our SYN goes again, as a SYN-ACK */
        tcp_set_state(t, &c->sender.head, RILL_TCP_SYN_RECEIVED, RILL_REASON_SEGMENT);
        flight_set_lost(&c->flight, 0);
        sender_join(t, &c->sender);
    }
    timer_restart(t, c);
    return RILL_DROP_NONE;
}
