#include "tcp/mtu.h"

#include "tcp/life.h"
#include "tcp/option.h"
#include "tcp/share.h"
#include "tcp/timer.h"

#define PROBE_WINDOW 11    /* MSS: below it, as in Linux, a lost probe would cost too much */
#define PROBE_TRAILERS 4   /* MSS sent behind a probe, so that its loss is detected: 7.4 */
#define TIME_OUT_PENALTY 5 /* 7.6.3 */

/* NULL: no search is active. */
static struct mtu_search *searching(const struct tcp_conn *c)
{
    return c->extras && c->extras->mtu.low ? &c->extras->mtu : NULL;
}

static bool is_probing(const struct tcp_conn *c)
{
    return searching(c) && c->extras->mtu_probe.to > c->extras->mtu_probe.from;
}

static uint32_t probe_text(const struct tcp_conn *c)
{
    return (uint32_t)(c->extras->mtu_probe.to - c->extras->mtu_probe.from);
}

/* The size of a segment with so much text and no SACK blocks. */
static uint16_t segment_of_text(const struct tcp_conn *c, uint32_t text)
{
    return (uint16_t)min_of(TCP_HEADER + option_bytes(c, 0) + text, UINT16_MAX);
}

/* No router may fragment its segments: a size that passes is one that the path carries. */
static bool is_indivisible(const struct tcp_conn *c)
{
    return ip4_discovery_sets_df(conn_discovery(c));
}

/* Neither the configuration nor the application forbids it. */
static bool may_search(const struct tcp *t, const struct tcp_conn *c)
{
    return t->config->mtu_probing != RILL_MTU_PROBING_OFF && is_indivisible(c);
}

static void forget_probe(struct tcp_conn *c)
{
    c->extras->mtu_probe = (struct range){0, 0};
}

/* RFC 4821 5.2: other connections to this destination need not search again. */
static void share(struct tcp *t, const struct tcp_conn *c)
{
    struct metrics_shared *m = is_indivisible(c) ? share_for(t, c) : NULL;
    if (m)
        m->mtu = c->extras->mtu;
}

void mtu_start(struct tcp *t, struct tcp_conn *c)
{
    const struct metrics_shared *m = share_find(t, c);
    bool known = m && m->mtu.low;
    if (!may_search(t, c) || (!known && t->config->mtu_probing != RILL_MTU_PROBING_ALWAYS))
        return;
    struct tcp_extras *x = conn_extras(t, c);
    if (x && known)
        x->mtu = m->mtu;
    else if (x)
        mtu_search_fall(&x->mtu, segment_of_text(c, t->config->base_mss), t->now);
}

/* The limit from the port, or from a router's ICMP error. */
static uint16_t reported_max(const struct tcp_conn *c, const struct tcp_path *path)
{
    bool all = ip4_discovery_heeds_icmp(conn_discovery(c));
    return all ? path->segment_max : path->port_segment_max;
}

uint32_t mtu_segment_max(const struct tcp_conn *c, const struct tcp_path *path)
{
    const struct mtu_search *s = searching(c);
    uint16_t reported = reported_max(c, path);
    return s ? min_of(reported, s->low) : reported;
}

/* No probe is outstanding, and only the search limits the segment size. */
static bool may_probe(const struct tcp_conn *c)
{
    return !is_probing(c) && c->mss == searching(c)->low - segment_of_text(c, 0);
}

/* RFC 4821 7.4: no loss, and nothing that would hide one. */
static bool is_calm(const struct tcp_conn *c)
{
    return c->busy && c->busy->recovery.state == RECOVERY_NONE && !flight_lost(&c->flight) &&
           may_probe(c);
}

enum mtu_probe mtu_probe_due(const struct tcp *t, const struct tcp_conn *c,
                             const struct tcp_path *path, uint32_t *text)
{
    if (!searching(c) || !may_search(t, c) || !is_calm(c))
        return MTU_NO_PROBE;
    uint32_t ceiling = min_of((uint32_t)c->peer_mss + TCP_HEADER, reported_max(c, path));
    uint16_t size = mtu_search_next(searching(c), (uint16_t)ceiling, t->now);
    if (!size)
        return MTU_NO_PROBE;
    *text = size - segment_of_text(c, 0);
    uint32_t needed = *text + PROBE_TRAILERS * c->mss;
    if (c->window.cwnd < max_of(needed, PROBE_WINDOW * c->mss) || c->snd.wnd < needed ||
        c->snd.end - c->snd.nxt < (position)needed)
        return MTU_NO_PROBE;
    bool room = c->snd.nxt + (position)needed <= c->snd.una + c->snd.wnd &&
                conn_in_flight(c) + *text <= c->window.cwnd;
    if (room)
        return MTU_PROBE_NOW;
    return c->snd.una < c->snd.nxt ? MTU_PROBE_SOON : MTU_NO_PROBE;
}

