#include "tcp/check.h"

#include "tcp/rack.h"
#include "tcp/timer.h"

/* A path MTU probe is one whole record of the flight until its fate is known. */
static void check_probe(const struct tcp_conn *c)
{
    const struct range *probe = &c->extras->mtu_probe;
    if (probe->from == probe->to)
        return;
    assert(probe->to > c->snd.una);
    assert(probe->to <= c->snd.nxt);
    assert(c->extras->mtu.low);
}

/* The receive ring and the ranges of out-of-order data. */
static void check_received(const struct tcp_conn *c)
{
    assert(c->rcv.read <= conn_read_limit(c));
    assert(c->rcv.nxt <= c->rcv.edge);
    assert(c->rcv.acked <= c->rcv.nxt);
    if (c->snd.una > 0 && c->rcv.acked < c->rcv.nxt) /* MUST-40: the ACK is pending */
        assert(c->acks_pending || c->ack_at != RILL_NEVER);
    if (!c->busy)
        return;
    ranges_check(&c->busy->beyond);
    if (c->busy->beyond.count)
        assert(c->busy->beyond.range[0].from > c->rcv.nxt);
}

/* SACKed ranges lie beyond SND.UNA, within the sent data, and match the marks of the records. */
static void check_scoreboard(const struct tcp_conn *c)
{
    const struct ranges *sacked = &c->busy->recovery.sacked;
    ranges_check(sacked);
    if (!sacked->count) {
        assert(flight_sacked_count(&c->flight) == 0);
        return;
    }
    assert(sacked->range[0].from >= c->snd.una);
    assert(sacked->range[sacked->count - 1].to <= c->snd.nxt);
    for (uint32_t i = 0; i < flight_count(&c->flight); i++) {
        const struct flight_record *r = flight_at(&c->flight, i);
        /* a block may have covered one half, before a split or an ACK cut the other off */
        bool split = r->lost || r->retransmitted || i == 0;
        bool reported = ranges_contains(sacked, (struct range){r->from, r->from + r->length});
        assert(r->sacked ? reported : !reported || split);
    }
}

/* RFC 6298 5.1 to 5.3: the timer starts with the oldest segment in flight, or later. Its duration
 * is not known here, but it is at least the minimum RTO. */
static void check_time_out(const struct tcp *t, const struct tcp_conn *c)
{
    const struct flight *f = &c->flight;
    if (!c->busy || !flight_count(f))
        return;
    assert(c->timer_at <= max_of(c->busy->rto_at, t->now)); /* a wake may be late */
    assert(c->busy->rto_at != RILL_NEVER);
    bool bounds_changed = c->extras && c->extras->minimum_rto; /* maybe since it was sent */
    if (c->backoff || flight_at(f, 0)->retransmitted || bounds_changed)
        return;
    assert(c->busy->rto_at >= flight_at(f, 0)->sent_at + t->config->minimum_rto);
}

static void check_sent(const struct tcp *t, const struct tcp_conn *c)
{
    if (c->busy)
        check_scoreboard(c);
    if (c->busy && c->sack)
        rack_check(c);
    check_time_out(t, c);
    assert(c->snd.una <= c->snd.nxt);
    assert(c->snd.nxt <= conn_send_limit(c));
    flight_check(&c->flight, c->snd.una, c->snd.nxt);
    if (c->extras)
        check_probe(c);
    if (fast_open_is_pending(c))
        assert(c->snd.una == 0);
    if (c->snd.end > max_of(c->snd.una, 1))
        assert(c->send_ring);
}

void tcp_check(const struct tcp *t, const struct tcp_conn *c)
{
    assert(c->sender.head.in_table == !c->dead);
    if (c->dead)
        return;
    enum rill_tcp_state s = conn_state(c);
    assert(s != RILL_TCP_LISTEN && s != RILL_TCP_TIME_WAIT && s != RILL_TCP_CLOSED);
    check_sent(t, c);
    if (s != RILL_TCP_SYN_SENT)
        check_received(c);
    assert(c->fin_received ==
           (s == RILL_TCP_CLOSE_WAIT || s == RILL_TCP_CLOSING || s == RILL_TCP_LAST_ACK));
    /* No timer is missing: unacknowledged data has a running timer, and an armed deadline is in the
     * heap early enough. */
    if (c->snd.una < c->snd.nxt)
        assert(c->timer == TIMER_RETRANSMIT || c->timer == TIMER_REORDER ||
               c->timer == TIMER_PROBE);
    assert(heap_time_of(&t->timers, &c->sender.wake) <= timer_next(c));
    if (c->snd.nxt < conn_send_limit(c) && c->snd.una == c->snd.nxt)
        assert(list_linked(&c->sender.node) || c->timer == TIMER_PERSIST);
}
