#include "tcp/check.h"

#include "tcp/timer.h"

/* A probe of the path is whole in the flight until its fate is known. */
static void check_probe(const struct tcp_conn *c)
{
    const struct range *probe = &c->extras->mtu_probe;
    if (probe->from == probe->to)
        return;
    assert(probe->to > c->snd.una);
    assert(probe->to <= c->snd.nxt);
    assert(c->extras->mtu.low);
}

/* Ring and marks of what has been received beyond a hole. */
static void check_received(const struct tcp_conn *c)
{
    assert(c->rcv.read <= conn_read_limit(c));
    assert(c->rcv.nxt <= c->rcv.edge || c->fin_received);
    assert(c->rcv.acked <= c->rcv.nxt);
    if (!c->busy)
        return;
    ranges_check(&c->busy->beyond);
    if (c->busy->beyond.count)
        assert(c->busy->beyond.range[0].from > c->rcv.nxt);
}

/* What is SACKed lies beyond SND.UNA, within what was sent. */
static void check_scoreboard(const struct tcp_conn *c)
{
    const struct ranges *sacked = &c->busy->recovery.sacked;
    ranges_check(sacked);
    if (!sacked->count)
        return;
    assert(sacked->range[0].from >= c->snd.una);
    assert(sacked->range[sacked->count - 1].to <= c->snd.nxt);
}

static void check_sent(const struct tcp_conn *c)
{
    if (c->busy)
        check_scoreboard(c);
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
    check_sent(c);
    if (s != RILL_TCP_SYN_SENT)
        check_received(c);
    assert(c->fin_received ==
           (s == RILL_TCP_CLOSE_WAIT || s == RILL_TCP_CLOSING || s == RILL_TCP_LAST_ACK));
    /* No timer is lost: what is unacknowledged is watched, and an armed deadline stands in the heap
     * in time. */
    if (c->snd.una < c->snd.nxt)
        assert(c->repair == REPAIR_RETRANSMIT || c->repair == REPAIR_REORDER ||
               c->repair == REPAIR_PROBE);
    assert(heap_time_of(&t->timers, &c->sender.wake) <= timer_next(c));
    if (c->snd.nxt < conn_send_limit(c) && c->snd.una == c->snd.nxt)
        assert(list_linked(&c->sender.node) || c->repair == REPAIR_PERSIST);
}