bool mtu_retransmits_whole(struct tcp_conn *c, const struct tcp_path *path, uint32_t index)
{
    if (!searching(c) || !c->extras->mtu_given_up || !c->busy || !c->sack || !may_probe(c))
        return false;
    if (c->busy->recovery.stopped_at == c->snd.una ||
        index + PROBE_TRAILERS >= flight_count(&c->flight))
        return false; /* the path is blocked, or too few segments follow to detect a loss */
    const struct flight_record *f = flight_at(&c->flight, index);
    uint16_t size = segment_of_text(c, f->length);
    return size >= c->extras->mtu_given_up && size <= reported_max(c, path) &&
           f->from + f->length <= c->snd.end && f->length <= c->window.cwnd;
}

void mtu_sent(struct tcp_conn *c, position from, position to)
{
    c->extras->mtu_probe = (struct range){from, to};
}

void mtu_take_ack(struct tcp *t, struct tcp_conn *c)
{
    if (!searching(c))
        return;
    if (is_probing(c) && c->snd.una >= c->extras->mtu_probe.to) {
        mtu_search_passed(&c->extras->mtu, segment_of_text(c, probe_text(c)), t->now);
        forget_probe(c);
        c->extras->mtu_given_up = 0;
        t->counters->value[RILL_TcpExtTCPMTUPSuccess]++;
        share(t, c);
    }
    bool likely = c->extras->mtu.low >= segment_of_text(c, t->config->base_mss);
    if (c->extras->mtu_guessed && likely) /* else the cause was probably an outage */
        share(t, c);
    c->extras->mtu_guessed = false;
}

static bool probe_is_lost(struct tcp_conn *c)
{
    uint32_t i = flight_find(&c->flight, c->extras->mtu_probe.from);
    return i < flight_count(&c->flight) && flight_at(&c->flight, i)->lost;
}

/* RFC 4821 7.6.2: the round trips between two congestion events, about as many as cwnd has
 * segments. */
static rill_time pause_after_failure(const struct tcp_conn *c)
{
    return RILL_MICROSECONDS(c->rtt.srtt) * (rill_time)(c->window.cwnd / max_of(c->mss, 1u));
}

static void probe_failed(struct tcp *t, struct tcp_conn *c, rill_time pause)
{
    uint16_t size = segment_of_text(c, probe_text(c));
    mtu_search_failed(&c->extras->mtu, size, pause, t->now);
    c->extras->mtu_given_up = 0;
    t->counters->value[RILL_TcpExtTCPMTUPFail]++;
    share(t, c);
}

bool mtu_take_loss(struct tcp *t, struct tcp_conn *c)
{
    if (!is_probing(c))
        return false;
    bool lost = probe_is_lost(c), alone = lost && flight_lost(&c->flight) == probe_text(c);
    if (alone || (lost && c->extras->mtu_given_up)) /* losses at a full stop prove nothing */
        probe_failed(t, c, pause_after_failure(c));
    forget_probe(c); /* 7.6.4: inconclusive if other data was lost, too */
    return alone;
}

/* The text expected to pass: what another connection has found, or base_mss. */
static uint32_t base_text(struct tcp *t, const struct tcp_conn *c)
{
    const struct metrics_shared *m = share_find(t, c);
    uint16_t min = segment_of_text(c, t->config->mtu_probe_floor);
    bool known = m && m->mtu.low >= min && m->mtu.low < segment_of_text(c, c->mss);
    return known ? m->mtu.low - segment_of_text(c, 0) : t->config->base_mss;
}

/* RFC 4821 7.7: first the text that is expected to pass, then half of it with each further
 * time-out, down to the floor. Only a segment longer than that can be lost in a black hole. 0:
 * shortening would not help. */
static uint32_t shorter_text(struct tcp *t, struct tcp_conn *c)
{
    uint32_t base = base_text(t, c), floor = t->config->mtu_probe_floor;
    uint32_t text = max_of(c->mss > base ? base : c->mss / 2u, floor);
    bool oldest_is_longer =
        flight_count(&c->flight) && flight_at(&c->flight, 0)->length > text && text < c->mss;
    return oldest_is_longer ? text : 0;
}

/* The peer has been silent since R1 without an ICMP error. An error restarts the count, because it
 * explains the silence. */
static bool is_full_stop(const struct tcp_conn *c)
{
    const struct recovery *r = c->busy ? &c->busy->recovery : NULL;
    return r && r->stopped_at == c->snd.una && r->stops >= TIMER_R1;
}

void mtu_time_out(struct tcp *t, struct tcp_conn *c)
{
    if (is_probing(c)) {
        if (c->snd.una == c->extras->mtu_probe.from) /* 7.6.3: no data before it was lost */
            probe_failed(t, c, TIME_OUT_PENALTY * pause_after_failure(c));
        forget_probe(c);
    }
    bool falls = t->config->mtu_probing != RILL_MTU_PROBING_OFF && is_full_stop(c);
    uint32_t text = falls ? shorter_text(t, c) : 0;
    struct tcp_extras *x = text ? conn_extras(t, c) : NULL;
    if (!x) /* without memory, the next time-out tries again */
        return;
    mtu_search_fall(&x->mtu, segment_of_text(c, text), t->now);
    x->mtu_guessed = true;
    x->mtu_given_up = max_of(x->mtu_given_up, segment_of_text(c, c->mss));
    c->mss = (uint16_t)text; /* the loss window is one segment that may pass */
}

void mtu_reported(struct tcp_conn *c)
{
    if (is_probing(c))
        forget_probe(c);
}
