#include "tcp/fastopen_active.h"

#include "tcp/life.h"
#include "tcp/metrics.h"
#include "tcp/timer.h"

#define SYN_OPTIONS 40 /* reserved for options, ours and a middlebox's, as in Linux */

/* What a SYN carries. */
enum use { USE_NOTHING, USE_REQUEST, USE_COOKIE, USE_TEXT_ALONE };

static bool opens_actively(const struct tcp_conn *c)
{
    return c->fast_open == FAST_OPEN_ASKS || c->fast_open == FAST_OPEN_BARE;
}

/* The destination's metrics, if this connection uses Fast Open; NULL: none. */
static struct metrics *metrics_of(struct tcp *t, const struct tcp_conn *c)
{
    return opens_actively(c) ? metrics_find(&t->metrics, c->sender.head.flow.remote) : NULL;
}

/* A cookie is valid only for the local address to which the server gave it (RFC 7413 4.1.3). */
static enum use choose_use(const struct tcp *t, const struct tcp_conn *c, const struct metrics *m)
{
    if (!opens_actively(c) || (m && m->fast_open.paused_until > t->now))
        return USE_NOTHING;
    if (c->fast_open == FAST_OPEN_BARE)
        return USE_TEXT_ALONE;
    bool known = m && m->fast_open.cookie.length &&
                 rill_address_equal(m->fast_open.local, c->sender.head.flow.local);
    return known ? USE_COOKIE : USE_REQUEST;
}

void tcp_fast_open_ask(struct tcp *t, struct tcp_conn *c, bool bare)
{
    bare = bare || t->config->fast_open & RILL_FAST_OPEN_CLIENT_NO_COOKIE;
    c->fast_open = bare ? FAST_OPEN_BARE : FAST_OPEN_ASKS;
}

uint32_t tcp_fast_open_room(struct tcp *t, const struct tcp_conn *c, uint16_t segment_max)
{
    const struct metrics *m = metrics_of(t, c);
    if (choose_use(t, c, m) < USE_COOKIE)
        return 0;
    uint32_t mss = segment_max - TCP_HEADER;
    if (m && m->mss)
        mss = min_of(mss, m->mss);
    if (c->peer_mss) /* TCP_MAXSEG */
        mss = min_of(mss, c->peer_mss);
    return mss > SYN_OPTIONS ? mss - SYN_OPTIONS : 0;
}

void tcp_fast_open_defer(struct tcp_conn *c)
{
    c->snd.end = 0; /* the SYN must not leave yet */
    list_remove(&c->sender.node);
    timer_stop(c);
}

void tcp_fast_open_release(struct tcp *t, struct tcp_conn *c)
{
    c->snd.end = 1;
    timer_restart(t, c);
    sender_join(t, &c->sender);
}

bool tcp_fast_open_is_deferred(const struct tcp_conn *c)
{
    return !c->dead && c->snd.end == 0;
}

void fast_open_write_syn(struct tcp *t, struct tcp_conn *c, struct tcp_options *o)
{
    const struct metrics *m = metrics_of(t, c);
    enum use use = choose_use(t, c, m);
    if (opens_actively(c) && use == USE_NOTHING)
        c->fast_open = FAST_OPEN_NONE;
    o->has_fast_open = use == USE_COOKIE || use == USE_REQUEST;
    if (use == USE_COOKIE)
        o->fast_open = m->fast_open.cookie;
    else if (use == USE_REQUEST)
        o->fast_open.experimental = m && m->fast_open.refusals == 1;
}

/* RFC 7413 4.1.3.1, 4.2.2: Fast Open is disabled for a destination that loses SYNs with the option,
 * for longer with each loss. The first loss may have another cause. Linux did the same, until it
 * disabled Fast Open for all destinations at once. */
static void note_loss_of_syn(const struct tcp *t, struct metrics *m)
{
    if (m->fast_open.losses < UINT8_MAX)
        m->fast_open.losses++;
    if (m->fast_open.losses > 1)
        m->fast_open.paused_until =
            t->now + (t->config->fast_open_pause << min_of(m->fast_open.losses - 2, 10));
}

/* What a SYN-ACK adds to the metrics. An unsolicited cookie is ignored. As in Linux, if the server
 * sends no cookie on request, the next request uses the experimental option, once. */
static void learn(const struct tcp *t, struct tcp_conn *c, const struct tcp_options *o,
                  struct metrics *m)
{
    bool text = c->snd.nxt > 1, refused = text && c->snd.una < c->snd.nxt;
    bool cookie = o->has_fast_open && o->fast_open.length && c->fast_open == FAST_OPEN_ASKS;
    bool again = c->total_retransmits > 0;
    if (o->has_mss)
        m->mss = o->mss;
    if (cookie) {
        m->fast_open.cookie = o->fast_open;
        m->fast_open.local = c->sender.head.flow.local;
    } else if (!again && !text && !m->fast_open.cookie.length && m->fast_open.refusals < 2) {
        m->fast_open.refusals++;
    }
    if (again && !cookie && refused)
        note_loss_of_syn(t, m);
    else
        m->fast_open.losses = 0;
}

void fast_open_repeat_text(struct tcp *t, struct tcp_conn *c)
{
    if (!opens_actively(c) || c->snd.una == c->snd.nxt)
        return;
    flight_clear(&c->flight, t->memory);
    c->snd.nxt = c->snd.una;
    conn_busy(t, c); /* for the retransmission; when the SYN's text was queued it was too early */
    sender_join(t, &c->sender);
}

void fast_open_take_answer(struct tcp *t, struct tcp_conn *c, const struct tcp_header *h)
{
    if (!opens_actively(c))
        return;
    struct metrics *m = metrics_for(&t->metrics, c->sender.head.flow.remote);
    if (m) /* else there is nothing to remember */
        learn(t, c, &h->options, m);
    c->syn_data = c->snd.nxt > 1 && c->snd.una == c->snd.nxt;
    t->counters->value[RILL_TcpExtTCPFastOpenActive] += c->syn_data;
    t->counters->value[RILL_TcpExtTCPFastOpenActiveFail] += c->snd.una < c->snd.nxt;
    fast_open_repeat_text(t, c);
}

void fast_open_unanswered(struct tcp *t, const struct tcp_conn *c)
{
    struct metrics *m = metrics_of(t, c);
    if (m && m->fast_open.cookie.length)
        note_loss_of_syn(t, m);
    t->counters->value[RILL_TcpExtTCPFastOpenActiveFail] += opens_actively(c);
}
